"""Issuing cards."""

from datetime import datetime

from sqlalchemy.orm import Session

from loyalty.cards import queries
from loyalty.cards.models import CardRow
from loyalty.cards.service.events import note
from loyalty.cards.service.numbers import unused_number
from loyalty.cards.values import Card, CardAction, CardState
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
        number=unused_number(session, prefix=prefix),
        state=CardState.ACTIVE,
        issued_at=now,
        issued_by=actor,
    )
    session.add(row)
    note(session, card=row, action=CardAction.ISSUED, actor=actor, now=now)
    return queries.to_value(row, customer_id)
