"""Audiences in words, in the language in use."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from loyalty.core.texts import format_list, format_money, format_number, ngettext
from loyalty.core.texts import gettext as _
from loyalty.promotions import values as v
from loyalty.promotions.render.words import Names, category_words, one_of


def audience_words(audience: v.Audience, names: Names) -> str:
    """Return whom it is for, as what follows "customers who"."""
    return _WORDS[type(audience)](audience, names)


def _all_of(audience: v.AllOf, names: Names) -> str:
    return format_list([_grouped(part, names) for part in audience.parts])


def _any_of(audience: v.AnyOf, names: Names) -> str:
    return one_of([_grouped(part, names) for part in audience.parts])


def _grouped(audience: v.Audience, names: Names) -> str:
    words = audience_words(audience, names)
    if isinstance(audience, v.AllOf | v.AnyOf) and len(audience.parts) > 1:
        return f"({words})"
    return words


def _not(audience: v.Not, names: Names) -> str:
    return _("are not among those who %(who)s", who=_grouped(audience.part, names))


def _range(wanted: v.Range) -> str:
    low = None if wanted.at_least is None else format_number(wanted.at_least)
    high = None if wanted.below is None else format_number(wanted.below)
    return _between(low, high)


def _between(low: str | None, high: str | None) -> str:
    if low is None:
        return _("less than %(high)s", high=high)
    if high is None:
        return _("at least %(low)s", low=low)
    return _("at least %(low)s and less than %(high)s", low=low, high=high)


def _lately(words: str, days: int | None) -> str:
    if days is None:
        return words
    return ngettext(
        "%(words)s in the last day",
        "%(words)s in the last %(n)s days",
        days,
        words=words,
    )


def _member_for(audience: v.MemberForDays, _names: Names) -> str:
    return _("have been members for %(days)s days", days=_range(audience.days))


def _bought(audience: v.PurchaseCount, _names: Names) -> str:
    words = _("have bought %(times)s times", times=_range(audience.count))
    return _lately(words, audience.within_days)


def _spent(audience: v.Spent, _names: Names) -> str:
    low = None if audience.at_least is None else format_money(audience.at_least)
    high = None if audience.below is None else format_money(audience.below)
    words = _("have spent %(amount)s", amount=_between(low, high))
    return _lately(words, audience.within_days)


def _days_since(audience: v.DaysSincePurchase, _names: Names) -> str:
    return _("last bought %(days)s days ago", days=_range(audience.days))


def _birthday(audience: v.BirthdayWithinDays, _names: Names) -> str:
    if not audience.days:
        return _("have their birthday today")
    return ngettext(
        "have their birthday today or had it yesterday",
        "have their birthday today or had it in the last %(n)s days",
        audience.days,
    )


def _interested(audience: v.InterestedIn, names: Names) -> str:
    what = one_of([category_words(path, names) for path in audience.categories])
    return _("are interested in %(what)s", what=what)


_WORDS: Mapping[type, Callable[[Any, Names], str]] = MappingProxyType(
    {
        v.AllOf: _all_of,
        v.AnyOf: _any_of,
        v.Not: _not,
        v.InSegment: lambda a, _n: _("are in the group %(name)s", name=a.segment),
        v.InTier: lambda a, _n: _("have the tier %(name)s", name=a.tier),
        v.MemberForDays: _member_for,
        v.PurchaseCount: _bought,
        v.Spent: _spent,
        v.DaysSincePurchase: _days_since,
        v.BirthdayWithinDays: _birthday,
        v.InterestedIn: _interested,
        v.Speaks: lambda a, _n: _("have the language %(name)s", name=a.language),
        v.HomeStore: lambda a, names: _(
            "have the home store %(name)s", name=names.stores.get(a.store, a.store)
        ),
        v.HasCard: lambda a, _n: _("have a card") if a.has_card else _("have no card"),
    }
)
