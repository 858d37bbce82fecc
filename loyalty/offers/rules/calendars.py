"""When a campaign runs next."""

import calendar
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from loyalty.core.periods import at_minute, business_day, local_moment
from loyalty.offers.values import Monthly, Trigger, Weekly

_A_DAY = timedelta(days=1)
_LOOK_AHEAD = 64
"""Days in which every weekday, and every day of a month, comes at least once."""


def next_run(
    trigger: Trigger, *, after: datetime, until: datetime, zone: ZoneInfo
) -> datetime | None:
    """
    Return the first moment of the trigger's calendar later than ``after``.

    Days and time are those of the programme's clock. A day that a month lacks is its
    last one; a time that the clocks skip is the first moment after the gap, and one
    that they show twice its first occurrence.

    :returns: None if none comes before ``until``, or the trigger has no calendar
    """
    if not isinstance(trigger, Weekly | Monthly):
        return None
    first = business_day(after, zone)
    for ahead in range(_LOOK_AHEAD):
        day = first + ahead * _A_DAY
        if not _is_on(trigger, day):
            continue
        moment = local_moment(at_minute(day, trigger.minute), zone)
        if moment > after:
            return moment if moment < until else None
    return None


def _is_on(trigger: Weekly | Monthly, day: date) -> bool:
    if isinstance(trigger, Weekly):
        return day.weekday() in trigger.days
    last = calendar.monthrange(day.year, day.month)[1]
    return day.day in {min(one, last) for one in trigger.days}


def first_hour(hour: int, *, after: datetime, zone: ZoneInfo) -> datetime:
    """Return the first moment, not before the given one, at which it is this hour."""
    today = business_day(after, zone)
    moments = [
        local_moment(at_minute(today + ahead * _A_DAY, hour * 60), zone)
        for ahead in range(2)
    ]
    return next(moment for moment in moments if moment >= after)
