"""Who holds which units, while a combination is being sought."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from loyalty.promotions.rules.bounds import mine
from loyalty.promotions.rules.claims import FREE, Claim, Held, UnitClass
from loyalty.promotions.rules.pieces import Piece
from loyalty.promotions.rules.plans import Cover, Sets
from loyalty.promotions.rules.selecting import Item
from loyalty.promotions.values import Which


@dataclass(frozen=True, kw_only=True, slots=True)
class Cell:
    """``count`` units of a class that the same claims hold."""

    at: int
    held: Held
    count: int


@dataclass(slots=True)
class Holdings:
    """How many units of each class which claims hold; changed in place."""

    classes: Sequence[UnitClass]
    claims: Mapping[int, Claim]
    counts: list[dict[Held, int]] = field(init=False)

    def __post_init__(self) -> None:
        """Begin with every unit free."""
        self.counts = [{FREE: unit_class.count} for unit_class in self.classes]

    def move(self, at: int, held: Held, to: Held, count: int) -> None:
        """Let units be held otherwise."""
        cell = self.counts[at]
        left = cell[held] - count
        if left:
            cell[held] = left
        else:
            del cell[held]
        cell[to] = cell.get(to, 0) + count

    def open_to(self, claim: Claim) -> list[Cell]:
        """Return the units that the claim could hold, the dearest first."""
        return [
            Cell(at=at, held=held, count=count)
            for at, unit_class in enumerate(self.classes)
            if mine(claim, unit_class)
            for held, count in self.counts[at].items()
            if not held or self._shared(claim, held)
        ]

    def _shared(self, claim: Claim, held: Held) -> bool:
        return claim.freely and all(self.claims[age].freely for age, _ in held)

    def cells(self) -> Iterator[tuple[int, Held, int]]:
        """Give class, holders and count of all units."""
        for at, cell in enumerate(self.counts):
            for held, count in cell.items():
                yield at, held, count

    def of(self, claim: Claim) -> list[tuple[int, int, int]]:
        """Return class, role and count of the units that the claim holds."""
        return [
            (at, role, count)
            for at, held, count in self.cells()
            for age, role in held
            if age == claim.age
        ]

    def leaves_none(self, claim: Claim, plan: Cover) -> bool:
        """
        Test whether a cover left to nobody what it should have taken.

        It takes every matching unit that no other holds; with ``units``, the cheapest
        or the dearest of those, and as many as it may.
        """
        free = [
            self.classes[at].price
            for at, held, _ in self.cells()
            if not held and mine(claim, self.classes[at])
        ]
        if not free:
            return True
        held = [(self.classes[at].price, count) for at, _, count in self.of(claim)]
        if plan.units is None or sum(n for _, n in held) < plan.units.at_most:
            return False
        if plan.units.which is Which.CHEAPEST:
            return min(free) >= max(price for price, _ in held)
        return max(free) <= min(price for price, _ in held)

    def sets_of(self, claim: Claim, plan: Sets) -> int | None:
        """Return how many whole sets the claim holds, None if they are not whole."""
        held = self.of(claim)
        counts = [0] * len(plan.roles)
        for _, role, count in held:
            counts[role] += count
        sets, rest = divmod(counts[0], plan.roles[0].quantity)
        if not sets or rest:
            return None
        for part, count in zip(plan.roles, counts, strict=True):
            if count != sets * part.quantity:
                return None
        return sets if not plan.ranked or self._ranked(claim, plan, held) else None

    def _ranked(
        self, claim: Claim, plan: Sets, held: list[tuple[int, int, int]]
    ) -> bool:
        """
        Test whether sets can be formed in which no paying unit is too cheap.

        Reduced units go together by price. The set with the dearest has the fewest
        paying units to choose from, and the next can use those and more; so it is
        enough that there are enough for the first one, two, three … sets.
        """
        reduced = {at for at, role in enumerate(plan.roles) if role.reduced}
        pays = sum(r.quantity for r in plan.roles if not r.reduced)
        gets = sum(r.quantity for r in plan.roles if r.reduced)
        prices: list[int] = []
        paying: list[tuple[int, int]] = []
        wild = 0
        for at, role, count in held:
            unit_class = self.classes[at]
            if role in reduced:
                prices.extend([unit_class.price] * count)
            elif any((claim.age, other) in unit_class.roles for other in reduced):
                paying.append((unit_class.price, count))
            else:
                wild += count
        prices.sort(reverse=True)
        return all(
            wild + sum(n for price, n in paying if price >= prices[first])
            >= (number + 1) * pays
            for number, first in enumerate(range(0, len(prices), gets))
        )

    def pieces(self, items: Sequence[Item]) -> list[Piece]:
        """Return the whole basket in pieces, marked with who holds them."""
        pieces = [
            Piece(at=at, item=item, count=item.count, left=item.gross)
            for at, item in enumerate(items)
            if not item.discountable
        ]
        for unit_class, cell in zip(self.classes, self.counts, strict=True):
            shares = sorted(cell.items(), key=lambda one: (not one[0], sorted(one[0])))
            lines = [(at, items[at].count) for at in unit_class.items]
            for held, wanted in shares:
                missing = wanted
                while missing:
                    at, there = lines.pop(0)
                    count = min(there, missing)
                    missing -= count
                    if there > count:
                        lines.insert(0, (at, there - count))
                    left = count * unit_class.price
                    pieces.append(
                        Piece(at=at, item=items[at], count=count, left=left, marks=held)
                    )
        return pieces
