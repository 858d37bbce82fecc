"""``percent_off``: a percentage off the matching units."""

from loyalty.promotions.rules.goods import Goods
from loyalty.promotions.rules.plans import Cover, Percentage, Plan, Whole, basis_points
from loyalty.promotions.values import PercentOff, Selector


def selectors(reward: PercentOff) -> tuple[Selector, ...]:
    """Return what the reward is about."""
    return (reward.on,)


def plan(reward: PercentOff, _goods: Goods) -> Plan:
    """Cover the units, or the whole basket when everything is meant."""
    saving = Percentage(
        basis_points=basis_points(reward.percent),
        at_most=reward.at_most.amount if reward.at_most else None,
    )
    if reward.on.is_whole_basket and reward.units is None:
        return Whole(saving=saving)
    return Cover(on=reward.on, saving=saving, units=reward.units)
