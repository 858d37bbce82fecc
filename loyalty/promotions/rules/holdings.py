"""Who holds which units, while a combination is being sought."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from loyalty.promotions.rules.claims import FREE, Claim, Held, UnitClass
from loyalty.promotions.rules.goods import Goods
from loyalty.promotions.rules.pieces import Mark, Piece


class Pile(NamedTuple):
    """Some units of a class that the same claims hold."""

    at: int
    held: Held
    units: int


class Move(NamedTuple):
    """Some units of a pile that get one more holder."""

    pile: Pile
    mark: Mark
    units: int


class Holdings:
    """How many units of each class which claims hold; changed in place."""

    __slots__ = ("_claims", "classes", "counts")

    def __init__(
        self, classes: Sequence[UnitClass], claims: Mapping[int, Claim]
    ) -> None:
        """Begin with every unit free."""
        self.classes = classes
        self._claims = claims
        self.counts: list[dict[Held, int]] = [{FREE: one.count} for one in classes]

    def take(self, moves: Sequence[Move]) -> None:
        """Let units be held by one more claim."""
        for (at, held, _), mark, count in moves:
            self._move(at, held, held | {mark}, count)

    def give_back(self, moves: Sequence[Move]) -> None:
        """Undo what was taken."""
        for (at, held, _), mark, count in moves:
            self._move(at, held | {mark}, held, count)

    def open_to(self, claim: Claim, places: Sequence[int]) -> list[Pile]:
        """Return the units of some classes that the claim could hold."""
        if not claim.freely:
            return [
                Pile(at, FREE, self.counts[at][FREE])
                for at in places
                if FREE in self.counts[at]
            ]
        return [
            Pile(at, held, count)
            for at in places
            for held, count in self.counts[at].items()
            if all(self._claims[age].freely for age, _, _ in held)
        ]

    def piles(self) -> Iterator[Pile]:
        """Give all units."""
        for at, cell in enumerate(self.counts):
            for held, count in cell.items():
                yield Pile(at, held, count)

    def pieces(self, goods: Goods) -> list[Piece]:
        """Return the units of all classes in pieces, marked with who holds them."""
        pieces = []
        for unit_class, cell in zip(self.classes, self.counts, strict=True):
            shares = sorted(cell.items(), key=lambda one: (not one[0], sorted(one[0])))
            lines = [(at, goods.items[at].count) for at in unit_class.items]
            for held, wanted in shares:
                missing = wanted
                while missing:
                    at, there = lines.pop(0)
                    count = min(there, missing)
                    missing -= count
                    if there > count:
                        lines.insert(0, (at, there - count))
                    pieces.append(piece_of(goods, at, count, held))
        return pieces

    def _move(self, at: int, held: Held, to: Held, count: int) -> None:
        cell = self.counts[at]
        left = cell[held] - count
        if left:
            cell[held] = left
        else:
            del cell[held]
        cell[to] = cell.get(to, 0) + count


def piece_of(goods: Goods, at: int, count: int, held: Held = FREE) -> Piece:
    """Return some units of an item at their full price."""
    item = goods.items[at]
    return Piece(at=at, item=item, count=count, left=count * item.price, marks=held)
