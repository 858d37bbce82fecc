"""Of which units one set can consist, and what it saves."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations_with_replacement, islice, product
from math import comb, prod
from typing import NamedTuple

from loyalty.promotions.rules.amounts import saved_by
from loyalty.promotions.rules.claims import UnitClass
from loyalty.promotions.rules.holdings import Pile
from loyalty.promotions.rules.plans import Sets

MOST_COMPOSITIONS = 400
"""With more ways to make one set, only filling sets in turn is tried."""

Part = tuple[int, int, int]
"""Index of a pile, role, and how many of its units play it."""


class Composition(NamedTuple):
    """One set: its parts, and what it saves when no other claim touches them."""

    parts: tuple[Part, ...]
    saving: int

    def uses(self) -> dict[int, int]:
        """Return how many units it takes of each pile, by index."""
        taken: dict[int, int] = {}
        for pile, _, count in self.parts:
            taken[pile] = taken.get(pile, 0) + count
        return taken


class SetMaker:
    """Makes sets of one claim out of piles of units."""

    def __init__(
        self, plan: Sets, age: int, piles: Sequence[Pile], classes: Sequence[UnitClass]
    ) -> None:
        self._plan = plan
        self.piles = piles
        self._classes = [classes[pile.at] for pile in piles]
        self._able = [
            [i for i, c in enumerate(self._classes) if role in c.roles[age]]
            for role in range(len(plan.roles))
        ]
        reduced = [at for at, role in enumerate(plan.roles) if role.reduced]
        self._reducible = [
            plan.ranked and any(at in c.roles[age] for at in reduced)
            for c in self._classes
        ]

    def all(self) -> list[Composition] | None:
        """Return every set that could be made, None if they are too many."""
        sizes = [role.quantity for role in self._plan.roles]
        ways = prod(
            comb(len(able) + size - 1, size) if able else 0
            for able, size in zip(self._able, sizes, strict=True)
        )
        if ways > MOST_COMPOSITIONS:
            return None
        found: dict[object, Composition] = {}
        for chosen in product(
            *(
                combinations_with_replacement(able, size)
                for able, size in zip(self._able, sizes, strict=True)
            )
        ):
            made = self._made(chosen)
            if made is not None:
                # Roles that are all reduced are one: only what is taken counts.
                taken = frozenset(made.uses().items())
                key = taken if self._alike else made.parts
                found.setdefault(key, made)
        return list(found.values())

    @property
    def _alike(self) -> bool:
        return all(role.reduced for role in self._plan.roles)

    def in_turn(self, most: int, usable: Mapping[int, int]) -> list[Composition]:
        """
        Return sets filled one after the other, the dearest units first.

        Those that pay come first, so the cheaper ones of each set are reduced.

        :param usable: how many units of each pile may be used, by index
        """
        left = dict(usable)
        order = sorted(left, key=lambda i: -self._classes[i].price)
        sets: list[Composition] = []
        while len(sets) < most:
            chosen: list[tuple[int, ...]] = []
            for role, part in enumerate(self._plan.roles):
                units = tuple(islice(self._next(order, role, left), part.quantity))
                if len(units) < part.quantity:
                    return sets
                chosen.append(units)
            made = self._made(chosen)
            if made is None:
                return sets
            sets.append(made)
        return sets

    def _next(
        self, order: Sequence[int], role: int, left: dict[int, int]
    ) -> Iterator[int]:
        for i in order:
            while left[i] and i in self._able[role]:
                left[i] -= 1
                yield i

    def _made(self, chosen: Sequence[Sequence[int]]) -> Composition | None:
        """Return the set of these piles for each role, None where it is no set."""
        parts: dict[tuple[int, int], int] = {}
        taken: dict[int, int] = {}
        for role, units in enumerate(chosen):
            for i in units:
                parts[i, role] = parts.get((i, role), 0) + 1
                taken[i] = taken.get(i, 0) + 1
        if any(count > self.piles[i].units for i, count in taken.items()):
            return None
        reduced = [
            (self._classes[i], count)
            for (i, role), count in parts.items()
            if self._plan.roles[role].reduced
        ]
        dearest = max(c.price for c, _ in reduced)
        if any(
            self._reducible[i]
            and not self._plan.roles[role].reduced
            and self._classes[i].price < dearest
            for i, role in parts
        ):
            return None
        saving = saved_by(self._plan.saving, reduced)
        if not saving:
            return None
        return Composition(
            parts=tuple((i, role, count) for (i, role), count in parts.items()),
            saving=saving,
        )
