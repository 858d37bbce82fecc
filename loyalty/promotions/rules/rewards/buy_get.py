"""``buy_get``: for each set bought, further units are reduced."""

from collections.abc import Sequence

from loyalty.promotions.rules.plans import (
    Lacking,
    Percentage,
    Plan,
    Role,
    Sets,
    basis_points,
)
from loyalty.promotions.rules.selecting import Item, count_of, matches
from loyalty.promotions.values import BuyGet, MissedReason, Selector


def selectors(reward: BuyGet) -> tuple[Selector, ...]:
    """Return what the reward is about."""
    return (reward.buy.of, reward.get.of)


def plan(reward: BuyGet, items: Sequence[Item]) -> Plan | Lacking:
    """Return sets of paying and reduced units, or how many units a set lacks."""
    buy, get = reward.buy, reward.get
    usable = [item for item in items if item.discountable]
    either = sum(
        item.count for item in usable if matches(buy.of, item) or matches(get.of, item)
    )
    for of, wanted, there in (
        (buy.of, buy.quantity, count_of(buy.of, usable)),
        (get.of, get.quantity, count_of(get.of, usable)),
        (get.of, buy.quantity + get.quantity, either),
    ):
        if there < wanted:
            return Lacking(
                reason=MissedReason.QUANTITY_SHORT, of=of, missing=wanted - there
            )
    return Sets(
        roles=(
            Role(of=buy.of, quantity=buy.quantity, reduced=False),
            Role(of=get.of, quantity=get.quantity, reduced=True),
        ),
        saving=Percentage(basis_points=basis_points(reward.percent)),
        ranked=True,
    )
