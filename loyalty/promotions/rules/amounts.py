"""What units that no other claim touches save, without pricing the whole basket."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Protocol

from loyalty.promotions.rules.goods import Goods
from loyalty.promotions.rules.pieces import common_amount
from loyalty.promotions.rules.plans import Cover, EachAmount, EachDownTo, Saving
from loyalty.promotions.rules.selecting import scaled


class Unit(Protocol):
    """What an item and a class of units have in common, in minor units."""

    @property
    def price(self) -> int:
        """Return what one unit costs."""

    @property
    def room(self) -> int:
        """Return how much may be taken off it."""

    @property
    def weight(self) -> Decimal | None:
        """Return the weight of a weighed one."""


def saved_by(saving: Saving, units: Iterable[tuple[Unit, int]]) -> int:
    """
    Return what a saving takes off units at their full price, in minor units.

    :param units: each with how many there are
    """
    if isinstance(saving, EachAmount):
        return sum(min(unit.room, saving.amount) * count for unit, count in units)
    if isinstance(saving, EachDownTo):
        return sum(_down_to(saving.price, unit) * count for unit, count in units)
    base = room = 0
    for unit, count in units:
        base += unit.price * count
        room += unit.room * count
    return min(room, common_amount(saving, base))


def saved_alone(plan: Cover, goods: Goods) -> int:
    """Return what a cover of all matching units saves when there is nothing else."""
    items = (goods.items[at] for at in goods.usable(plan.on))
    return saved_by(plan.saving, [(item, item.count) for item in items])


def _down_to(price: int, unit: Unit) -> int:
    target = scaled(price, unit.weight)
    return max(0, min(unit.room, unit.price - target))
