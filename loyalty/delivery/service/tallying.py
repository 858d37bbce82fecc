"""Counting what happened, so that nobody who looks has to."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    case,
    cast,
    delete,
    func,
    insert,
    literal_column,
    select,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import ARRAY, array
from sqlalchemy.orm import Session
from sqlalchemy.types import BigInteger

from loyalty.delivery.models import BooksRow, MessageEventRow, MessageRow, TallyRow
from loyalty.delivery.rules.tallies import (
    HOURS_LAST,
    LATE_SECONDS,
    Counted,
    Stretch,
    end_of,
    next_stretch,
    start_of,
)
from loyalty.delivery.values import Books, MessageState, TallySpan

_LOCK = 0x10_7A_18  # any number, the same in every process


def tally(session: Session, *, now: datetime) -> bool:
    """
    Count one stretch of events; return whether there is more to count.

    The rows of a stretch are replaced as a whole, so that counting one twice changes
    nothing. Somebody else who counts just now is left to it.
    """
    if not session.scalar(select(func.pg_try_advisory_xact_lock(_LOCK))):
        return False
    # By number, which has an index; the first has the earliest moment, or nearly.
    first = session.scalar(
        select(MessageEventRow.at).order_by(MessageEventRow.id).limit(1)
    )
    if first is None:
        return False
    counted = Counted(
        minute=_end(session, TallySpan.MINUTE),
        hour=_end(session, TallySpan.HOUR) or _end(session, TallySpan.DAY),
    )
    stretch = next_stretch(counted=counted, first_event=first, now=now)
    if stretch is None:
        return False
    _count(session, stretch)
    _mark(session, stretch)
    if stretch.span is TallySpan.HOUR:
        _fold_days(session, now=now)
    return stretch.span is TallySpan.HOUR


def note_books(session: Session, *, books: Books, now: datetime) -> None:
    """Keep what a check of all messages found, for whoever looks next."""
    values = {
        "checked_at": now,
        "planned": books.planned,
        "by_state": {state.value: count for state, count in books.by_state.items()},
        "problems": list(books.problems),
    }
    session.execute(
        postgresql.insert(BooksRow)
        .values(name="last", **values)
        .on_conflict_do_update(index_elements=[BooksRow.name], set_=values)
    )


def _end(session: Session, span: TallySpan) -> datetime | None:
    last = session.scalar(
        select(func.max(TallyRow.starts_at)).where(TallyRow.span == span)
    )
    return None if last is None else end_of(span, last)


def _count(session: Session, stretch: Stretch) -> None:
    session.execute(
        delete(TallyRow).where(
            TallyRow.starts_at >= stretch.since,
            TallyRow.starts_at < stretch.until,
            TallyRow.span != TallySpan.DAY,
        )
    )
    columns = TallyRow.__table__.columns.keys()
    session.execute(insert(TallyRow).from_select(columns, _events(stretch)))


def _events(stretch: Stretch) -> Select[*tuple[Any, ...]]:
    """Select the tally's rows of a stretch, in the order of its columns."""
    event, message = MessageEventRow, MessageRow
    begun = func.date_trunc(stretch.span.value, event.at, "UTC").label("starts_at")
    channel = func.coalesce(cast(message.channel, String), "").label("channel")
    told = func.coalesce(event.details["provider"].astext, message.provider, "")
    provider = told.label("provider")
    # A receipt names the state it left the message in, which may be the old one.
    what = func.coalesce(cast(event.receipt, String), cast(event.state, String)).label(
        "what"
    )
    reason = func.coalesce(cast(event.reason, String), "").label("reason")
    sent = event.receipt.is_(None) & (event.state == MessageState.SENT)
    late = func.greatest(func.extract("epoch", event.at - message.due_at), 0)
    late_ms = func.round(func.sum(case((sent, late), else_=0)) * 1000)
    keys: list[ColumnElement[Any]] = [begun, channel, provider, what, reason]
    return (
        select(
            literal_column(f"'{stretch.span.value}'").label("span"),
            *keys,
            func.count().label("count"),
            cast(late_ms, BigInteger).label("late_ms"),
            array([func.count().filter(sent, late <= most) for most in LATE_SECONDS]),
        )
        .join_from(event, message, message.id == event.message_id)
        .where(event.at >= stretch.since, event.at < stretch.until)
        .group_by(*keys)
    )


def _mark(session: Session, stretch: Stretch) -> None:
    """Leave a row at the end, so that quiet times are not counted again."""
    one_step = end_of(stretch.span, stretch.since) - stretch.since
    session.execute(
        postgresql.insert(TallyRow)
        .values(
            span=stretch.span,
            starts_at=stretch.until - one_step,
            channel="",
            provider="",
            what="",
            reason="",
            count=0,
            late_ms=0,
            late=[0] * len(LATE_SECONDS),
        )
        .on_conflict_do_nothing()
    )


def _fold_days(session: Session, *, now: datetime) -> None:
    """Make days of hours that nobody looks at by the hour any more."""
    edge = start_of(TallySpan.DAY, now - HOURS_LAST)
    old = (TallyRow.span == TallySpan.HOUR, TallyRow.starts_at < edge)
    begun = func.date_trunc("day", TallyRow.starts_at, "UTC")
    keys = [TallyRow.channel, TallyRow.provider, TallyRow.what, TallyRow.reason]
    late = array(
        [
            func.sum(func.coalesce(TallyRow.late[n], 0))
            for n in range(1, 1 + len(LATE_SECONDS))
        ]
    )
    days = (
        select(
            literal_column("'day'"),
            begun,
            *keys,
            func.sum(TallyRow.count),
            func.sum(TallyRow.late_ms),
            cast(late, ARRAY(BigInteger)),
        )
        .where(*old)
        .group_by(begun, *keys)
    )
    columns = TallyRow.__table__.columns.keys()
    session.execute(insert(TallyRow).from_select(columns, days))
    session.execute(delete(TallyRow).where(*old))
