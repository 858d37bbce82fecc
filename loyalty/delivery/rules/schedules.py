"""When a job that is rung again and again is next due."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from loyalty.core.periods import at_minute, business_day, local_moment

_A_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Schedule:
    """A job, and either an interval or a wall time at which it is rung."""

    name: str
    job: str
    arguments: dict[str, str | int | bool | None] = field(default_factory=dict)
    every: timedelta | None = None
    at_minute: int | None = None
    """Minutes since midnight in ``time_zone``, once a day."""

    time_zone: str = "UTC"


def next_ring(schedule: Schedule, *, now: datetime) -> datetime:
    """
    Return the first moment after ``now`` at which the job is due.

    Rings that were missed are not made up for: one is enough.

    :raises ValueError: if the schedule has neither an interval nor a time
    """
    if schedule.every is not None:
        return now + schedule.every
    if schedule.at_minute is None:
        message = f"schedule {schedule.name} never rings"
        raise ValueError(message)
    zone = ZoneInfo(schedule.time_zone)
    today = business_day(now, zone)
    at = local_moment(at_minute(today, schedule.at_minute), zone)
    if at > now:
        return at
    return local_moment(at_minute(today + _A_DAY, schedule.at_minute), zone)
