"""``steps``: the highest step that the matching units reach."""

from dataclasses import replace

from loyalty.core.money import Money
from loyalty.promotions.rules.goods import Goods
from loyalty.promotions.rules.plans import (
    Cover,
    Lacking,
    OneAmount,
    Percentage,
    Plan,
    Whole,
    basis_points,
)
from loyalty.promotions.values import MissedReason, Selector, Step, Steps, StepsBy


def selectors(reward: Steps) -> tuple[Selector, ...]:
    """Return what the reward is about."""
    return (reward.on,)


def plan(reward: Steps, goods: Goods) -> Plan | Lacking:
    """Return the step reached, measured before discounts, or what it lacks."""
    by_spend = reward.by is StepsBy.SPEND
    reached = goods.value_of(reward.on) if by_spend else goods.count_of(reward.on)
    steps = [step for step in reward.steps if _threshold(step) <= reached]
    if not steps:
        short = _threshold(reward.steps[0]) - reached
        if by_spend:
            first = reward.steps[0].at_least
            return Lacking(
                reason=MissedReason.SPEND_SHORT,
                of=reward.on,
                short_by=replace(first, amount=short)
                if isinstance(first, Money)
                else None,
            )
        return Lacking(reason=MissedReason.QUANTITY_SHORT, of=reward.on, missing=short)
    step = steps[-1]
    saving: Percentage | OneAmount
    if step.amount is not None:
        saving = OneAmount(amount=step.amount.amount)
    elif step.percent is not None:
        saving = Percentage(basis_points=basis_points(step.percent))
    else:
        message = "a step without percent and amount"
        raise ValueError(message)
    if reward.on.is_whole_basket:
        return Whole(saving=saving)
    return Cover(on=reward.on, saving=saving)


def _threshold(step: Step) -> int:
    """Return the step's threshold in minor units, or in units."""
    least = step.at_least
    return least.amount if isinstance(least, Money) else least
