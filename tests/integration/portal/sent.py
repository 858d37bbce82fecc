"""Messages that have gone out, for the tests of what they lead to."""

from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from loyalty.customers.values import CustomerID
from loyalty.delivery.render import offer_parameters
from loyalty.delivery.service import plan_message
from loyalty.delivery.values import (
    DeliveryPolicy,
    MessageID,
    MessageKind,
    NewMessage,
)


def send_offer(
    session: Session,
    *,
    customer_id: CustomerID,
    offer_id: int | None,
    now: datetime,
) -> MessageID:
    """Plan a message about an offer, and have it sent an hour ago."""
    planned = plan_message(
        session,
        message=NewMessage(
            customer_id=customer_id,
            kind=MessageKind.SERVICE,
            template="offer",
            parameters=offer_parameters(
                shop="Corner",
                sentence="20% off coffee.",
                why="You often buy it.",
                terms="Once each.",
                valid_until=now + timedelta(days=5),
            ),
            subject=f"offer:{offer_id}",
            offer_id=offer_id,
        ),
        policy=DeliveryPolicy(),
        now=now,
    )
    session.execute(
        text(
            "update message set state = 'sent', attempts = 1, finished_at = :at"
            " where id = :id"
        ),
        {"at": now - timedelta(hours=1), "id": planned.id},
    )
    return planned.id
