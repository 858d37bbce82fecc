"""``fixed_price``: each matching unit costs that, never more than before."""

from loyalty.promotions.rules.goods import Goods
from loyalty.promotions.rules.plans import Cover, EachDownTo, Plan
from loyalty.promotions.values import FixedPrice, Selector


def selectors(reward: FixedPrice) -> tuple[Selector, ...]:
    """Return what the reward is about."""
    return (reward.on,)


def plan(reward: FixedPrice, _goods: Goods) -> Plan:
    """Cover the units."""
    saving = EachDownTo(price=reward.price.amount)
    return Cover(on=reward.on, saving=saving, units=reward.units)
