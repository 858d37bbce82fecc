"""Keeping planned hours when governments change their clocks."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from loyalty.core.periods import local_moment
from loyalty.core.zones import tzdata_version
from loyalty.delivery.models import MessageRow
from loyalty.delivery.service.notes import Note, note
from loyalty.delivery.values import MessageState

_AT_ONCE = 1000


def follow_clocks(session: Session, *, now: datetime) -> tuple[int, int]:
    """
    Look at messages planned with another tz database: their wall time is what counts.

    A message whose wall time has become another moment is moved there; one that was
    tried already waits for its next try and no hour, and is left alone. What no longer
    suits (quiet hours, the offer's end) the check before sending sees to.

    :returns: how many were looked at, which is 0 when all are up to date, and moved
    """
    version = tzdata_version()
    planned_with = MessageRow.planned_why["tzdata"].astext
    rows = session.scalars(
        select(MessageRow)
        .where(MessageRow.state == MessageState.PLANNED, planned_with != version)
        .limit(_AT_ONCE)
        .with_for_update(skip_locked=True)
    ).all()
    moved = [row for row in rows if _move(row)]
    for row in rows:
        row.planned_why = {**row.planned_why, "tzdata": version}
    session.flush()
    note(session, _notes(moved), now=now)
    return len(rows), len(moved)


def _move(row: MessageRow) -> bool:
    """Move a message to where its wall time is now; tell whether it moved."""
    local, zone = row.planned_why.get("local"), row.planned_why.get("zone")
    if row.attempts or not isinstance(local, str) or not isinstance(zone, str):
        return False
    wall, clocks = datetime.fromisoformat(local), ZoneInfo(zone)
    shown = row.due_at.astimezone(clocks).replace(tzinfo=None, microsecond=0)
    # A time that is shown twice may have meant its second showing: it still shows.
    if shown == wall:
        return False
    due_at = local_moment(wall, clocks)
    if row.late_at is not None:
        row.late_at += due_at - row.due_at
    row.due_at = due_at
    return True


def _notes(rows: Sequence[MessageRow]) -> list[Note]:
    return [
        Note(
            message_id=row.id,
            customer_id=row.customer_id,
            state=MessageState.PLANNED,
            details=row.planned_why,
        )
        for row in rows
    ]
