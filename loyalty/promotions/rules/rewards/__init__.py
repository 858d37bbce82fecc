"""Every reward: a module each and a row in one table."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from loyalty.promotions.rules.goods import Goods
from loyalty.promotions.rules.plans import Lacking, Plan
from loyalty.promotions.rules.rewards import (
    amount_off,
    bundle,
    buy_get,
    fixed_price,
    free_delivery,
    free_item,
    percent_off,
    points,
    steps,
)
from loyalty.promotions.values import (
    AmountOff,
    Bundle,
    BuyGet,
    FixedPrice,
    FreeDelivery,
    FreeItem,
    PercentOff,
    PointsPlus,
    PointsTimes,
    Reward,
    Selector,
    Steps,
)

__all__ = ["REWARDS", "RewardRule", "plan", "selectors"]


@dataclass(frozen=True, kw_only=True, slots=True)
class RewardRule:
    """How a reward is priced: what it is about, and its plan for a basket."""

    selectors: Callable[[Any], tuple[Selector, ...]]
    plan: Callable[[Any, Goods], Plan | Lacking]


REWARDS: Mapping[type, RewardRule] = MappingProxyType(
    {
        module_reward: RewardRule(selectors=about, plan=planned)
        for module_reward, about, planned in (
            (PercentOff, percent_off.selectors, percent_off.plan),
            (AmountOff, amount_off.selectors, amount_off.plan),
            (FixedPrice, fixed_price.selectors, fixed_price.plan),
            (BuyGet, buy_get.selectors, buy_get.plan),
            (Bundle, bundle.selectors, bundle.plan),
            (Steps, steps.selectors, steps.plan),
            (FreeItem, free_item.selectors, free_item.plan),
            (FreeDelivery, free_delivery.selectors, free_delivery.plan),
            (PointsTimes, points.times_selectors, points.times_plan),
            (PointsPlus, points.plus_selectors, points.plus_plan),
        )
    }
)
"""How each reward of the document is priced."""


def selectors(reward: Reward) -> tuple[Selector, ...]:
    """Return the selectors of which one must match for the reward to be of interest."""
    return REWARDS[type(reward)].selectors(reward)


def plan(reward: Reward, goods: Goods) -> Plan | Lacking:
    """Return what the reward means for the goods, or what they lack for it."""
    return REWARDS[type(reward)].plan(reward, goods)
