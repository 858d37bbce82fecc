"""
When points become available, and when they expire.

Both are by the calendar of the programme's zone. Points are good through the whole of
their last day: they expire at the first moment of the day after it.
"""

from datetime import date, datetime, timedelta, tzinfo

from loyalty.core.periods import at_minute, business_day, local_moment
from loyalty.stores.rules import LEAST_LIFETIME_DAYS
from loyalty.stores.values import Lifetime, PointsRule


def matures_at(rule: PointsRule, *, earned_at: datetime, zone: tzinfo) -> datetime:
    """Return the first moment at which points earned then can be spent."""
    if not rule.delay_days:
        return earned_at
    day = business_day(earned_at, zone) + timedelta(days=rule.delay_days)
    return _midnight(day, zone)


def expires_at(rule: PointsRule, *, earned_at: datetime, zone: tzinfo) -> datetime:
    """
    Return the moment at which points earned then expire unless they are spent.

    ``rolling`` and ``inactivity`` count days since they were earned (the latter anew
    since each activity); ``fixed_date`` is a day of the year, so many years on. After
    a delay there are always so many days left that two warnings fit in.
    """
    earned_on = business_day(earned_at, zone)
    match rule.lifetime:
        case Lifetime.ROLLING | Lifetime.INACTIVITY:
            last = earned_on + timedelta(days=rule.lifetime_days)
        case Lifetime.FIXED_DATE:
            last = _in_year(earned_on.year + rule.fixed_years, rule)
    least = earned_on + timedelta(days=rule.delay_days + LEAST_LIFETIME_DAYS)
    return _midnight(max(last, least) + timedelta(days=1), zone)


def last_day(expiry: datetime, zone: tzinfo) -> date:
    """Return the last day on which points with this expiry are good."""
    return business_day(expiry - timedelta(microseconds=1), zone)


def _in_year(year: int, rule: PointsRule) -> date:
    """Return the rule's day in a year; 29 February counts as the 28th in others."""
    try:
        return date(year, rule.fixed_month, rule.fixed_day)
    except ValueError:
        return date(year, rule.fixed_month, 28)


def _midnight(day: date, zone: tzinfo) -> datetime:
    return local_moment(at_minute(day, 0), zone)
