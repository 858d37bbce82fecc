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
from loyalty.promotions.render.words import (
    NO_NAMES,
    Names,
    one_of,
    reward_words,
    selector_words,
    units_words,
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


def house_rules(language: str, *, strategy: v.Strategy) -> str:
    """Write what holds for every promotion, from the programme's settings."""
    with use_language(language):
        rules = [
            _("Some products are never discounted, none below its lowest price."),
            _("Percentages are rounded half up once, on all they cover."),
        ]
        if strategy is v.Strategy.PRIORITY:
            rules.append(_("Offers are applied one after the other, by their rank."))
        else:
            rules.append(
                _("Of all combinations that are allowed you get the cheapest one.")
            )
        return " ".join(rules)


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
        return _("You must pay by %(ways)s.", ways=one_of(requirement.ways))
    if isinstance(requirement, v.Quantity):
        return _(
            "Your basket must hold at least %(units)s of %(what)s.",
            units=units_words(requirement.at_least),
            what=selector_words(requirement.of, names),
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
        windows = [window_words(window) for window in valid.weekly]
        yield _("Only on %(windows)s.", windows=format_list(windows))
    if valid.stores is not None:
        stores = [names.stores.get(store, store) for store in valid.stores]
        yield _("Only in store %(stores)s.", stores=one_of(stores))
    if valid.sales_channels is not None:
        channels = [channel_words(channel) for channel in valid.sales_channels]
        yield _("Only %(channels)s.", channels=one_of(channels))


def window_words(window: WeeklyWindow) -> str:
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


def channel_words(channel: str) -> str:
    """Return where one buys."""
    known = {
        "till": _("at the till"),
        "web": _("on the web"),
        "app": _("in the app"),
    }
    return known.get(channel, channel)


def _limits(limits: v.Limits) -> Iterator[str]:
    if limits.per_purchase is not None:
        yield ngettext(
            "Once in a purchase.",
            "At most %(n)s times in a purchase.",
            limits.per_purchase,
        )
    if limits.per_customer is not None:
        yield ngettext(
            "Once for each customer.",
            "At most %(n)s times for each customer.",
            limits.per_customer,
        )
    if limits.per_customer_per_day is not None:
        yield ngettext(
            "Once a day for each customer.",
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
