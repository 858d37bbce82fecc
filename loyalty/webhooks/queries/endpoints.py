"""Endpoints, and how they do."""

from collections import defaultdict
from collections.abc import Mapping

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from loyalty.core.errors import NotFound
from loyalty.webhooks.models import DeliveryRow, EndpointRow
from loyalty.webhooks.values import (
    DeliveryState,
    Endpoint,
    EndpointID,
    EventType,
    Health,
)


class EndpointNotFound(NotFound):
    """There is no such endpoint."""

    code = "webhook_not_found"


def list_endpoints(session: Session) -> tuple[Endpoint, ...]:
    """Return every endpoint, the oldest first."""
    rows = session.scalars(select(EndpointRow).order_by(EndpointRow.id))
    return tuple(_value(row) for row in rows)


def get_endpoint(session: Session, *, endpoint_id: EndpointID) -> Endpoint:
    """
    Return one endpoint.

    :raises EndpointNotFound: if there is none
    """
    row = session.get(EndpointRow, endpoint_id)
    if row is None:
        message = f"There is no webhook {endpoint_id}."
        raise EndpointNotFound(message)
    return _value(row)


def health_of(session: Session) -> Mapping[EndpointID, Health]:
    """Return how many deliveries of each endpoint are where; none is all zero."""
    counts: defaultdict[EndpointID, dict[DeliveryState, int]] = defaultdict(dict)
    for endpoint_id, state, count in session.execute(
        select(DeliveryRow.endpoint_id, DeliveryRow.state, func.count()).group_by(
            DeliveryRow.endpoint_id, DeliveryRow.state
        )
    ):
        counts[endpoint_id][state] = count
    return defaultdict(
        Health,
        {
            endpoint_id: Health(
                delivered=found.get(DeliveryState.DELIVERED, 0),
                failed=found.get(DeliveryState.FAILED, 0),
                waiting=found.get(DeliveryState.DUE, 0)
                + found.get(DeliveryState.SENDING, 0),
            )
            for endpoint_id, found in counts.items()
        },
    )


def _value(row: EndpointRow) -> Endpoint:
    return Endpoint(
        id=row.id,
        url=row.url,
        description=row.description,
        events=tuple(EventType(name) for name in row.events),
        state=row.state,
        why=row.why,
        created_at=row.created_at,
        created_by=row.created_by,
        failing_since=row.failing_since,
    )
