"""One combination that the search came to, made a permitted one where need be."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from loyalty.promotions.rules.claims import FREE, Claim, Claims, Held
from loyalty.promotions.rules.pieces import Piece
from loyalty.promotions.rules.plans import Cover
from loyalty.promotions.rules.settling import Given, Ground, settle
from loyalty.promotions.values import Which


@dataclass(slots=True)
class Combination:
    """
    The units of a basket with who holds them.

    ``held`` is the item, count and holders of each piece once it is settled.
    """

    pieces: list[Piece]
    applied: list[Claim]
    held: list[tuple[int, int, Held]] = field(default_factory=list)

    def settled(self, claims: Claims, ground: Ground) -> Given | None:
        """
        Price it, without those that turn out to give nothing or more than they may.

        :returns: None when it is not permitted
        """
        while True:
            self._sweep(ground)
            if not all(self._takes_what_it_should(c, ground) for c in self.applied):
                return None
            self.held = [(p.at, p.count, p.marks) for p in self.pieces]
            given = settle(self.pieces, self.applied, claims, ground)
            if isinstance(given, Given):
                return given
            self._drop({claim.age for claim in given})

    def _sweep(self, ground: Ground) -> None:
        """Let covers that apply take what would be left to nobody."""
        for claim in self.applied:
            plan = claim.plan
            if isinstance(plan, Cover) and plan.units is None:
                held = frozenset({(claim.age, 0, 0)})
                for piece in self._free(plan, ground):
                    piece.marks = held

    def _takes_what_it_should(self, claim: Claim, ground: Ground) -> bool:
        """
        Test whether a cover left to nobody what it should have taken.

        It takes every matching unit that no other holds; with ``units``, the cheapest
        or the dearest of those, and as many as it may.
        """
        plan = claim.plan
        if not isinstance(plan, Cover) or plan.units is None:
            return True
        free = [piece.item.price for piece in self._free(plan, ground)]
        if not free:
            return True
        mark = (claim.age, 0, 0)
        mine: Sequence[Piece] = [p for p in self.pieces if mark in p.marks]
        if sum(piece.count for piece in mine) < plan.units.at_most:
            return False
        prices = [piece.item.price for piece in mine]
        if plan.units.which is Which.CHEAPEST:
            return min(free) >= max(prices)
        return max(free) <= min(prices)

    def _free(self, plan: Cover, ground: Ground) -> Iterator[Piece]:
        usable = ground.goods.usable(plan.on)
        return (p for p in self.pieces if not p.marks and p.at in usable)

    def _drop(self, ages: Collection[int]) -> None:
        """Begin anew without some claims."""
        self.applied = [claim for claim in self.applied if claim.age not in ages]
        for piece in self.pieces:
            if piece.marks:
                kept = (mark for mark in piece.marks if mark[0] not in ages)
                piece.marks = frozenset(kept) or FREE
            piece.left = piece.count * piece.item.price
