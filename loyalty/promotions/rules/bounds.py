"""How much the item claims could save at the most: the bound of the search.

All figures are minor units times ``WHOLE_PERCENTAGE``, so that percentages stay whole.
A claim is bounded either unit by unit, so that claims compete for units, or by one
total, whichever is less; both never fall short of what it can really save.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from loyalty.promotions.rules.claims import Claim, UnitClass
from loyalty.promotions.rules.plans import (
    WHOLE_PERCENTAGE,
    Cover,
    EachAmount,
    OneAmount,
    Percentage,
    Sets,
)

_HALF = WHOLE_PERCENTAGE // 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Worth:
    """
    What one claim can save.

    ``unit``: for one unit of each class that it could hold, by class. ``total``: for
    all together. ``by_total``: whether that is less. ``slack``: what rounding may add.
    ``fits``: the most sets, 1 for covers.
    """

    claim: Claim
    unit: Mapping[int, int]
    total: int
    by_total: bool
    slack: int
    fits: int

    @property
    def apart(self) -> bool:
        """Test whether it is counted by what it adds to what the others save."""
        return self.by_total and not self.claim.freely

    def rate(self) -> int | None:
        """Return the percentage that it takes, in basis points, if it takes one."""
        plan = self.claim.plan
        if isinstance(plan, Cover | Sets) and isinstance(plan.saving, Percentage):
            return plan.saving.basis_points
        return None


def worth_of(claim: Claim, classes: Sequence[UnitClass]) -> Worth:
    """Return the bounds of one claim on the classes."""
    plan = claim.plan
    own = {at: c for at, c in enumerate(classes) if claim.age in c.roles}
    mine = tuple(own.values())
    if isinstance(plan, Sets):
        fits = fitting_sets(claim, plan, mine)
        unit = _sets_unit(claim, plan, mine)
        total = _sets_total(claim, plan, mine, fits)
    elif isinstance(plan, Cover):
        fits = 1
        unit = [_cover_unit(plan, c) for c in mine]
        total = _cover_total(plan, mine, unit)
    else:
        message = "only claims on items are bounded"
        raise TypeError(message)
    rounds = isinstance(plan.saving, Percentage) and (
        plan.saving.basis_points % WHOLE_PERCENTAGE != 0
    )
    whole = sum(u * c.count for u, c in zip(unit, mine, strict=True))
    return Worth(
        claim=claim,
        unit=dict(zip(own, unit, strict=True)),
        total=total,
        by_total=total < whole,
        slack=fits * _HALF if rounds else 0,
        fits=fits,
    )


def fitting_sets(claim: Claim, plan: Sets, classes: Sequence[UnitClass]) -> int:
    """Return how many sets could fit if no other claim held a unit."""
    either = sum(c.count for c in classes)
    fits = either // sum(role.quantity for role in plan.roles)
    for at, role in enumerate(plan.roles):
        there = sum(c.count for c in classes if at in c.roles[claim.age])
        fits = min(fits, there // role.quantity)
    return fits if claim.most_sets is None else min(fits, claim.most_sets)


def _cover_unit(plan: Cover, unit_class: UnitClass) -> int:
    saving = plan.saving
    if isinstance(saving, Percentage):
        return unit_class.price * saving.basis_points
    if isinstance(saving, OneAmount):
        return unit_class.room * WHOLE_PERCENTAGE
    if isinstance(saving, EachAmount):
        return min(unit_class.room, saving.amount) * WHOLE_PERCENTAGE
    if unit_class.weight is not None:  # the price is a kilogram's
        return unit_class.room * WHOLE_PERCENTAGE
    cheaper = max(0, unit_class.price - saving.price)
    return min(unit_class.room, cheaper) * WHOLE_PERCENTAGE


def _cover_total(plan: Cover, classes: Sequence[UnitClass], unit: Sequence[int]) -> int:
    saving = plan.saving
    total = sum(u * c.count for u, c in zip(unit, classes, strict=True))
    if plan.units is not None:
        total, missing = 0, plan.units.at_most
        for u, c in sorted(zip(unit, classes, strict=True), key=lambda pair: -pair[0]):
            count = min(missing, c.count)
            total += u * count
            missing -= count
    if isinstance(saving, Percentage) and saving.at_most is not None:
        total = min(total, saving.at_most * WHOLE_PERCENTAGE)
    if isinstance(saving, OneAmount):
        total = min(total, saving.amount * WHOLE_PERCENTAGE)
    return total


def _dearest(
    claim: Claim, at: int, count: int, classes: Sequence[UnitClass]
) -> list[int]:
    """Return the prices of the dearest units that can play a role."""
    prices: list[int] = []
    for unit_class in classes:  # the dearest first
        if at in unit_class.roles[claim.age]:
            missing = count - len(prices)
            prices.extend([unit_class.price] * min(missing, unit_class.count))
    return prices


def one_pool(claim: Claim, plan: Sets, classes: Sequence[UnitClass]) -> bool:
    """Test whether units that pay are no cheaper than those reduced, in every set."""
    reduced = [at for at, role in enumerate(plan.roles) if role.reduced]
    return plan.ranked and all(
        any(at in c.roles[claim.age] for at in reduced) for c in classes
    )


def reduced_in_turn(
    units: Iterable[tuple[int, int]], *, sizes: tuple[int, int], fits: int
) -> int:
    """
    Return the most that reduced units of one pool can cost together.

    Reducing as soon as enough units have paid reduces the most units among the
    dearest so many, for every so many at once.

    :param units: price and count, the dearest first
    :param sizes: how many units pay, and are reduced, in a set
    """
    pays, gets = sizes
    paid = got = value = 0
    for price, count in units:
        left = count
        while left and got < gets * fits:
            owed = gets * (paid // pays) - got
            if owed > 0:
                taken = min(left, owed, gets * fits - got)
                value += taken * price
                got += taken
            else:
                taken = min(left, pays - paid % pays)
                paid += taken
            left -= taken
    return value


def _sets_total(
    claim: Claim, plan: Sets, classes: Sequence[UnitClass], fits: int
) -> int:
    """Return what the sets save when no other claim holds a unit, or more."""
    if isinstance(plan.saving, Percentage) and one_pool(claim, plan, classes):
        pay, get = plan.roles
        units = [(c.price, c.count) for c in classes]
        value = reduced_in_turn(units, sizes=(pay.quantity, get.quantity), fits=fits)
        return value * plan.saving.basis_points
    sets = [0] * fits
    for at, role in enumerate(plan.roles):
        if role.reduced:
            prices = _dearest(claim, at, role.quantity * fits, classes)
            for number, price in enumerate(prices):
                sets[number // role.quantity] += price
    if isinstance(plan.saving, Percentage):
        return sum(sets) * plan.saving.basis_points
    price = plan.saving.price
    return sum(max(0, value - price) for value in sets) * WHOLE_PERCENTAGE


def _sets_unit(claim: Claim, plan: Sets, classes: Sequence[UnitClass]) -> list[int]:
    reduced = {at for at, role in enumerate(plan.roles) if role.reduced}
    reducible = [any(at in c.roles[claim.age] for at in reduced) for c in classes]
    if isinstance(plan.saving, Percentage):
        rate = plan.saving.basis_points
        if one_pool(claim, plan, classes):
            # Every unit of a set could be a reduced one, and those that pay are no
            # cheaper: the saving is at most its part of the whole set's price.
            get = sum(plan.roles[at].quantity for at in reduced)
            size = sum(role.quantity for role in plan.roles)
            return [
                -(-c.price * rate * get // size) if can else 0
                for can, c in zip(reducible, classes, strict=True)
            ]
        return [
            c.price * rate if can else 0
            for can, c in zip(reducible, classes, strict=True)
        ]
    dearest = sum(
        sum(_dearest(claim, at, role.quantity, classes))
        for at, role in enumerate(plan.roles)
    )
    if dearest <= plan.saving.price:
        return [0] * len(classes)
    # A set that costs s saves s - price, at most this part of s.
    gain = dearest - plan.saving.price
    return [
        -(-c.price * gain * WHOLE_PERCENTAGE // dearest) if can else 0
        for can, c in zip(reducible, classes, strict=True)
    ]


def gain(units: Iterable[tuple[int, int, int]], *, total: int) -> int:
    """
    Return how much a claim bounded by its total can add to what others save.

    It takes units from the others: first those that give it most for what they are
    worth to the others, in parts if need be, until the total is reached.

    :param units: its own value, the others' value and count, the best for it first
    :param total: the most that it can save
    """
    missing, result = total, 0
    for own, other, count in units:
        if missing <= 0 or other >= own:
            break
        if own * count < missing:
            result += (own - other) * count
            missing -= own * count
        else:
            # Rounded up: the bound may only be too high.
            result += missing - missing * other // own
            missing = 0
    return result
