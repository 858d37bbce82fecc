"""What became of the messages of a campaign."""

from collections.abc import Mapping

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from loyalty.delivery.models import MessageRow
from loyalty.delivery.values import MessageState


def messages_by_state(
    session: Session, *, campaign_id: int
) -> Mapping[MessageState, int]:
    """Return how many messages of a campaign are in which state."""
    rows = session.execute(
        select(MessageRow.state, func.count())
        .where(MessageRow.campaign_id == campaign_id)
        .group_by(MessageRow.state)
    )
    return {state: count for state, count in rows}  # noqa: C416  # no pairs


def complaints(session: Session, *, campaign_id: int) -> int:
    """Return how many messages of a campaign were complained of."""
    counts = messages_by_state(session, campaign_id=campaign_id)
    return counts.get(MessageState.COMPLAINED, 0)
