"""Checking the books by what happened since the last check.

Counting every message takes minutes where there are a hundred million. Each change of
a message adds an event, so the events since the last check say which messages to look
at, and how the totals moved: whatever an event moves a message to, it moves it away
from what the event before it said.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    String,
    and_,
    any_,
    case,
    cast,
    exists,
    func,
    or_,
    select,
    true,
    union,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql.selectable import LateralFromClause

from loyalty.delivery.models import (
    CheckedRow,
    DetachedMonthRow,
    MessageEventRow,
    MessageKeyRow,
    MessageRow,
)
from loyalty.delivery.service.claiming import numbers
from loyalty.delivery.values import (
    PENDING,
    Books,
    MessageState,
    ReceiptEvent,
)

EVENTS_AT_ONCE: Final = 20_000
_SUSPECTS: Final = 1000


def check_books(
    session: Session, *, at_most: int = EVENTS_AT_ONCE
) -> tuple[Books, bool]:
    """
    Check the messages to which something happened, and count them in.

    Numbers of events are given before they are committed. So each check reads as far
    as the last one saw, and only when every transaction that ran then has ended.

    :returns: the totals and what is wrong so far, and whether there is more to check
    """
    session.execute(
        postgresql.insert(CheckedRow)
        .values(
            name="books",
            event_id=0,
            ceiling=0,
            ceiling_xid=0,
            planned=0,
            by_state={},
            suspects=[],
        )
        .on_conflict_do_nothing()
    )
    row = session.get_one(CheckedRow, "books", with_for_update=True)
    upto = row.ceiling if _settled(session, row.ceiling_xid) else row.event_id
    until = min(upto, row.event_id + at_most)
    window = (MessageEventRow.id > row.event_id, MessageEventRow.id <= until)
    if until > row.event_id:
        _count_in(session, row, window)
    odd = _odd(session, window, row.suspects)
    row.suspects = [message_id for message_id, _ in odd][:_SUSPECTS]
    row.event_id = until
    if until == row.ceiling:
        row.ceiling = session.scalar(select(func.max(MessageEventRow.id))) or 0
        row.ceiling_xid = session.scalars(select(_xid("xmax"))).one()
    session.flush()
    books = Books(
        planned=row.planned,
        by_state={MessageState(name): n for name, n in row.by_state.items() if n},
        problems=tuple(
            f"{count} messages {what}"
            for what, count in sorted(Counter(what for _, what in odd).items())
        ),
    )
    return books, until < upto


def _xid(end: str) -> ColumnElement[int]:
    """Return the first transaction that runs (xmin), or has not begun (xmax)."""
    read = getattr(func, f"pg_snapshot_{end}")
    return cast(cast(read(func.pg_current_snapshot()), String), BigInteger)


def _settled(session: Session, xid: int) -> bool:
    return session.scalars(select(_xid("xmin"))).one() >= xid


def _count_in(
    session: Session, row: CheckedRow, window: Sequence[ColumnElement[bool]]
) -> None:
    before = aliased(MessageEventRow)
    last = (
        select(before.state)
        .where(
            before.message_id == MessageEventRow.message_id,
            before.id < MessageEventRow.id,
        )
        .order_by(before.id.desc())
        .limit(1)
        .lateral("last")
    )
    moves = session.execute(
        select(MessageEventRow.state, last.c.state.label("before"), func.count())
        .select_from(MessageEventRow)
        .outerjoin(last, true())
        .where(*window)
        .group_by(MessageEventRow.state, last.c.state)
    )
    counts = Counter(row.by_state)
    for state, was, count in moves:
        counts[state.value] += count
        if was is None:
            row.planned += count
        else:
            counts[was.value] -= count
    row.by_state = dict(counts)


def _odd(
    session: Session,
    window: Sequence[ColumnElement[bool]],
    suspects: Sequence[int],
) -> list[tuple[int, str]]:
    """Say what is wrong with the messages of these events, and with the suspects."""
    ids = union(
        select(MessageEventRow.message_id.label("id")).where(*window),
        select(MessageRow.id).where(MessageRow.id == any_(numbers(suspects))),
    ).subquery("ids")
    told = _told(ids.c.id)
    found = (
        select(ids.c.id, _wrong(told).label("what"))
        .select_from(ids)
        .outerjoin(MessageRow, MessageRow.id == ids.c.id)
        .join(told, true())
        .subquery()
    )
    rows = session.execute(
        select(found.c.id, found.c.what).where(found.c.what.is_not(None))
    )
    return [(int(id_), str(what)) for id_, what in rows]


def _told(message_id: ColumnElement[int]) -> LateralFromClause:
    """Select the last state that a message's events tell, and how often it went."""
    last_first = postgresql.aggregate_order_by(
        cast(MessageEventRow.state, String), MessageEventRow.id.desc()
    )
    sent = MessageEventRow.state == MessageState.SENT
    bounced = MessageEventRow.receipt == ReceiptEvent.BOUNCED
    return (
        select(
            func.array_agg(last_first)[1].label("state"),
            func.count().filter(sent).label("sent"),
            func.count().filter(bounced).label("bounced"),
        )
        .where(MessageEventRow.message_id == message_id)
        .lateral("told")
    )


def _wrong(told: LateralFromClause) -> ColumnElement[str | None]:
    pending = MessageRow.state.in_(PENDING)
    ended = MessageRow.finished_at.is_not(None)
    # A claim is not noted: nothing has happened to the message yet.
    differs = and_(
        MessageRow.state != MessageState.CLAIMED,
        told.c.state.is_distinct_from(cast(MessageRow.state, String)),
    )
    key = exists().where(
        MessageKeyRow.customer_id == MessageRow.customer_id,
        MessageKeyRow.subject == MessageRow.subject,
        MessageKeyRow.occasion == MessageRow.occasion,
        MessageKeyRow.message_id == MessageRow.id,
    )
    gone = and_(MessageRow.id.is_(None), ~exists(select(DetachedMonthRow.month)))
    return case(
        (gone, "are gone although something happened to them"),
        (differs, "are in another state than their last event"),
        (or_(pending & ended, ~pending & ~ended), "are both pending and ended"),
        (told.c.sent > 1 + told.c.bounced, "were noted as sent more than once"),
        (MessageRow.id.is_not(None) & ~key, "have no key"),
        else_=None,
    )
