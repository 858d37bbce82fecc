"""``bundle``: one of each part together cost a price."""

from collections.abc import Sequence

from loyalty.promotions.rules.plans import Lacking, Plan, Role, Sets, TogetherDownTo
from loyalty.promotions.rules.selecting import Item, count_of
from loyalty.promotions.values import Bundle, MissedReason, Selector


def selectors(reward: Bundle) -> tuple[Selector, ...]:
    """Return what the reward is about."""
    return tuple(part.of for part in reward.parts)


def plan(reward: Bundle, items: Sequence[Item]) -> Plan | Lacking:
    """Return sets of all parts, or how many units of which part are lacking."""
    usable = [item for item in items if item.discountable]
    for part in reward.parts:
        there = count_of(part.of, usable)
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
