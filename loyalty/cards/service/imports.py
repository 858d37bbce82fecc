"""Issuing many cards at once."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.orm import Session

from loyalty.cards.models import CardRow
from loyalty.cards.service.numbers import unused_numbers
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
    numbers = unused_numbers(session, prefix=prefix, count=len(customers))
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
