"""Deliveries and their attempts."""

import re
from datetime import datetime

from sqlalchemy import ColumnElement, Row, Select, and_, or_, select
from sqlalchemy.orm import Session

from loyalty.core.errors import NotFound
from loyalty.core.paging import Page, page_of
from loyalty.webhooks.models import AttemptRow, DeliveryRow, EndpointRow, EventRow
from loyalty.webhooks.values import (
    Attempt,
    Delivery,
    DeliveryID,
    DeliveryState,
    EndpointID,
    EndpointState,
)

PAGE = 50
_CURSOR = re.compile("[0-9]{1,18}", re.ASCII)


class DeliveryNotFound(NotFound):
    """There is no such delivery, or not any more."""

    code = "webhook_delivery_not_found"


def list_deliveries(
    session: Session,
    *,
    endpoint_id: EndpointID,
    state: DeliveryState | None = None,
    cursor: str | None = None,
    size: int = PAGE,
) -> Page[Delivery]:
    """Return a page of an endpoint's deliveries, the latest first."""
    rows = _select().where(DeliveryRow.endpoint_id == endpoint_id)
    if state is not None:
        rows = rows.where(DeliveryRow.state == state)
    if cursor is not None and _CURSOR.fullmatch(cursor):
        rows = rows.where(DeliveryRow.id < int(cursor))
    rows = rows.order_by(DeliveryRow.id.desc()).limit(size + 1)
    found = [_value(row) for row in session.execute(rows)]
    return page_of(found, size=size, cursor=lambda one: str(one.id))


def get_delivery(session: Session, *, delivery_id: DeliveryID) -> Delivery:
    """
    Return one delivery.

    :raises DeliveryNotFound: if there is none
    """
    row = session.execute(_select().where(DeliveryRow.id == delivery_id)).one_or_none()
    if row is None:
        message = f"There is no webhook delivery {delivery_id}."
        raise DeliveryNotFound(message)
    return _value(row)


def list_attempts(session: Session, *, delivery_id: DeliveryID) -> tuple[Attempt, ...]:
    """Return what was tried, the first first; a worker that was killed left none."""
    rows = session.scalars(
        select(AttemptRow)
        .where(AttemptRow.delivery_id == delivery_id)
        .order_by(AttemptRow.number)
    )
    return tuple(
        Attempt(
            number=row.number,
            at=row.at,
            headers=row.headers,
            body_sha256=row.body_sha256,
            milliseconds=row.milliseconds,
            status=row.status,
            answer=row.answer,
            error=row.error,
        )
        for row in rows
    )


def waiting_endpoints(
    session: Session, *, machine_now: datetime
) -> tuple[EndpointID, ...]:
    """Return the endpoints to which something can be sent now."""
    waits = select(DeliveryRow.id).where(
        DeliveryRow.endpoint_id == EndpointRow.id, can_be_sent(machine_now)
    )
    return tuple(
        session.scalars(
            select(EndpointRow.id)
            .where(EndpointRow.state == EndpointState.ACTIVE, waits.exists())
            .order_by(EndpointRow.id)
        )
    )


def can_be_sent(machine_now: datetime) -> ColumnElement[bool]:
    """Select what is due, and what a worker holds whose lease has ended."""
    return or_(
        and_(
            DeliveryRow.state == DeliveryState.DUE,
            or_(DeliveryRow.due_at.is_(None), DeliveryRow.due_at <= machine_now),
        ),
        and_(
            DeliveryRow.state == DeliveryState.SENDING,
            DeliveryRow.lease_until <= machine_now,
        ),
    )


def _select() -> Select[DeliveryRow, EventRow]:
    return select(DeliveryRow, EventRow).join(
        EventRow, EventRow.id == DeliveryRow.event_id
    )


def _value(row: Row[DeliveryRow, EventRow]) -> Delivery:
    delivery, event = row
    return Delivery(
        id=delivery.id,
        endpoint_id=delivery.endpoint_id,
        event_id=event.id,
        type=event.type,
        at=event.at,
        state=delivery.state,
        attempts=delivery.attempts,
        due_at=delivery.due_at,
        body=event.body,
    )
