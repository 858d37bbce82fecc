"""What a promotion gives, in the language in use."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from loyalty.core.money import Money
from loyalty.core.texts import format_list, format_money, format_number, ngettext
from loyalty.core.texts import gettext as _
from loyalty.promotions import values as v
from loyalty.promotions.render.words import (
    NO_NAMES,
    Names,
    counted_words,
    percent_words,
    selector_words,
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
    cheapest = units.which is v.Which.CHEAPEST
    if units.at_most == 1:
        if cheapest:
            return _("%(what)s (the cheapest unit)", what=words)
        return _("%(what)s (the dearest unit)", what=words)
    if cheapest:
        return ngettext(
            "%(what)s (the %(n)s cheapest unit)",
            "%(what)s (the %(n)s cheapest units)",
            units.at_most,
            what=words,
        )
    return ngettext(
        "%(what)s (the %(n)s dearest unit)",
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
    return ngettext(
        "%(gift)s from %(n)s unit",
        "%(gift)s from %(n)s units",
        step.at_least,
        gift=gift,
    )


def _free_item(reward: v.FreeItem, names: Names) -> str:
    what = v.Counted(of=v.Selector(skus=(reward.sku,)), quantity=reward.quantity)
    return _("%(what)s free", what=counted_words(what, names))


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
