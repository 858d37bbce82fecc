"""
Writing down what happened, in the transaction of what it tells.

Nothing is written that no endpoint wants. Who wants what is read once a transaction.
"""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from loyalty.core import audit
from loyalty.core.jobs import enqueue
from loyalty.webhooks.models import DeliveryRow, EndpointRow, EventRow
from loyalty.webhooks.queries import get_endpoint
from loyalty.webhooks.rules import body_of, check_data
from loyalty.webhooks.values import (
    Data,
    DeliveryState,
    EndpointID,
    EndpointState,
    EventType,
)

Subscribers = Mapping[str, tuple[EndpointID, ...]]

_KNOWN: Final = "webhook_subscribers"
_RUNG: Final = "webhooks_rung"
_BATCH: Final = 2_000


def is_wanted(session: Session, kind: EventType) -> bool:
    """Test whether any endpoint wants such events; else there is nothing to tell."""
    return bool(_subscribers(session).get(kind))


def record(session: Session, kind: EventType, data: Data, *, now: datetime) -> None:
    """Tell of one event; it stands or falls with the transaction."""
    record_many(session, kind, [data], now=now)


def record_many(
    session: Session, kind: EventType, told: Sequence[Data], *, now: datetime
) -> None:
    """
    Tell of many events of one kind.

    :raises ValueError: if one does not hold what the table of events says
    """
    _write(session, kind, told, to=_subscribers(session).get(kind, ()), now=now)


def ping(
    session: Session, *, endpoint_id: EndpointID, actor: str, now: datetime
) -> None:
    """
    Send a test to one endpoint.

    :raises EndpointNotFound: if there is none
    """
    endpoint = get_endpoint(session, endpoint_id=endpoint_id)
    data: Data = {"endpoint": endpoint.id}
    _write(session, EventType.PING, [data], to=(endpoint.id,), now=now)
    audit.record(
        session,
        now=now,
        actor=actor,
        action="webhook.ping",
        subject=f"webhook:{endpoint.id}",
    )


def ring(session: Session) -> None:
    """Wake a sender once the transaction has committed, once for all it wrote."""
    if _RUNG not in session.info:
        session.info[_RUNG] = True
        enqueue(session, "send_webhooks")


def forget_subscribers(session: Session) -> None:
    """Read anew who wants what, after it was changed."""
    session.info.pop(_KNOWN, None)


def _write(
    session: Session,
    kind: EventType,
    told: Sequence[Data],
    *,
    to: Sequence[EndpointID],
    now: datetime,
) -> None:
    for data in told:
        check_data(kind, data)
    if not to or not told:
        return
    events = [
        {
            "id": f"evt_{secrets.token_hex(16)}",
            "type": kind,
            "at": now,
            "body": body_of(kind, data, at=now),
        }
        for data in told
    ]
    deliveries = [
        {
            "event_id": event["id"],
            "endpoint_id": endpoint_id,
            "state": DeliveryState.DUE,
            "due_at": None,
            "attempts": 0,
            "tries": 0,
        }
        for event in events
        for endpoint_id in to
    ]
    for start in range(0, len(events), _BATCH):
        session.execute(insert(EventRow), events[start : start + _BATCH])
    for start in range(0, len(deliveries), _BATCH):
        session.execute(insert(DeliveryRow), deliveries[start : start + _BATCH])
    ring(session)


def _subscribers(session: Session) -> Subscribers:
    known = session.info.get(_KNOWN)
    if isinstance(known, dict):
        return known
    found: dict[str, tuple[EndpointID, ...]] = {}
    for endpoint_id, events in session.execute(
        select(EndpointRow.id, EndpointRow.events)
        .where(EndpointRow.state != EndpointState.DISABLED)
        .order_by(EndpointRow.id)
    ):
        for name in events:
            found[name] = (*found.get(name, ()), endpoint_id)
    session.info[_KNOWN] = found
    return found
