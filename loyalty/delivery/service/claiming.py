"""Taking due messages for a while."""

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from loyalty.delivery.models import MessageRow
from loyalty.delivery.queries.pauses import paused
from loyalty.delivery.values import Claimed, MessageState

LEASE = timedelta(seconds=60)
"""How long a worker may hold a message before somebody else takes it."""


def claim_due(
    session: Session,
    *,
    channel: str,
    at_most: int,
    worker: str,
    now: datetime,
    machine_now: datetime,
) -> tuple[Claimed, ...]:
    """
    Take due messages of a channel, the longest due first, for one lease.

    Rows that another worker is taking are passed over, not waited for.
    """
    due = (
        select(MessageRow.id)
        .where(
            MessageRow.state == MessageState.PLANNED,
            MessageRow.channel == channel,
            MessageRow.due_at <= now,
            ~paused(),
        )
        .order_by(MessageRow.due_at)
        .limit(at_most)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    rows = session.execute(
        update(MessageRow)
        .where(MessageRow.id == due.c.id)
        .values(
            state=MessageState.CLAIMED,
            fence=MessageRow.fence + 1,
            worker=worker,
            lease_until=machine_now + LEASE,
        )
        .returning(
            MessageRow.id,
            MessageRow.customer_id,
            MessageRow.kind,
            MessageRow.channel,
            MessageRow.template,
            MessageRow.parameters,
            MessageRow.language,
            MessageRow.offer_id,
            MessageRow.campaign_id,
            MessageRow.variant,
            MessageRow.due_at,
            MessageRow.not_after,
            MessageRow.late_at,
            MessageRow.fence,
            MessageRow.attempts,
            MessageRow.handover_key,
        )
        .execution_options(synchronize_session=False)
    )
    claims = [Claimed(**row._asdict()) for row in rows]
    return tuple(sorted(claims, key=lambda claim: claim.id))
