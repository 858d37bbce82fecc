"""What the other modules share: events, places under the weekly cap, keys."""

import secrets
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnClause,
    Date,
    SmallInteger,
    bindparam,
    column,
    func,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from loyalty.customers.values import CustomerID
from loyalty.delivery.models import MessageEventRow, WeeklyUseRow
from loyalty.delivery.values import (
    Details,
    MessageID,
    MessageState,
    Reason,
    ReceiptEvent,
)

_CHANCE_BYTES = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class Note:
    """Something that happened to a message."""

    message_id: MessageID
    customer_id: CustomerID
    state: MessageState
    reason: Reason | None = None
    receipt: ReceiptEvent | None = None
    details: Details = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A place that a message wants, or holds, under a customer's weekly cap."""

    message_id: MessageID
    customer_id: CustomerID
    week: date
    cap: int


def new_handover_key(now: datetime) -> str:
    """
    Return a key that no other hand-over has: 48 bits of time, 80 of chance.

    Like a UUID of version 7 (RFC 9562) it grows with time, so that the index over
    millions of them is written at its end and not everywhere.
    """
    milliseconds = int(now.timestamp() * 1000)
    return f"{milliseconds:012x}{secrets.token_hex(_CHANCE_BYTES)}"


def note(session: Session, notes: Sequence[Note], *, now: datetime) -> None:
    """Add the events; they stand or fall with what they tell of."""
    if notes:
        session.execute(
            insert(MessageEventRow),
            [
                {
                    "message_id": event.message_id,
                    "customer_id": event.customer_id,
                    "at": now,
                    "state": event.state,
                    "receipt": event.receipt,
                    "reason": event.reason,
                    "details": event.details,
                }
                for event in notes
            ],
        )


def reserve(session: Session, places: Iterable[Place]) -> set[MessageID]:
    """
    Take a place for each message that finds one, and return those messages.

    One statement counts and takes, so that two workers never give the same last
    place to two messages. Several messages to one customer go one after another.
    """
    taken: set[MessageID] = set()
    waiting = sorted(
        (place for place in places if place.cap > 0),
        key=lambda place: (place.customer_id, place.week, place.message_id),
    )
    while waiting:
        turn: dict[tuple[CustomerID, date], Place] = {}
        later = []
        for place in waiting:
            key = (place.customer_id, place.week)
            if turn.setdefault(key, place) is not place:
                later.append(place)
        taken |= {turn[key].message_id for key in _take(session, turn)}
        waiting = later
    return taken


def refund(session: Session, held: Iterable[tuple[CustomerID, date]]) -> None:
    """Give places back, for messages that did not go out after all."""
    counts: defaultdict[tuple[CustomerID, date], int] = defaultdict(int)
    for key in held:
        counts[key] += 1
    for (customer_id, week), count in sorted(counts.items()):
        session.execute(
            update(WeeklyUseRow)
            .where(WeeklyUseRow.customer_id == customer_id, WeeklyUseRow.week == week)
            .values(used=WeeklyUseRow.used - count)
        )


def _take(
    session: Session, turn: Mapping[tuple[CustomerID, date], Place]
) -> list[tuple[CustomerID, date]]:
    places = turn.values()
    # One array a column: with a parameter for each value, reading the statement
    # would take longer than doing it.
    columns = (
        ("customer_id", BigInteger(), [place.customer_id for place in places]),
        ("week", Date(), [place.week for place in places]),
        ("cap", SmallInteger(), [place.cap for place in places]),
    )
    arrays = [
        bindparam(None, values, type_=ARRAY(kind), unique=True)
        for _, kind, values in columns
    ]
    names: list[ColumnClause[Any]] = [column(name, kind) for name, kind, _ in columns]
    wanted = func.unnest(*arrays).table_valued(*names).render_derived()
    asked = postgresql.insert(WeeklyUseRow).from_select(
        ["customer_id", "week", "cap", "used"],
        select(wanted.c.customer_id, wanted.c.week, wanted.c.cap, literal(1)),
    )
    given = asked.on_conflict_do_update(
        index_elements=[WeeklyUseRow.customer_id, WeeklyUseRow.week],
        set_={"used": WeeklyUseRow.used + 1, "cap": asked.excluded.cap},
        where=WeeklyUseRow.used < asked.excluded.cap,
    ).returning(WeeklyUseRow.customer_id, WeeklyUseRow.week)
    return [(customer_id, week) for customer_id, week in session.execute(given)]
