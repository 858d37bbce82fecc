"""What a simulated shopper puts into the basket: pure, given the products."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from loyalty.core.money import Money
from loyalty.demo.dice import Dice
from loyalty.promotions.rules.selecting import items_of, matches
from loyalty.promotions.values import (
    AmountOff,
    Basket,
    BasketLine,
    BuyGet,
    FixedPrice,
    PercentOff,
    Product,
    Promotion,
    Selector,
)

_ONE = Decimal(1)
_ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)
"""Selectors do not look at the time."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Shelf:
    """What the shop sells now."""

    products: Mapping[str, Product]
    prices: Mapping[str, Money]


def as_before(lines: Iterable[tuple[str, Decimal]], shelf: Shelf) -> list[BasketLine]:
    """Return the basket of an earlier visit at today's prices."""
    return [
        BasketLine(
            line=str(place), sku=sku, quantity=quantity, unit_price=shelf.prices[sku]
        )
        for place, (sku, quantity) in enumerate(lines, start=1)
        if sku in shelf.prices
    ]


def with_offered(
    lines: list[BasketLine],
    *,
    fitting: Sequence[str],
    count: int,
    shelf: Shelf,
    dice: Dice,
) -> list[BasketLine]:
    """
    Return the basket with enough of an offered product to use the promotion.

    A product that is in the basket already is taken when it fits; else one that does.

    :param fitting: the skus that the promotion is about
    :param count: how many units use it once
    """
    if not fitting:
        return lines
    known = set(fitting)
    here = sorted({line.sku for line in lines} & known)
    sku = dice.pick("offered", here or fitting)
    have = sum((line.quantity for line in lines if line.sku == sku), Decimal())
    missing = Decimal(count) - have
    if missing <= 0:
        return lines
    added = BasketLine(
        line=str(len(lines) + 1),
        sku=sku,
        quantity=max(missing, _ONE),
        unit_price=shelf.prices[sku],
    )
    return [*lines, added]


def needed(promotion: Promotion) -> tuple[Selector | None, int]:
    """Return the units that a promotion is about, and how many use it once."""
    reward = promotion.reward
    if isinstance(reward, BuyGet):
        return reward.buy.of, reward.buy.quantity + reward.get.quantity
    if isinstance(reward, PercentOff | AmountOff | FixedPrice):
        return (None, 0) if reward.on.is_whole_basket else (reward.on, 1)
    return None, 0


def matching(selector: Selector, skus: Iterable[str], shelf: Shelf) -> tuple[str, ...]:
    """Return those of the skus that the selector matches, in order."""
    known = sorted(sku for sku in skus if sku in shelf.prices)
    if not known:
        return ()
    lines = [
        BasketLine(line=sku, sku=sku, quantity=_ONE, unit_price=shelf.prices[sku])
        for sku in known
    ]
    basket = Basket(
        store="",
        sales_channel="till",
        at=_ANY_TIME,
        currency=lines[0].unit_price.currency,
        lines=tuple(lines),
    )
    return tuple(
        item.line.sku
        for item in items_of(basket, shelf.products)
        if matches(selector, item)
    )
