"""``bundle``: one of each part together cost a price."""

from loyalty.promotions.rules.goods import Goods
from loyalty.promotions.rules.plans import Lacking, Plan, Role, Sets, TogetherDownTo
from loyalty.promotions.rules.rewards.counting import units_lacking
from loyalty.promotions.values import Bundle, Selector


def selectors(reward: Bundle) -> tuple[Selector, ...]:
    """Return what the reward is about."""
    return tuple(part.of for part in reward.parts)


def plan(reward: Bundle, goods: Goods) -> Plan | Lacking:
    """Return sets of all parts, or how many units of which part are lacking."""
    lacking = units_lacking(reward.parts, goods)
    if lacking is not None:
        return lacking
    return Sets(
        roles=tuple(
            Role(of=part.of, quantity=part.quantity, reduced=True)
            for part in reward.parts
        ),
        saving=TogetherDownTo(price=reward.price.amount),
        ranked=False,
    )
