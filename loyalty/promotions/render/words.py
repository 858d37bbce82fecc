"""Selectors, rewards and audiences in words, in the language in use."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from loyalty.core.money import Money
from loyalty.core.texts import format_list, format_money, format_number, ngettext
from loyalty.core.texts import gettext as _
from loyalty.promotions import values as v


@dataclass(frozen=True, kw_only=True, slots=True)
class Names:
    """What to call what has a key; without a name the key itself is written."""

    products: Mapping[str, str] = field(default_factory=dict)
    categories: Mapping[str, str] = field(default_factory=dict)
    """By path; no two the same, or the words would be about either."""

    stores: Mapping[str, str] = field(default_factory=dict)


NO_NAMES = Names()


def one_of(texts: tuple[str, ...] | list[str]) -> str:
    """Return texts joined by commas and "or"."""
    return format_list(list(texts), style="or")


def percent_words(percent: Decimal) -> str:
    """Return a percentage with all its decimals."""
    return _("%(number)s%%", number=format_number(percent))


def units_words(count: int) -> str:
    """Return so many units."""
    return ngettext("%(n)s unit", "%(n)s units", count)


def selector_words(selector: v.Selector, names: Names = NO_NAMES) -> str:
    """Return which units a selector matches, as ``Coffee by Nova``."""
    words = _("everything") if selector.everything else _narrow(selector, names)
    if selector.exclude is not None:
        return _(
            "%(what)s except %(exception)s",
            what=words,
            exception=selector_words(selector.exclude, names),
        )
    return words


def _narrow(selector: v.Selector, names: Names) -> str:
    if selector.skus is not None:
        words = one_of([names.products.get(sku, sku) for sku in selector.skus])
        if selector.categories is not None:
            inside = one_of(
                [category_words(path, names) for path in selector.categories]
            )
            words = _("%(what)s from %(categories)s", what=words, categories=inside)
    elif selector.categories is not None:
        words = one_of([category_words(path, names) for path in selector.categories])
    else:
        words = _("products")
    if selector.brands is not None:
        words = _("%(what)s by %(brands)s", what=words, brands=one_of(selector.brands))
    if selector.tags is not None:
        words = _("%(what)s marked %(tags)s", what=words, tags=one_of(selector.tags))
    low, high = selector.price_at_least, selector.price_below
    if low is not None:
        price = format_money(low)
        words = _("%(what)s that cost %(price)s or more", what=words, price=price)
    if high is not None:
        price = format_money(high)
        words = _("%(what)s that cost less than %(price)s", what=words, price=price)
    return words


def category_words(path: str, names: Names = NO_NAMES) -> str:
    """Return the category's name, or how its path reads: ``coffee (drinks)``."""
    named = names.categories.get(path)
    if named:
        return named
    above, _slash, name = path.rpartition("/")
    return f"{name} ({above})" if above else name


def distinct_names(names: Mapping[str, str]) -> dict[str, str]:
    """
    Return a name for each category that no other one has.

    A name that several share gets the name of what it belongs to in brackets, as
    ``Other (Dairy)``; if that is not enough, its path.

    :param names: the name of each category by its path
    """
    called = dict(names)
    for longer in (_with_parent, _with_path):
        shared = Counter(called.values())
        called = {
            path: longer(path, names) if shared[name] > 1 else name
            for path, name in called.items()
        }
    return called


def _with_parent(path: str, names: Mapping[str, str]) -> str:
    above = path.rpartition("/")[0]
    return f"{names[path]} ({names.get(above, above)})" if above else names[path]


def _with_path(path: str, names: Mapping[str, str]) -> str:
    return f"{names[path]} ({path})"


def counted_words(counted: v.Counted, names: Names = NO_NAMES) -> str:
    """Return so many units of a selector."""
    return _(
        "%(units)s of %(what)s",
        units=units_words(counted.quantity),
        what=selector_words(counted.of, names),
    )


def reward_words(reward: v.Reward, names: Names = NO_NAMES) -> str:
    """Return the reward as something to get, as ``20% off Coffee``."""
    return _REWARDS[type(reward)](reward, names)


def _percent_off(reward: v.PercentOff, names: Names) -> str:
    words = _(
        "%(percent)s off %(what)s",
        percent=percent_words(reward.percent),
        what=_with_units(reward.on, reward.units, names),
    )
    if reward.at_most is None:
        return words
    most = format_money(reward.at_most)
    return _("%(reward)s, at most %(amount)s", reward=words, amount=most)


def _amount_off(reward: v.AmountOff, names: Names) -> str:
    amount = format_money(reward.amount)
    what = _with_units(reward.on, reward.units, names)
    if reward.per is v.Per.UNIT:
        return _("%(amount)s off each unit of %(what)s", amount=amount, what=what)
    return _("%(amount)s off %(what)s together", amount=amount, what=what)


def _fixed_price(reward: v.FixedPrice, names: Names) -> str:
    return _(
        "%(what)s for %(price)s each",
        what=_with_units(reward.on, reward.units, names),
        price=format_money(reward.price),
    )


def _with_units(on: v.Selector, units: v.Units | None, names: Names) -> str:
    words = selector_words(on, names)
    if units is None:
        return words
    if units.which is v.Which.CHEAPEST:
        return ngettext(
            "%(what)s (the cheapest unit)",
            "%(what)s (the %(n)s cheapest units)",
            units.at_most,
            what=words,
        )
    return ngettext(
        "%(what)s (the dearest unit)",
        "%(what)s (the %(n)s dearest units)",
        units.at_most,
        what=words,
    )


def _buy_get(reward: v.BuyGet, names: Names) -> str:
    bought, got = counted_words(reward.buy, names), counted_words(reward.get, names)
    if reward.percent == Decimal(100):
        return _("%(get)s free for every %(buy)s bought", get=got, buy=bought)
    return _(
        "%(percent)s off %(get)s for every %(buy)s bought",
        percent=percent_words(reward.percent),
        get=got,
        buy=bought,
    )


def _bundle(reward: v.Bundle, names: Names) -> str:
    parts = format_list([counted_words(part, names) for part in reward.parts])
    price = format_money(reward.price)
    return _("%(parts)s together for %(price)s", parts=parts, price=price)


def _steps(reward: v.Steps, names: Names) -> str:
    what = selector_words(reward.on, names)
    steps = [_step(step) for step in reward.steps]
    return _("%(steps)s on %(what)s", steps=format_list(steps), what=what)


def _step(step: v.Step) -> str:
    gift = ""
    if step.percent is not None:
        gift = _("%(percent)s off", percent=percent_words(step.percent))
    if step.amount is not None:
        gift = _("%(amount)s off", amount=format_money(step.amount))
    if isinstance(step.at_least, Money):
        spend = format_money(step.at_least)
        return _("%(gift)s from a spend of %(spend)s", gift=gift, spend=spend)
    return _("%(gift)s from %(units)s", gift=gift, units=units_words(step.at_least))


def _free_item(reward: v.FreeItem, names: Names) -> str:
    what = names.products.get(reward.sku, reward.sku)
    return _(
        "%(units)s of %(what)s free", units=units_words(reward.quantity), what=what
    )


def _free_delivery(reward: v.FreeDelivery, _names: Names) -> str:
    if reward.at_most is None:
        return _("free delivery")
    most = format_money(reward.at_most)
    return _("up to %(amount)s off the delivery fee", amount=most)


def _points_times(reward: v.PointsTimes, names: Names) -> str:
    return _(
        "%(factor)s times the points on %(what)s",
        factor=format_number(reward.factor),
        what=selector_words(reward.on, names),
    )


def _points_plus(reward: v.PointsPlus, _names: Names) -> str:
    return ngettext("%(n)s extra point", "%(n)s extra points", reward.points)


_REWARDS: Mapping[type, Callable[[Any, Names], str]] = MappingProxyType(
    {
        v.PercentOff: _percent_off,
        v.AmountOff: _amount_off,
        v.FixedPrice: _fixed_price,
        v.BuyGet: _buy_get,
        v.Bundle: _bundle,
        v.Steps: _steps,
        v.FreeItem: _free_item,
        v.FreeDelivery: _free_delivery,
        v.PointsTimes: _points_times,
        v.PointsPlus: _points_plus,
    }
)
