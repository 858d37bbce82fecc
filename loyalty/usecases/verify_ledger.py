"""Checking the books: of points, what purchases earned by rule, and of gift cards."""

from dataclasses import replace
from typing import Final

from sqlalchemy.orm import Session

from loyalty.giftcards.queries import verify as verify_gifts
from loyalty.points.queries.books import Audit, Wrong, verify
from loyalty.promotions.queries.earnings import wrong_earnings

_GIFTS: Final = 11
"""After the ten of the points."""

_SHOWN: Final = 5


def verify_ledger(session: Session) -> Audit:
    """
    Check all invariants of both ledgers, and say what is wrong and where.

    Reads alone; a transaction that sees one moment (``REPEATABLE READ``) keeps
    movements that are written meanwhile from being taken for mistakes.
    """
    audit = verify(session)
    found = (*audit.wrong, wrong_earnings(session), _wrong_gifts(session))
    wrong = [one for one in found if one is not None]
    return replace(audit, wrong=tuple(sorted(wrong, key=lambda one: one.invariant)))


def _wrong_gifts(session: Session) -> Wrong | None:
    problems = verify_gifts(session)
    if not problems:
        return None
    return Wrong(
        invariant=_GIFTS,
        rule="gift cards and stored value add up, and nothing is refunded twice",
        count=len(problems),
        where=problems[:_SHOWN],
    )
