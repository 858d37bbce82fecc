"""Sending again what was sent before: the same identifier, the same bytes."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from loyalty.core import audit
from loyalty.core.errors import Refused
from loyalty.webhooks.models import DeliveryRow, EventRow
from loyalty.webhooks.queries import get_delivery, get_endpoint
from loyalty.webhooks.service.recording import ring
from loyalty.webhooks.values import DeliveryID, DeliveryState, EndpointID


class DeliveryUnderWay(Refused):
    """The delivery is being sent at this moment."""

    code = "webhook_delivery_under_way"


def replay(
    session: Session, *, delivery_id: DeliveryID, actor: str, now: datetime
) -> None:
    """
    Send a delivery again, at once, with all tries before it.

    :raises DeliveryNotFound: if there is none, or not any more
    :raises DeliveryUnderWay: if a worker has it
    """
    get_delivery(session, delivery_id=delivery_id)
    changed = session.scalar(
        update(DeliveryRow)
        .where(
            DeliveryRow.id == delivery_id, DeliveryRow.state != DeliveryState.SENDING
        )
        .values(state=DeliveryState.DUE, due_at=None, tries=0)
        .returning(DeliveryRow.id)
    )
    if changed is None:
        message = "It is being sent just now: look again in a minute."
        raise DeliveryUnderWay(message)
    audit.record(
        session,
        now=now,
        actor=actor,
        action="webhook.replay",
        subject=f"webhook_delivery:{delivery_id}",
    )
    ring(session)


def replay_failed(
    session: Session,
    *,
    endpoint_id: EndpointID,
    since: datetime,
    actor: str,
    now: datetime,
) -> int:
    """
    Send everything again that was given up of what happened since a moment.

    :returns: how many deliveries
    :raises EndpointNotFound: if there is none
    """
    get_endpoint(session, endpoint_id=endpoint_id)
    happened = select(EventRow.id).where(EventRow.at >= since)
    changed = session.scalars(
        update(DeliveryRow)
        .where(
            DeliveryRow.endpoint_id == endpoint_id,
            DeliveryRow.state == DeliveryState.FAILED,
            DeliveryRow.event_id.in_(happened),
        )
        .values(state=DeliveryState.DUE, due_at=None, tries=0)
        .returning(DeliveryRow.id)
        .execution_options(synchronize_session=False)
    ).all()
    audit.record(
        session,
        now=now,
        actor=actor,
        action="webhook.replay_failed",
        subject=f"webhook:{endpoint_id}",
        after={"since": since.isoformat(), "deliveries": len(changed)},
    )
    if changed:
        ring(session)
    return len(changed)
