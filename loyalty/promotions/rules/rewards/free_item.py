"""``free_item``: units of a product that are in the basket are free."""

from loyalty.promotions.rules.goods import Goods
from loyalty.promotions.rules.plans import (
    WHOLE_PERCENTAGE,
    Cover,
    Lacking,
    Percentage,
    Plan,
)
from loyalty.promotions.values import FreeItem, MissedReason, Selector, Units, Which


def selectors(_reward: FreeItem) -> tuple[Selector, ...]:
    """Return nothing: it is of interest before the product is in the basket."""
    return (Selector(everything=True),)


def plan(reward: FreeItem, goods: Goods) -> Plan | Lacking:
    """Cover the cheapest units that are there, or hint to add them."""
    on = Selector(skus=(reward.sku,))
    if not goods.count_of(on):
        return Lacking(
            reason=MissedReason.QUANTITY_SHORT, of=on, missing=reward.quantity
        )
    return Cover(
        on=on,
        saving=Percentage(basis_points=WHOLE_PERCENTAGE),
        units=Units(at_most=reward.quantity, which=Which.CHEAPEST),
    )
