"""``bundle``: one of each part together cost a price."""

from loyalty.promotions.rules.goods import Goods
from loyalty.promotions.rules.plans import Lacking, Plan, Role, Sets, TogetherDownTo
from loyalty.promotions.values import Bundle, MissedReason, Selector


def selectors(reward: Bundle) -> tuple[Selector, ...]:
    """Return what the reward is about."""
    return tuple(part.of for part in reward.parts)


def plan(reward: Bundle, goods: Goods) -> Plan | Lacking:
    """Return sets of all parts, or how many units of which part are lacking."""
    for part in reward.parts:
        there = sum(goods.items[at].count for at in goods.usable(part.of))
        if there < part.quantity:
            return Lacking(
                reason=MissedReason.QUANTITY_SHORT,
                of=part.of,
                missing=part.quantity - there,
            )
    return Sets(
        roles=tuple(
            Role(of=part.of, quantity=part.quantity, reduced=True)
            for part in reward.parts
        ),
        saving=TogetherDownTo(price=reward.price.amount),
        ranked=False,
    )
