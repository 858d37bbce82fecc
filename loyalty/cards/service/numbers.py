"""Numbers for new cards: random, from the operating system, never used before."""

import secrets
from collections.abc import Sequence

from sqlalchemy import ARRAY, Text, any_, literal, select, union_all
from sqlalchemy.orm import Session

from loyalty.cards import rules
from loyalty.cards.models import BlankCardRow, CardRow


def unused_numbers(session: Session, *, prefix: str, count: int) -> list[str]:
    """
    Return so many numbers that no card has, whether given out or only printed.

    Of two requests that draw the same number at once, which one in 10**9 does, the
    second is refused by the table's unique key.
    """
    room = 10 ** (rules.DIGITS - 1 - len(prefix))
    found: set[str] = set()
    while len(found) < count:
        drawn = {
            rules.card_number(prefix=prefix, random_part=secrets.randbelow(room))
            for _ in range(count - len(found))
        } - found
        found |= drawn - _taken(session, sorted(drawn))
    return list(found)


def unused_number(session: Session, *, prefix: str) -> str:
    """Return a number that no card has."""
    return unused_numbers(session, prefix=prefix, count=1)[0]


def _taken(session: Session, numbers: Sequence[str]) -> set[str]:
    if not numbers:
        return set()
    drawn = any_(literal(list(numbers), ARRAY(Text)))
    return set(
        session.scalars(
            union_all(
                select(CardRow.number).where(CardRow.number == drawn),
                select(BlankCardRow.number).where(BlankCardRow.number == drawn),
            )
        )
    )
