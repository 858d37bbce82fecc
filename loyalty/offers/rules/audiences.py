"""Whether a customer is in an audience."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from loyalty.core.periods import business_day
from loyalty.offers.values import (
    AtStore,
    Audience,
    BirthdayIn,
    BoughtFrom,
    Condition,
    EnrolledSince,
    HasPoints,
    InSegment,
    InterestedIn,
    InTier,
    LastPurchase,
    Speaks,
    Standing,
)


def meets(
    audience: Audience, customer: Standing, *, now: datetime, zone: ZoneInfo
) -> bool:
    """
    Test whether a customer meets all, any and none of what an audience asks.

    Days are those of the programme's clock. The database asks the same of everybody at
    once; a test holds the two together.
    """

    def met(condition: Condition) -> bool:
        return _TESTS[type(condition)](condition, customer, now, zone)

    return (
        all(met(one) for one in audience.all)
        and (not audience.any or any(met(one) for one in audience.any))
        and not any(met(one) for one in audience.none)
    )


def _has_points(
    asked: HasPoints, customer: Standing, _now: datetime, _zone: ZoneInfo
) -> bool:
    return (asked.at_least is None or customer.points >= asked.at_least) and (
        asked.at_most is None or customer.points <= asked.at_most
    )


def _enrolled(
    asked: EnrolledSince, customer: Standing, now: datetime, zone: ZoneInfo
) -> bool:
    joined = business_day(customer.enrolled_at, zone)
    return joined >= asked.since.on(business_day(now, zone))


def _last_purchase(
    asked: LastPurchase, customer: Standing, now: datetime, zone: ZoneInfo
) -> bool:
    if customer.last_purchase is None:
        return False
    today = business_day(now, zone)
    last = business_day(customer.last_purchase, zone)
    return (asked.before is None or last < asked.before.on(today)) and (
        asked.after is None or last > asked.after.on(today)
    )


def _bought(
    asked: BoughtFrom, customer: Standing, now: datetime, _zone: ZoneInfo
) -> bool:
    since = now - timedelta(days=asked.days)
    return any(
        since <= at <= now
        and any(
            path == wanted or path.startswith(f"{wanted}/")
            for wanted in asked.categories
        )
        for at, path in customer.bought
    )


_TESTS: Mapping[type, Callable[[Any, Standing, datetime, ZoneInfo], bool]] = {
    InSegment: lambda c, who, *_: not who.segments.isdisjoint(c.segments),
    AtStore: lambda c, who, *_: who.store in c.stores,
    Speaks: lambda c, who, *_: who.language in c.languages,
    InTier: lambda c, who, *_: who.tier in c.tiers,
    HasPoints: _has_points,
    EnrolledSince: _enrolled,
    LastPurchase: _last_purchase,
    BoughtFrom: _bought,
    BirthdayIn: lambda c, who, *_: who.birth_month in c.months,
    InterestedIn: lambda c, who, *_: not who.topics.isdisjoint(c.topics),
}
