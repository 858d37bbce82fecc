"""``amount_off``: an amount off each unit, or once over all of them."""

from loyalty.promotions.rules.goods import Goods
from loyalty.promotions.rules.plans import Cover, EachAmount, OneAmount, Plan, Whole
from loyalty.promotions.values import AmountOff, Per, Selector


def selectors(reward: AmountOff) -> tuple[Selector, ...]:
    """Return what the reward is about."""
    return (reward.on,)


def plan(reward: AmountOff, _goods: Goods) -> Plan:
    """Cover the units, or the whole basket when everything is meant."""
    amount = reward.amount.amount
    if reward.per is Per.UNIT:
        return Cover(on=reward.on, saving=EachAmount(amount=amount), units=reward.units)
    saving = OneAmount(amount=amount)
    if reward.on.is_whole_basket and reward.units is None:
        return Whole(saving=saving)
    return Cover(on=reward.on, saving=saving, units=reward.units)
