"""Whether delivery keeps up, and whether its books balance."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import exists, func, literal_column, or_, select, text
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from loyalty.customers.values import Channel
from loyalty.delivery.models import (
    DetachedMonthRow,
    HeartbeatRow,
    MessageEventRow,
    MessageKeyRow,
    MessageRow,
    WeeklyUseRow,
)
from loyalty.delivery.queries.pauses import not_paused, paused_scopes
from loyalty.delivery.values import (
    PENDING,
    WENT_OUT,
    Books,
    MessageState,
    ReceiptEvent,
)

_AN_HOUR = timedelta(hours=1)
_COUNTED = 10_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Heartbeat:
    """When a process last said that it is alive, by the machine's clock."""

    name: str
    kind: str
    at: datetime
    leads: bool


def count_due(session: Session, *, now: datetime) -> Mapping[Channel, int]:
    """Return how many messages of each channel are due, counted to 10,000 each."""
    scopes = paused_scopes(session)
    if "all" in scopes:
        return {}
    counts = {}
    for channel in Channel:
        if f"channel:{channel.value}" in scopes:
            continue
        due = (
            select(MessageRow.id)
            .where(
                MessageRow.state == literal_column("'planned'"),
                MessageRow.channel == channel,
                MessageRow.due_at <= now,
                *not_paused(scopes),
            )
            .limit(_COUNTED)
            .subquery()
        )
        count = session.scalar(select(func.count()).select_from(due))
        if count:
            counts[channel] = count
    return counts


def waits_for_upkeep(session: Session, *, now: datetime) -> tuple[bool, bool]:
    """Test whether something failed for good of late, and whether somebody may ask."""
    failed = exists().where(MessageRow.fall_back_at.is_not(None))
    in_doubt = exists().where(MessageRow.ask_at <= now)
    waits = session.execute(select(failed, in_doubt)).one()
    return bool(waits[0]), bool(waits[1])


def oldest_due(session: Session, *, now: datetime) -> datetime | None:
    """Return since when the message that waits longest has been due, or None."""
    return session.scalar(
        select(func.min(MessageRow.due_at)).where(
            MessageRow.state == MessageState.PLANNED, MessageRow.due_at <= now
        )
    )


def sent_last_hour(session: Session, *, now: datetime) -> int:
    """Return how many messages went out in the hour before ``now``."""
    count = select(func.count()).where(
        MessageRow.finished_at > now - _AN_HOUR,
        MessageRow.finished_at <= now,
        MessageRow.state.in_(WENT_OUT),
    )
    return session.scalar(count) or 0


def list_heartbeats(session: Session) -> tuple[Heartbeat, ...]:
    """Return the last sign of life of every process, the latest first."""
    rows = session.scalars(select(HeartbeatRow).order_by(HeartbeatRow.at.desc()))
    return tuple(
        Heartbeat(name=row.name, kind=row.kind, at=row.at, leads=row.leads)
        for row in rows
    )


def count_about(session: Session) -> int:
    """Return how many messages there are, as PostgreSQL reckons it."""
    reckoned = text(
        "SELECT coalesce(sum(greatest(c.reltuples, 0)), 0)::bigint FROM pg_inherits i"
        " JOIN pg_class c ON c.oid = i.inhrelid"
        " WHERE i.inhparent = to_regclass('message')"
    )
    return int(session.scalars(reckoned).one())


def verify(session: Session) -> Books:
    """
    Count every message and name what does not add up.

    Each wish that was taken in has one message; a message has ended or is pending,
    never both; what went out did so once; and the last thing noted of a message is
    the state that it is in.
    """
    keys = session.scalar(select(func.count()).select_from(MessageKeyRow)) or 0
    counts = select(MessageRow.state, func.count()).group_by(MessageRow.state)
    by_state = dict(session.execute(counts).all())
    problems = []
    aside = _set_aside(session)
    if keys != sum(by_state.values()) + aside:
        problems.append(f"{keys} keys for {sum(by_state.values()) + aside} messages")
    for found, what in (
        (_without_message(session) - aside, "keys without their message"),
        (_unfinished(session), "messages both pending and ended, or neither"),
        (_sent_twice(session), "messages noted as sent more than once"),
        (_untold(session), "messages whose state differs from the last event"),
        (_overdrawn(session), "weekly counts below zero"),
    ):
        if found:
            problems.append(f"{found} {what}")
    return Books(planned=keys, by_state=by_state, problems=tuple(problems))


def _set_aside(session: Session) -> int:
    """Count the messages of months that were detached."""
    states = session.scalars(select(DetachedMonthRow.states))
    return sum(sum(counts.values()) for counts in states)


def _without_message(session: Session) -> int:
    lost = (
        select(func.count())
        .select_from(MessageKeyRow)
        .outerjoin(MessageRow, MessageRow.id == MessageKeyRow.message_id)
        .where(MessageRow.id.is_(None))
    )
    return session.scalar(lost) or 0


def _unfinished(session: Session) -> int:
    pending = MessageRow.state.in_(PENDING)
    odd = select(func.count()).where(
        or_(
            pending & MessageRow.finished_at.is_not(None),
            ~pending & MessageRow.finished_at.is_(None),
        )
    )
    return session.scalar(odd) or 0


def _sent_twice(session: Session) -> int:
    """Count messages that went more often than they came back."""
    sent = func.count().filter(MessageEventRow.state == MessageState.SENT)
    bounced = func.count().filter(MessageEventRow.receipt == ReceiptEvent.BOUNCED)
    twice = (
        select(MessageEventRow.message_id)
        .group_by(MessageEventRow.message_id)
        .having(sent > 1 + bounced)
        .subquery()
    )
    return session.scalar(select(func.count()).select_from(twice)) or 0


def _untold(session: Session) -> int:
    last = (
        select(MessageEventRow.message_id, MessageEventRow.state)
        .ext(distinct_on(MessageEventRow.message_id))
        .order_by(MessageEventRow.message_id, MessageEventRow.id.desc())
        .subquery()
    )
    odd = (
        select(func.count())
        .select_from(MessageRow)
        .outerjoin(last, last.c.message_id == MessageRow.id)
        .where(
            # A claim is not noted: nothing has happened to the message yet.
            MessageRow.state != MessageState.CLAIMED,
            last.c.state.is_distinct_from(MessageRow.state),
            # Of an old message the events may have been set aside before it.
            last.c.state.is_not(None)
            | (MessageRow.planned_at >= _events_since(session)),
        )
    )
    return session.scalar(odd) or 0


def _events_since(session: Session) -> datetime:
    """Return from when on events are still there."""
    first = session.scalar(select(func.attached_months("message_event")).limit(1))
    return datetime.combine(first or date.min, time.min, UTC)


def _overdrawn(session: Session) -> int:
    below = select(func.count()).where(WeeklyUseRow.used < 0)
    return session.scalar(below) or 0
