"""Reduced prices that a promotion announces: on single articles, for everybody.

These are the price reductions of Directive 98/6/EC, Article 6a. What needs a code, an
offer made to somebody, a card, other goods or a threshold changes no article's price.
"""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from loyalty.core.money import Money, percent_of
from loyalty.promotions.rules.selecting import Item, items_of, matches
from loyalty.promotions.values import (
    AmountOff,
    Basket,
    BasketLine,
    FixedPrice,
    Per,
    PercentOff,
    Product,
    Promotion,
    Trigger,
)

_ONE: Final = Decimal(1)
_ANY_TIME: Final = datetime(2026, 1, 1, tzinfo=UTC)


def announces_prices(promotion: Promotion) -> bool:
    """Test whether the promotion reduces the price of articles for everybody."""
    reward = promotion.reward
    on_each = isinstance(reward, PercentOff | FixedPrice) or (
        isinstance(reward, AmountOff) and reward.per is Per.UNIT
    )
    return (
        on_each
        and promotion.trigger is Trigger.AUTOMATIC
        and promotion.audience is None
        and not promotion.requires
    )


def announced_price(
    promotion: Promotion, product: Product, price: Money
) -> Money | None:
    """
    Return what one unit, or kilogram, costs with a promotion that announces prices.

    :returns: None where it takes nothing off this article
    """
    item = _alone(product, price)
    reward = promotion.reward
    if not isinstance(reward, PercentOff | AmountOff | FixedPrice):
        return None
    if not item.discountable or not matches(reward.on, item):
        return None
    if isinstance(reward, PercentOff):
        off = percent_of(price.amount, reward.percent)
        off = min(off, reward.at_most.amount) if reward.at_most else off
    elif isinstance(reward, AmountOff):
        off = reward.amount.amount
    else:
        off = price.amount - reward.price.amount
    left = max(item.floor, price.amount - off)
    if left >= price.amount:
        return None
    return Money(amount=left, currency=price.currency)


def _alone(product: Product, price: Money) -> Item:
    line = BasketLine(line="1", sku=product.sku, quantity=_ONE, unit_price=price)
    basket = Basket(
        store="",
        sales_channel="",
        at=_ANY_TIME,
        currency=price.currency,
        lines=(line,),
    )
    (item,) = items_of(basket, {product.sku: product})
    return item
