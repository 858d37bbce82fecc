"""What the dispatcher keeps: schedules and signs of life."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from loyalty.delivery.models import HeartbeatRow, ScheduleRow
from loyalty.delivery.rules.schedules import Schedule, next_ring

_FORGOTTEN = timedelta(hours=1)


def keep_schedules(
    session: Session, *, schedules: Iterable[Schedule], now: datetime
) -> None:
    """Make the table hold these schedules and no others; known ones keep their turn."""
    wanted = {schedule.name: schedule for schedule in schedules}
    session.execute(delete(ScheduleRow).where(ScheduleRow.name.not_in(list(wanted))))
    for name, schedule in sorted(wanted.items()):
        fields = {
            "job": schedule.job,
            "arguments": schedule.arguments,
            "every_minutes": _minutes(schedule.every),
            "at_minute": schedule.at_minute,
            "time_zone": schedule.time_zone,
        }
        session.execute(
            postgresql.insert(ScheduleRow)
            .values(name=name, next_at=next_ring(schedule, now=now), **fields)
            .on_conflict_do_update(index_elements=[ScheduleRow.name], set_=fields)
        )


def take_due_schedules(session: Session, *, now: datetime) -> tuple[Schedule, ...]:
    """
    Return what is due and move each on to its next turn.

    The caller queues the jobs before it commits, so that a ring that can't be queued
    stays due; two dispatchers never take the same one.
    """
    rows = session.scalars(
        select(ScheduleRow)
        .where(ScheduleRow.next_at <= now)
        .order_by(ScheduleRow.name)
        .with_for_update(skip_locked=True)
    ).all()
    due = []
    for row in rows:
        every = row.every_minutes
        schedule = Schedule(
            name=row.name,
            job=row.job,
            arguments=row.arguments,
            every=None if every is None else timedelta(minutes=every),
            at_minute=row.at_minute,
            time_zone=row.time_zone,
        )
        row.rung_at = now
        row.next_at = next_ring(schedule, now=now)
        due.append(schedule)
    session.flush()
    return tuple(due)


def beat(
    session: Session, *, name: str, kind: str, leads: bool, machine_now: datetime
) -> None:
    """Note that a process is alive, and forget those long gone."""
    session.execute(
        postgresql.insert(HeartbeatRow)
        .values(name=name, kind=kind, at=machine_now, leads=leads)
        .on_conflict_do_update(
            index_elements=[HeartbeatRow.name],
            set_={"at": machine_now, "leads": leads},
        )
    )
    gone = HeartbeatRow.at < machine_now - _FORGOTTEN
    session.execute(delete(HeartbeatRow).where(gone))


def _minutes(every: timedelta | None) -> int | None:
    return None if every is None else int(every.total_seconds() // 60)
