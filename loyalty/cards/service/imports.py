"""Issuing many cards at once."""

import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from loyalty.cards import rules
from loyalty.cards.models import CardRow
from loyalty.cards.values import CardState
from loyalty.customers.values import CustomerID

_BATCH = 1_000


def issue_cards(
    session: Session,
    *,
    customers: Sequence[tuple[CustomerID, datetime]],
    prefix: str,
    actor: str,
) -> dict[CustomerID, str]:
    """
    Give each customer a card, issued at the moment named with them.

    :returns: the card numbers by customer
    """
    numbers = _unused_numbers(session, prefix, len(customers))
    rows = [
        {
            "customer_id": customer_id,
            "number": number,
            "state": CardState.ACTIVE,
            "issued_at": issued_at,
            "issued_by": actor,
        }
        for (customer_id, issued_at), number in zip(customers, numbers, strict=True)
    ]
    for start in range(0, len(rows), _BATCH):
        session.execute(insert(CardRow), rows[start : start + _BATCH])
    return {
        customer_id: number
        for (customer_id, _), number in zip(customers, numbers, strict=True)
    }


def _unused_numbers(session: Session, prefix: str, count: int) -> list[str]:
    room = 10 ** (rules.DIGITS - 1 - len(prefix))
    taken = set(
        session.scalars(select(CardRow.number).where(CardRow.number.startswith(prefix)))
    )
    found: list[str] = []
    while len(found) < count:
        number = rules.card_number(prefix=prefix, random_part=secrets.randbelow(room))
        if number not in taken:
            taken.add(number)
            found.append(number)
    return found
