"""The months that messages and their events are partitioned by.

Rows of a month that nobody made go to a partition for the rest (``months.message_rest``
in the database), so that planning never fails for want of one. Making the month later
moves them.
"""

from datetime import UTC, date, datetime

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from loyalty.delivery.models import DetachedMonthRow, MessageRow
from loyalty.delivery.rules.months import month_of, months_between, months_from
from loyalty.delivery.values import PENDING

AHEAD = 3
"""How many months are made before they begin."""

EVENTS_LONGER = 3
"""So many months events outlive messages, which are planned before they are due."""


def make_months(session: Session, *, now: datetime) -> tuple[str, ...]:
    """
    Make the present month and those ahead, as far as they are missing.

    :raises OperationalError: if somebody holds the tables for more than half a second;
        another try does no harm
    """
    return tuple(
        f"{table} {month:%Y-%m}"
        for month in months_from(month_of(now), AHEAD + 1)
        for table in ("message", "message_event")
        if session.scalar(select(func.make_month(table, month)))
    )


def detach_months(
    session: Session, *, kept_months: int, now: datetime
) -> tuple[str, ...]:
    """
    Set aside the months that are no longer kept, as tables of their own.

    A month in which something is still to come stays. The states of a month's messages
    are noted, so that the books still balance. The tables (``months.message_2026_11``)
    are left to whoever archives or drops them.

    :param kept_months: how many full months before the present one stay
    """
    present = month_of(now)
    detached = []
    for month in _months(session, "message"):
        old = months_between(month, present) > kept_months
        if old and _settle(session, month, now=now):
            session.execute(select(func.detach_month("message", month)))
            detached.append(f"message {month:%Y-%m}")
    for month in _months(session, "message_event"):
        if months_between(month, present) > kept_months + EVENTS_LONGER:
            session.execute(select(func.detach_month("message_event", month)))
            detached.append(f"message_event {month:%Y-%m}")
    return tuple(detached)


def _months(session: Session, table: str) -> list[date]:
    """Return the months that are attached, the oldest first."""
    return list(session.scalars(select(func.attached_months(table))))


def _settle(session: Session, month: date, *, now: datetime) -> bool:
    """Note how a month ended; False if it has not."""
    since = datetime(month.year, month.month, 1, tzinfo=UTC)
    until = datetime.combine(months_from(month, 2)[1], since.timetz())
    counts = (
        select(MessageRow.state, func.count())
        .where(MessageRow.due_at >= since, MessageRow.due_at < until)
        .group_by(MessageRow.state)
    )
    states = dict(session.execute(counts).all())
    if PENDING & states.keys():
        return False
    values = {state.value: count for state, count in states.items()}
    session.execute(
        postgresql.insert(DetachedMonthRow).values(
            month=month, states=values, detached_at=now
        )
    )
    return True
