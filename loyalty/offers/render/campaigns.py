"""What a campaign does and what it changed, in plain words of the language in use."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, Final

from babel.dates import get_day_names, get_month_names

from loyalty.core.money import Money
from loyalty.core.periods import minutes_text
from loyalty.core.texts import current_language, format_date, format_money, ngettext
from loyalty.core.texts import gettext as _
from loyalty.offers.rules import Difference
from loyalty.offers.values import (
    FIRST,
    AtStore,
    Audience,
    BirthdayIn,
    BoughtFrom,
    Condition,
    EnrolledSince,
    EventKind,
    HasPoints,
    InSegment,
    InterestedIn,
    InTier,
    LastPurchase,
    Monthly,
    OnEvent,
    Speaks,
    Trigger,
    Weekly,
    When,
)

Names = Mapping[str, str]
"""What codes of stores and paths of categories are called."""


def audience_lines(audience: Audience, names: Names) -> list[str]:
    """Return whom a campaign is for, a line for each thing that is asked."""
    if audience.is_everybody:
        return [_("Everybody who agreed to personal offers.")]

    def said(conditions: Iterable[Condition]) -> list[str]:
        return [_CONDITIONS[type(one)](one, names) for one in conditions]

    lines = [_("They %(condition)s.", condition=one) for one in said(audience.all)]
    if audience.any:
        either = _(" or ").join(said(audience.any))
        lines.append(_("At least one of: they %(conditions)s.", conditions=either))
    return lines + [
        _("Not those who %(condition)s.", condition=one) for one in said(audience.none)
    ]


def trigger_sentence(trigger: Trigger) -> str:
    """Return when a campaign runs."""
    match trigger:
        case Weekly():
            named = get_day_names("wide", locale=current_language())
            days = ", ".join(str(named[day]) for day in trigger.days)
            at = minutes_text(trigger.minute)
            return _("Every week on %(days)s at %(at)s.", days=days, at=at)
        case Monthly():
            days = ", ".join(str(day) for day in trigger.days)
            at = minutes_text(trigger.minute)
            return _("Every month on day %(days)s at %(at)s.", days=days, at=at)
        case OnEvent():
            return _EVENTS[trigger.event](trigger.days)
        case _:
            return _("Once, when it begins.")


def result_sentence(found: Difference, currency: str) -> str:
    """Return what an interval of spending says, in words and money."""
    low, high = (_money(edge, currency) for edge in (found.low, found.high))
    if found.low > 0:
        return _("Between %(low)s and %(high)s more per customer.", low=low, high=high)
    if found.high < 0:
        least, most = _money(-found.high, currency), _money(-found.low, currency)
        return _(
            "Between %(low)s and %(high)s less per customer.", low=least, high=most
        )
    return _(
        "Too early to say: between %(low)s less and %(high)s more per customer.",
        low=_money(-found.low, currency),
        high=high,
    )


def run_name(occasion: str) -> str:
    """Return what a run is called: its day."""
    if occasion == FIRST:
        return _("The only run")
    return format_date(date.fromisoformat(occasion), style="d MMMM y")


def _money(amount: float, currency: str) -> str:
    return format_money(Money(amount=round(amount), currency=currency))


def _day(when: When) -> str:
    if when.day is not None:
        return format_date(when.day, style="d MMMM y")
    return ngettext("%(n)s day ago", "%(n)s days ago", when.days_ago or 0)


def _listed(values: Iterable[str], names: Names) -> str:
    return ", ".join(names.get(one, one) for one in values)


def _points(asked: HasPoints, _names: Names) -> str:
    if asked.at_most is None:
        return ngettext(
            "have at least %(n)s point",
            "have at least %(n)s points",
            asked.at_least or 0,
        )
    if asked.at_least is None:
        return ngettext(
            "have at most %(n)s point", "have at most %(n)s points", asked.at_most
        )
    return _(
        "have %(least)s to %(most)s points", least=asked.at_least, most=asked.at_most
    )


def _last_purchase(asked: LastPurchase, _names: Names) -> str:
    if asked.before and asked.after:
        return _(
            "bought last after %(after)s and before %(before)s",
            after=_day(asked.after),
            before=_day(asked.before),
        )
    if asked.before:
        return _("bought last before %(day)s", day=_day(asked.before))
    return _("bought last after %(day)s", day=_day(asked.after or When()))


def _bought(asked: BoughtFrom, names: Names) -> str:
    return ngettext(
        "bought from %(what)s in the last %(n)s day",
        "bought from %(what)s in the last %(n)s days",
        asked.days,
        what=_listed(asked.categories, names),
    )


def _birthday(asked: BirthdayIn, _names: Names) -> str:
    named = get_month_names("wide", locale=current_language())
    months = ", ".join(str(named[month]) for month in asked.months)
    return _("have their birthday in %(months)s", months=months)


_CONDITIONS: Final[Mapping[type, Callable[[Any, Names], str]]] = {
    InSegment: lambda c, names: _(
        "are in a segment: %(list)s", list=_listed(c.segments, names)
    ),
    AtStore: lambda c, names: _("shop at: %(list)s", list=_listed(c.stores, names)),
    Speaks: lambda c, names: _(
        "are written to in: %(list)s", list=_listed(c.languages, names)
    ),
    InTier: lambda c, names: _("hold a tier: %(list)s", list=_listed(c.tiers, names)),
    HasPoints: _points,
    EnrolledSince: lambda c, _names: _("joined since %(day)s", day=_day(c.since)),
    LastPurchase: _last_purchase,
    BoughtFrom: _bought,
    BirthdayIn: _birthday,
    InterestedIn: lambda c, names: _(
        "told an interest in: %(list)s", list=_listed(c.topics, names)
    ),
}

_EVENTS: Final[Mapping[EventKind, Callable[[int], str]]] = {
    EventKind.BIRTHDAY: lambda days: ngettext(
        "For each customer, %(n)s day before their birthday.",
        "For each customer, %(n)s days before their birthday.",
        days,
    ),
    EventKind.FIRST_PURCHASE: lambda _days: _(
        "For each customer, at once after their first purchase."
    ),
    EventKind.LAPSED: lambda days: ngettext(
        "For each customer who has not bought for %(n)s day.",
        "For each customer who has not bought for %(n)s days.",
        days,
    ),
    EventKind.POINTS_EXPIRING: lambda days: ngettext(
        "For each customer with points that expire within %(n)s day.",
        "For each customer with points that expire within %(n)s days.",
        days,
    ),
}
