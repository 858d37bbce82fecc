"""
When points that were to expire really may, and when members are warned of it.

A member is warned 30 and 7 days before; whoever is warned late keeps the points so
much longer. Points never expire on the strength of a day on which the service was
down for more than an hour: their last day is the next one on which it was not.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta, tzinfo
from typing import Final

from loyalty.core.periods import (
    Period,
    at_minute,
    business_day,
    day_period,
    local_moment,
)
from loyalty.points.rules.lifetimes import last_day

FIRST_WARNING: Final = timedelta(days=30)
LAST_WARNING: Final = timedelta(days=7)
GATHERED: Final = timedelta(days=7)
"""A warning also names what expires within a week after what it is due for, so that
somebody who comes daily is not written to daily."""

AN_OUTAGE: Final = timedelta(hours=1)
"""A day with more than this is no day on which points expire."""

_A_DAY: Final = timedelta(days=1)


def warned_until(ahead: timedelta, *, now: datetime, zone: tzinfo) -> datetime:
    """
    Return the latest expiry that is to be warned of today, so many days ahead.

    What would expire before it is warned of too late, and lasts until then.

    :param ahead: whole days between today and the last day of the points
    """
    day = business_day(now, zone) + ahead
    return local_moment(at_minute(day + _A_DAY, 0), zone)


def downtime(
    day: date, up: Sequence[Period], *, zone: tzinfo, now: datetime
) -> timedelta:
    """
    Return how long the service was down on a day, as far as it has passed.

    :param up: the times through which it was up, apart from each other
    """
    whole = day_period(day, zone)
    start, until = _bounds(whole)
    until = min(until, now)
    if until <= start:
        return timedelta()
    covered = timedelta()
    for period in up:
        first, last = _bounds(period)
        covered += max(min(last, until) - max(first, start), timedelta())
    return until - start - covered


def moved_by_outages(
    expiry: datetime, up: Sequence[Period], *, zone: tzinfo, now: datetime
) -> datetime:
    """
    Return the expiry of points whose last day the service was down on.

    :returns: the end of the first day, not before their last one, on which it was up;
        the end of today when no day before was
    """
    day = last_day(expiry, zone)
    today = business_day(now, zone)
    while day < today and downtime(day, up, zone=zone, now=now) > AN_OUTAGE:
        day += _A_DAY
    return max(expiry, local_moment(at_minute(day + _A_DAY, 0), zone))


def _bounds(period: Period) -> tuple[datetime, datetime]:
    if period.start is None or period.until is None:
        message = "a time without a beginning or an end"
        raise ValueError(message)
    return period.start, period.until
