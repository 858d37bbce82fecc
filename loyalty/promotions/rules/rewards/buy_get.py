"""``buy_get``: for each set bought, further units are reduced."""

from loyalty.promotions.rules.goods import Goods
from loyalty.promotions.rules.plans import (
    Lacking,
    Percentage,
    Plan,
    Role,
    Sets,
    basis_points,
)
from loyalty.promotions.rules.rewards.counting import units_lacking
from loyalty.promotions.values import BuyGet, Selector


def selectors(reward: BuyGet) -> tuple[Selector, ...]:
    """Return what the reward is about."""
    return (reward.buy.of, reward.get.of)


def plan(reward: BuyGet, goods: Goods) -> Plan | Lacking:
    """Return sets of paying and reduced units, or how many units a set lacks."""
    buy, get = reward.buy, reward.get
    lacking = units_lacking((buy, get), goods)
    if lacking is not None:
        return lacking
    return Sets(
        roles=(
            Role(of=buy.of, quantity=buy.quantity, reduced=False),
            Role(of=get.of, quantity=get.quantity, reduced=True),
        ),
        saving=Percentage(basis_points=basis_points(reward.percent)),
        ranked=True,
    )
