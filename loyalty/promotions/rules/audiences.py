"""Whether a customer is in an audience."""

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta, tzinfo
from types import MappingProxyType
from typing import Any

from loyalty.core.periods import business_day
from loyalty.promotions.values import (
    AllOf,
    AnyOf,
    Audience,
    BirthdayWithinDays,
    CustomerFacts,
    DaysSincePurchase,
    HasCard,
    HomeStore,
    InSegment,
    InterestedIn,
    InTier,
    MemberForDays,
    Not,
    PastPurchase,
    PurchaseCount,
    Range,
    Speaks,
    Spent,
)

_FEBRUARY = 2


def meets(
    audience: Audience, customer: CustomerFacts | None, *, at: datetime, zone: tzinfo
) -> bool:
    """
    Test whether the customer is in the audience; None is a basket without a card.

    Nothing is known about a basket without a card, so it is in no audience, not even
    in the opposite of one, but those that ask for no card.
    """
    return _judge(audience, customer, at, zone) is True


def _judge(
    audience: Audience, customer: CustomerFacts | None, at: datetime, zone: tzinfo
) -> bool | None:
    """Return true, false, or None where nothing is known (Kleene's logic)."""
    if isinstance(audience, AllOf | AnyOf):
        judged = [_judge(part, customer, at, zone) for part in audience.parts]
        decisive = isinstance(audience, AnyOf)
        if decisive in judged:
            return decisive
        return None if None in judged else not decisive
    if isinstance(audience, Not):
        inner = _judge(audience.part, customer, at, zone)
        return None if inner is None else not inner
    if isinstance(audience, HasCard):
        return (customer is not None) == audience.has_card
    if customer is None:
        return None
    return _CONDITIONS[type(audience)](audience, customer, at, zone)


def _within(number: int, wanted: Range) -> bool:
    return (wanted.at_least is None or number >= wanted.at_least) and (
        wanted.below is None or number < wanted.below
    )


def _member_for(
    wanted: MemberForDays, customer: CustomerFacts, at: datetime, zone: tzinfo
) -> bool:
    if customer.member_since is None:
        return False
    return _within((business_day(at, zone) - customer.member_since).days, wanted.days)


def _lately(
    purchases: Iterable[PastPurchase], at: datetime, days: int | None
) -> list[PastPurchase]:
    """Return the purchases before the moment, and not before so many days ago."""
    since = None if days is None else at - timedelta(days=days)
    return [p for p in purchases if p.at < at and (since is None or since <= p.at)]


def _bought(
    wanted: PurchaseCount, customer: CustomerFacts, at: datetime, _zone: tzinfo
) -> bool:
    lately = _lately(customer.purchases, at, wanted.within_days)
    return _within(len(lately), wanted.count)


def _spent(wanted: Spent, customer: CustomerFacts, at: datetime, _zone: tzinfo) -> bool:
    lately = _lately(customer.purchases, at, wanted.within_days)
    paid = sum(purchase.net.amount for purchase in lately)
    return _within(
        paid,
        Range(
            at_least=None if wanted.at_least is None else wanted.at_least.amount,
            below=None if wanted.below is None else wanted.below.amount,
        ),
    )


def _days_since(
    wanted: DaysSincePurchase, customer: CustomerFacts, at: datetime, zone: tzinfo
) -> bool:
    earlier = _lately(customer.purchases, at, None)
    if not earlier:
        return False
    last = max(purchase.at for purchase in earlier)
    days = business_day(at, zone) - business_day(last, zone)
    return _within(days.days, wanted.days)


def _birthday(
    wanted: BirthdayWithinDays, customer: CustomerFacts, at: datetime, zone: tzinfo
) -> bool:
    born = customer.birthday
    if born is None:
        return False
    today = business_day(at, zone)
    return any(
        0 <= (today - _in_year(born, year)).days <= wanted.days
        for year in (today.year, today.year - 1)
    )


def _in_year(born: date, year: int) -> date:
    try:
        return born.replace(year=year)
    except ValueError:  # 29 February counts as the 28th in other years
        return date(year, _FEBRUARY, 28)


def _interested(
    wanted: InterestedIn, customer: CustomerFacts, _at: datetime, _zone: tzinfo
) -> bool:
    return any(
        interest == category or interest.startswith(category + "/")
        for interest in customer.interests
        for category in wanted.categories
    )


_CONDITIONS: MappingProxyType[
    type, Callable[[Any, CustomerFacts, datetime, tzinfo], bool]
] = MappingProxyType(
    {
        InSegment: lambda a, customer, _at, _zone: a.segment in customer.segments,
        InTier: lambda a, customer, _at, _zone: a.tier == customer.tier,
        MemberForDays: _member_for,
        PurchaseCount: _bought,
        Spent: _spent,
        DaysSincePurchase: _days_since,
        BirthdayWithinDays: _birthday,
        InterestedIn: _interested,
        Speaks: lambda a, customer, _at, _zone: a.language == customer.language,
        HomeStore: lambda a, customer, _at, _zone: a.store == customer.home_store,
    }
)
