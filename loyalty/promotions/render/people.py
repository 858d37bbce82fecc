"""Audiences in words, in the language in use."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from loyalty.core.texts import (
    format_language,
    format_list,
    format_money,
    format_number,
    ngettext,
)
from loyalty.core.texts import gettext as _
from loyalty.promotions import values as v
from loyalty.promotions.render.words import (
    Names,
    called,
    category_words,
    one_called,
    one_of,
)


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


def _lately(words: str, days: int | None) -> str:
    if days is None:
        return words
    return ngettext(
        "%(words)s in the last %(n)s day",
        "%(words)s in the last %(n)s days",
        days,
        words=words,
    )


def _member_for(audience: v.MemberForDays, _names: Names) -> str:
    low, high = audience.days.at_least, audience.days.below
    if high is None:
        return ngettext(
            "have been members for at least %(n)s day",
            "have been members for at least %(n)s days",
            low or 0,
        )
    if low is None:
        return ngettext(
            "have been members for less than %(n)s day",
            "have been members for less than %(n)s days",
            high,
        )
    return ngettext(
        "have been members for at least %(low)s and less than %(n)s day",
        "have been members for at least %(low)s and less than %(n)s days",
        high,
        low=format_number(low),
    )


def _bought(audience: v.PurchaseCount, _names: Names) -> str:
    low, high = audience.count.at_least, audience.count.below
    if high is None:
        words = ngettext(
            "have bought at least %(n)s time",
            "have bought at least %(n)s times",
            low or 0,
        )
    elif low is None:
        words = ngettext(
            "have bought less than %(n)s time",
            "have bought less than %(n)s times",
            high,
        )
    else:
        words = ngettext(
            "have bought at least %(low)s and less than %(n)s time",
            "have bought at least %(low)s and less than %(n)s times",
            high,
            low=format_number(low),
        )
    return _lately(words, audience.within_days)


def _spent(audience: v.Spent, _names: Names) -> str:
    low = None if audience.at_least is None else format_money(audience.at_least)
    high = None if audience.below is None else format_money(audience.below)
    if high is None:
        words = _("have spent at least %(low)s", low=low)
    elif low is None:
        words = _("have spent less than %(high)s", high=high)
    else:
        words = _(
            "have spent at least %(low)s and less than %(high)s", low=low, high=high
        )
    return _lately(words, audience.within_days)


def _days_since(audience: v.DaysSincePurchase, _names: Names) -> str:
    low, high = audience.days.at_least, audience.days.below
    if high is None:
        return ngettext(
            "last bought at least %(n)s day ago",
            "last bought at least %(n)s days ago",
            low or 0,
        )
    if low is None:
        return ngettext(
            "last bought less than %(n)s day ago",
            "last bought less than %(n)s days ago",
            high,
        )
    return ngettext(
        "last bought at least %(low)s and less than %(n)s day ago",
        "last bought at least %(low)s and less than %(n)s days ago",
        high,
        low=format_number(low),
    )


def _birthday(audience: v.BirthdayWithinDays, _names: Names) -> str:
    if not audience.days:
        return _("have their birthday today")
    if audience.days == 1:
        return _("have their birthday today or had it yesterday")
    return ngettext(
        "have their birthday today or had it in the last %(n)s day",
        "have their birthday today or had it in the last %(n)s days",
        audience.days,
    )


def _interested(audience: v.InterestedIn, names: Names) -> str:
    what = one_called(category_words(path, names) for path in audience.categories)
    return _("are interested in %(what)s", what=what)


_WORDS: Mapping[type, Callable[[Any, Names], str]] = MappingProxyType(
    {
        v.AllOf: _all_of,
        v.AnyOf: _any_of,
        v.Not: _not,
        v.InSegment: lambda a, _n: _(
            "are in the group %(name)s", name=called(a.segment)
        ),
        v.InTier: lambda a, _n: _("have the tier %(name)s", name=called(a.tier)),
        v.MemberForDays: _member_for,
        v.PurchaseCount: _bought,
        v.Spent: _spent,
        v.DaysSincePurchase: _days_since,
        v.BirthdayWithinDays: _birthday,
        v.InterestedIn: _interested,
        v.Speaks: lambda a, _n: _(
            "have the language %(name)s", name=format_language(a.language)
        ),
        v.HomeStore: lambda a, names: _(
            "have the home store %(name)s",
            name=called(names.stores.get(a.store, a.store)),
        ),
        v.HasCard: lambda a, _n: _("have a card") if a.has_card else _("have no card"),
    }
)
