"""``points_times`` and ``points_plus``: more points, the same price."""

from decimal import Decimal

from loyalty.promotions.rules.goods import Goods
from loyalty.promotions.rules.plans import MorePoints, Plan
from loyalty.promotions.values import PointsPlus, PointsTimes, Selector


def times_selectors(reward: PointsTimes) -> tuple[Selector, ...]:
    """Return what the reward is about."""
    return (reward.on,)


def times_plan(reward: PointsTimes, _goods: Goods) -> Plan:
    """Multiply the points for the matching units."""
    return MorePoints(on=reward.on, factor=reward.factor, extra=0)


def plus_selectors(_reward: PointsPlus) -> tuple[Selector, ...]:
    """Return everything: any basket may earn."""
    return (Selector(everything=True),)


def plus_plan(reward: PointsPlus, _goods: Goods) -> Plan:
    """Add points."""
    return MorePoints(on=None, factor=Decimal(1), extra=reward.points)
