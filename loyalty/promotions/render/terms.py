"""The full conditions of a promotion in plain sentences, from the document itself."""

from collections.abc import Iterator
from datetime import date

from loyalty.core.periods import WeeklyWindow, at_minute
from loyalty.core.texts import (
    format_datetime,
    format_list,
    format_money,
    format_number,
    format_time,
    format_weekday,
    ngettext,
    use_language,
)
from loyalty.core.texts import gettext as _
from loyalty.promotions import values as v
from loyalty.promotions.render.people import audience_words
from loyalty.promotions.render.rewards import reward_words
from loyalty.promotions.render.words import (
    NO_NAMES,
    Names,
    called,
    counted_words,
    one_called,
    one_of,
    selector_words,
)

_TO_THE_MINUTE = "d MMMM y, HH:mm"
_ANY_DAY = date(2026, 1, 1)


def terms(promotion: v.Promotion, language: str, *, names: Names = NO_NAMES) -> str:
    """
    Write everything that decides whether and what the promotion gives.

    Rules outside the document (products never discounted, lowest prices, how the
    programme chooses) are ``house_rules``.
    """
    with use_language(language):
        return " ".join(_sentences(promotion, names))


def _sentences(promotion: v.Promotion, names: Names) -> Iterator[str]:
    yield _("You get %(reward)s.", reward=reward_words(promotion.reward, names))
    for requirement in promotion.requires:
        yield _requirement(requirement, names)
    if promotion.audience is not None:
        who = audience_words(promotion.audience, names)
        yield _("Only for customers who %(who)s.", who=who)
    yield {
        v.Trigger.AUTOMATIC: _("It applies by itself."),
        v.Trigger.CODE: _("It needs a code."),
        v.Trigger.PERSONAL: _("It is only for customers to whom it was offered."),
    }[promotion.trigger]
    yield from _validity(promotion.valid, names)
    yield from _limits(promotion.limits)
    yield {
        v.Combines.FREELY: _(
            "It may be combined with other offers that may be combined, "
            "also on the same units."
        ),
        v.Combines.NOT_ON_SAME_UNITS: _(
            "It may be combined with other offers, but not on the same units."
        ),
        v.Combines.ALONE: _("It cannot be combined with any other offer."),
    }[promotion.combines]
    if promotion.priority:
        rank = format_number(promotion.priority)
        yield _("Where offers are applied by rank, its rank is %(rank)s.", rank=rank)


def _requirement(requirement: v.Requirement, names: Names) -> str:
    if isinstance(requirement, v.Payment):
        ways = one_of([_way_words(way) for way in requirement.ways])
        return _("You must pay by %(ways)s.", ways=ways)
    if isinstance(requirement, v.Quantity):
        units = v.Counted(of=requirement.of, quantity=requirement.at_least)
        return _(
            "Your basket must hold at least %(units)s.",
            units=counted_words(units, names),
        )
    what = selector_words(requirement.on, names)
    spend = format_money(requirement.at_least)
    if requirement.counting is v.Counting.BEFORE_DISCOUNTS:
        return _(
            "You must spend at least %(spend)s on %(what)s, before discounts.",
            spend=spend,
            what=what,
        )
    return _(
        "You must spend at least %(spend)s on %(what)s, after discounts on products.",
        spend=spend,
        what=what,
    )


def _way_words(way: str) -> str:
    known = {
        "card": _("bank card"),
        "cash": _("cash"),
    }
    return known.get(way, called(way))


def _validity(valid: v.Validity, names: Names) -> Iterator[str]:
    start = valid.start and format_datetime(valid.start, style=_TO_THE_MINUTE)
    until = valid.until and format_datetime(valid.until, style=_TO_THE_MINUTE)
    if start and until:
        yield _(
            "Valid from %(start)s until %(until)s (excluded), by the store's clock.",
            start=start,
            until=until,
        )
    elif start:
        yield _("Valid from %(start)s on, by the store's clock.", start=start)
    elif until:
        yield _("Valid until %(until)s (excluded), by the store's clock.", until=until)
    if valid.weekly is not None:
        windows = [_window_words(window) for window in valid.weekly]
        yield _("Only on %(windows)s.", windows=format_list(windows))
    if valid.stores is not None:
        stores = one_called(names.stores.get(store, store) for store in valid.stores)
        yield _("Only in store %(stores)s.", stores=stores)
    if valid.sales_channels is not None:
        channels = [_channel_words(channel) for channel in valid.sales_channels]
        yield _("Only %(channels)s.", channels=one_of(channels))


def _window_words(window: WeeklyWindow) -> str:
    """Return days and hours, as ``Monday and Friday from 16:00 to 18:00``."""
    days = format_list([format_weekday(day) for day in sorted(window.days)])
    start, until = _clock(window.start), _clock(window.until)
    if window.until > window.start:
        return _(
            "%(days)s from %(start)s to %(until)s", days=days, start=start, until=until
        )
    return _(
        "%(days)s from %(start)s to %(until)s on the next day",
        days=days,
        start=start,
        until=until,
    )


def _clock(minutes: int) -> str:
    if minutes == 24 * 60:
        return _("midnight")
    return format_time(at_minute(_ANY_DAY, minutes).time())


def _channel_words(channel: str) -> str:
    known = {
        "till": _("at the till"),
        "web": _("on the web"),
        "app": _("in the app"),
    }
    return known.get(channel, called(channel))


def _limits(limits: v.Limits) -> Iterator[str]:
    if limits.per_purchase == 1:
        yield _("Once in a purchase.")
    elif limits.per_purchase is not None:
        yield ngettext(
            "At most %(n)s time in a purchase.",
            "At most %(n)s times in a purchase.",
            limits.per_purchase,
        )
    if limits.per_customer == 1:
        yield _("Once for each customer.")
    elif limits.per_customer is not None:
        yield ngettext(
            "At most %(n)s time for each customer.",
            "At most %(n)s times for each customer.",
            limits.per_customer,
        )
    if limits.per_customer_per_day == 1:
        yield _("Once a day for each customer.")
    elif limits.per_customer_per_day is not None:
        yield ngettext(
            "At most %(n)s time a day for each customer.",
            "At most %(n)s times a day for each customer.",
            limits.per_customer_per_day,
        )
    if limits.total is not None:
        yield ngettext(
            "It ends after %(n)s use.", "It ends after %(n)s uses.", limits.total
        )
    if limits.budget is not None:
        budget = format_money(limits.budget)
        yield _("It ends when %(budget)s have been given away.", budget=budget)
