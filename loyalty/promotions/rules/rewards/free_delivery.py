"""``free_delivery``: off the delivery fee."""

from loyalty.promotions.rules.goods import Goods
from loyalty.promotions.rules.plans import Delivery, Plan
from loyalty.promotions.values import FreeDelivery, Selector


def selectors(_reward: FreeDelivery) -> tuple[Selector, ...]:
    """Return everything: any basket may be delivered."""
    return (Selector(everything=True),)


def plan(reward: FreeDelivery, _goods: Goods) -> Plan:
    """Take the fee off, up to what is allowed."""
    return Delivery(at_most=reward.at_most.amount if reward.at_most else None)
