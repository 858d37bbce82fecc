"""Messages that wait at the till, as if they had been handed over."""

from datetime import datetime
from uuid import uuid4

from loyalty.core.database import Database
from loyalty.customers.values import Channel, CustomerID
from loyalty.delivery.models import MessageRow
from loyalty.delivery.queries.messages import story
from loyalty.delivery.render import offer_parameters
from loyalty.delivery.values import MessageID, MessageKind, MessageState


def add_waiting(
    database: Database,
    customer_id: CustomerID,
    *,
    sentence: str,
    now: datetime,
    not_after: datetime | None = None,
) -> tuple[MessageID, str]:
    """Add a message that was handed over to the tills; give its number and key."""
    row = MessageRow(
        customer_id=customer_id,
        kind=MessageKind.MARKETING,
        channel=Channel.TILL,
        template="offer",
        parameters=offer_parameters(
            shop="Lab market", sentence=sentence, why="", terms="", valid_until=now
        ),
        language="en",
        subject=f"offer:{uuid4().hex}",
        occasion="first",
        state=MessageState.SENT,
        due_at=now,
        not_after=not_after,
        handover_key=uuid4().hex,
        planned_why={},
        planned_at=now,
        finished_at=now,
    )
    with database.transaction() as session:
        session.add(row)
        session.flush()
        return row.id, row.handover_key


def state_of(database: Database, message_id: MessageID) -> MessageState:
    """Return how far a message has come."""
    with database.transaction() as session:
        return story(session, message_id=message_id).delivery.state
