"""What a sender does before and after the request, which no transaction spans."""

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from loyalty.core import audit
from loyalty.core.vault import vault_of
from loyalty.webhooks.models import (
    AttemptRow,
    DeliveryRow,
    EndpointRow,
    EventRow,
    SecretRow,
)
from loyalty.webhooks.queries import waiting_endpoints
from loyalty.webhooks.queries.deliveries import can_be_sent
from loyalty.webhooks.rules import DISABLE_AFTER, got_through, next_try
from loyalty.webhooks.service.endpoints import sealing_field
from loyalty.webhooks.values import (
    Claimed,
    DeliveryState,
    DisabledWhy,
    EndpointID,
    EndpointState,
    Tried,
)

LEASE: Final = timedelta(minutes=3)
"""How long a worker may hold a delivery before somebody else takes it."""

KEPT_FOR: Final = timedelta(days=30)
"""Events, and what became of them, are removed afterwards."""

_AT_ONCE: Final = 5_000


def claim(
    session: Session, *, at_most: int, machine_now: datetime
) -> tuple[Claimed, ...]:
    """
    Take deliveries that are due for one lease, as many of each endpoint.

    Rows that another worker is taking are passed over, not waited for.
    """
    waiting = waiting_endpoints(session, machine_now=machine_now)[:at_most]
    taken: list[DeliveryRow] = []
    for place, endpoint_id in enumerate(waiting):
        share = (at_most - len(taken)) // (len(waiting) - place)
        taken += _take(session, endpoint_id, share, machine_now)
    return _claims(session, taken, machine_now)


def settle(
    session: Session, *, tried: Tried, chance: float, machine_now: datetime
) -> bool:
    """
    Write down what came of an attempt, and when the next one is.

    :param chance: evenly spread from 0 to 1
    :returns: False if another worker took it meanwhile; then nothing is written
    """
    claimed = tried.claim
    delivered = got_through(tried.status)
    gone = tried.status == HTTPStatus.GONE
    wait = (
        None
        if delivered or gone
        else next_try(claimed.tries, chance=chance, retry_after=tried.retry_after)
    )
    state = DeliveryState.DELIVERED if delivered else DeliveryState.FAILED
    changed = session.scalar(
        update(DeliveryRow)
        .where(
            DeliveryRow.id == claimed.id,
            DeliveryRow.state == DeliveryState.SENDING,
            DeliveryRow.attempts == claimed.number,
        )
        .values(
            state=state if wait is None else DeliveryState.DUE,
            due_at=None if wait is None else machine_now + wait,
            lease_until=None,
        )
        .returning(DeliveryRow.id)
    )
    if changed is None:
        return False
    session.add(_attempt(tried))
    _judge(session, tried, machine_now=machine_now)
    return True


def prune(session: Session, *, now: datetime) -> int:
    """
    Remove a portion of the events that are older than 30 days, with their attempts.

    :returns: how many
    """
    old = (
        select(EventRow.id)
        .where(EventRow.at < now - KEPT_FOR)
        .order_by(EventRow.at)
        .limit(_AT_ONCE)
    )
    removed = session.scalars(
        delete(EventRow).where(EventRow.id.in_(old)).returning(EventRow.id)
    ).all()
    return len(removed)


def _take(
    session: Session, endpoint_id: EndpointID, at_most: int, machine_now: datetime
) -> Sequence[DeliveryRow]:
    due = (
        select(DeliveryRow.id)
        .where(DeliveryRow.endpoint_id == endpoint_id, can_be_sent(machine_now))
        .order_by(DeliveryRow.due_at.nulls_first(), DeliveryRow.id)
        .limit(at_most)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    return session.scalars(
        update(DeliveryRow)
        .where(DeliveryRow.id == due.c.id)
        .values(
            state=DeliveryState.SENDING,
            attempts=DeliveryRow.attempts + 1,
            tries=DeliveryRow.tries + 1,
            lease_until=machine_now + LEASE,
        )
        .returning(DeliveryRow)
        .execution_options(synchronize_session=False, populate_existing=True)
    ).all()


def _claims(
    session: Session, taken: Sequence[DeliveryRow], machine_now: datetime
) -> tuple[Claimed, ...]:
    endpoints = {row.endpoint_id for row in taken}
    urls = _urls(session, endpoints)
    secrets = _secrets(session, endpoints, machine_now)
    events = select(EventRow.id, EventRow.body).where(
        EventRow.id.in_({row.event_id for row in taken})
    )
    bodies = {event_id: body for event_id, body in session.execute(events)}  # noqa: C416  # no pairs
    return tuple(
        Claimed(
            id=row.id,
            endpoint_id=row.endpoint_id,
            event_id=row.event_id,
            url=urls[row.endpoint_id],
            body=bodies[row.event_id],
            number=row.attempts,
            tries=row.tries,
            secrets=secrets[row.endpoint_id],
        )
        for row in sorted(taken, key=lambda row: row.id)
    )


def _urls(session: Session, endpoints: set[EndpointID]) -> Mapping[EndpointID, str]:
    rows = session.execute(
        select(EndpointRow.id, EndpointRow.url).where(EndpointRow.id.in_(endpoints))
    )
    return {endpoint_id: url for endpoint_id, url in rows}  # noqa: C416  # no pairs


def _secrets(
    session: Session, endpoints: set[EndpointID], machine_now: datetime
) -> Mapping[EndpointID, tuple[str, ...]]:
    """Return the secrets in force, the newest first."""
    vault = vault_of(session)
    found: defaultdict[EndpointID, tuple[str, ...]] = defaultdict(tuple)
    for row in session.scalars(
        select(SecretRow)
        .where(
            SecretRow.endpoint_id.in_(endpoints),
            or_(SecretRow.ends_at.is_(None), SecretRow.ends_at > machine_now),
        )
        .order_by(SecretRow.id.desc())
    ):
        secret = vault.open(sealing_field(row.endpoint_id), row.sealed)
        found[row.endpoint_id] = (*found[row.endpoint_id], secret)
    return found


def _attempt(tried: Tried) -> AttemptRow:
    return AttemptRow(
        delivery_id=tried.claim.id,
        number=tried.claim.number,
        at=tried.at,
        headers=dict(tried.headers),
        body_sha256=hashlib.sha256(tried.claim.body.encode()).hexdigest(),
        milliseconds=tried.milliseconds,
        status=tried.status,
        answer=tried.answer,
        error=tried.error,
    )


def _judge(session: Session, tried: Tried, *, machine_now: datetime) -> None:
    """Note how the endpoint does; disable it when it is gone, or fails for days."""
    row = session.get_one(EndpointRow, tried.claim.endpoint_id, with_for_update=True)
    if got_through(tried.status):
        row.failing_since = None
        return
    row.failing_since = row.failing_since or machine_now
    if tried.status == HTTPStatus.GONE:
        why = DisabledWhy.GONE
    elif machine_now - row.failing_since >= DISABLE_AFTER:
        why = DisabledWhy.FAILING
    else:
        return
    if row.state is EndpointState.DISABLED:
        return
    row.state, row.why = EndpointState.DISABLED, why
    audit.record(
        session,
        now=machine_now,
        actor="system",
        action="webhook.disable",
        subject=f"webhook:{row.id}",
        after={"why": why.value},
    )
