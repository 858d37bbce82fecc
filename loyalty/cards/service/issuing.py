"""Issuing cards."""

import secrets
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from loyalty.cards import queries, rules
from loyalty.cards.models import CardRow
from loyalty.cards.values import Card, CardState
from loyalty.customers.values import CustomerID


def issue_card(
    session: Session,
    *,
    customer_id: CustomerID,
    prefix: str,
    actor: str,
    now: datetime,
) -> Card:
    """Give the customer a new card with an unused random number."""
    row = CardRow(
        customer_id=customer_id,
        number=_unused_number(session, prefix),
        state=CardState.ACTIVE,
        issued_at=now,
        issued_by=actor,
    )
    session.add(row)
    session.flush()
    return queries.to_value(row)


def _unused_number(session: Session, prefix: str) -> str:
    room = 10 ** (rules.DIGITS - 1 - len(prefix))
    while True:
        number = rules.card_number(prefix=prefix, random_part=secrets.randbelow(room))
        taken = select(CardRow.id).where(CardRow.number == number)
        if session.scalar(taken) is None:
            return number
