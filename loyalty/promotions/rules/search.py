"""The cheapest permitted combination: branch and bound over who holds which units.

Claims on items are taken one after the other. Each is either left out or holds some
of the units open to it, class by class; a branch is dropped when the least price that
it could still lead to is above the best found. The bound is admissible (``bounds``), so
without the work limit the result is the optimum; with it, the least price among the
branches never entered says how much better it could be at the most.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from loyalty.promotions.rules.bounds import Worth, mine, worth_of
from loyalty.promotions.rules.choosing import ways_to_fill
from loyalty.promotions.rules.claims import Claims, Held, UnitClass, unit_classes
from loyalty.promotions.rules.estimating import Estimate
from loyalty.promotions.rules.holdings import Cell, Holdings
from loyalty.promotions.rules.plans import WHOLE_PERCENTAGE, Cover, Sets
from loyalty.promotions.rules.settling import (
    Given,
    Ground,
    Score,
    give_on_items,
    settle,
)
from loyalty.promotions.values import Which

WORK_LIMIT = 4_000
"""Branches entered before the search settles for the best found so far."""

TIE_LIMIT = 2_000
"""Branches entered that can only equal the best price, for a better tie-break."""

_DEEPEST = 300


@dataclass(slots=True)
class Best:
    """The best so far, over all searches of a basket, and the work left."""

    given: Given
    score: Score
    work: int = WORK_LIMIT
    ties: int = TIE_LIMIT
    settled: bool = False
    """Whether a combination was found; until then the work limit does not hold."""
    spent: int = 0
    missed: int | None = None
    """The least price of a branch that was not entered for lack of work."""
    held: list[tuple[int, int, Held]] = field(default_factory=list)
    """Item, count and holders of the units, in the best combination."""


@dataclass(slots=True)
class Search:
    """One search among claims that all bear each other; improves ``best``."""

    claims: Claims
    ground: Ground
    best: Best
    classes: tuple[UnitClass, ...] = field(init=False)
    worths: list[Worth] = field(init=False)
    holdings: Holdings = field(init=False)
    estimate: Estimate = field(init=False)

    def __post_init__(self) -> None:
        """Group the units and bound the claims."""
        claims = self.claims
        self.classes = unit_classes(self.ground.items, claims)
        worths = [worth_of(claim, self.classes) for claim in claims.on_items]
        self.worths = sorted(worths, key=_urgency)
        self.holdings = Holdings(self.classes, {c.age: c for c in claims.on_items})
        self.estimate = Estimate(claims, self.ground, self.classes, self.worths)

    def run(self) -> None:
        """Search to the end or to the work limit."""
        self._claim(0, 0)

    def _claim(self, position: int, depth: int) -> None:
        """Decide about the claim at a position: first with it, then without."""
        if self._hopeless(position, ()):
            return
        if position == len(self.worths):
            self._settle()
            return
        worth = self.worths[position]
        cells = self.holdings.open_to(worth.claim)
        plan = worth.claim.plan
        if isinstance(plan, Cover) and plan.units is not None:
            sign = 1 if plan.units.which is Which.CHEAPEST else -1
            cells.sort(key=lambda cell: sign * self.classes[cell.at].price)
        if cells:
            roles = len(plan.roles) if isinstance(plan, Sets) else 1
            self._cell(position, cells, [0] * roles, depth + 1)
        self._claim(position + 1, depth + 1)

    def _cell(
        self, position: int, cells: list[Cell], taken: list[int], depth: int
    ) -> None:
        """Decide how many units of the first cell the claim holds, in which roles."""
        if not cells:
            self._complete(position, depth)
            return
        if self._hopeless(position, cells, taken):
            return
        cell, rest = cells[0], cells[1:]
        age = self.worths[position].claim.age
        for number, counts in enumerate(self._choices(position, cells, taken)):
            if number and depth > _DEEPEST:
                self._skip(position, cells)
                break
            marks = [
                (cell.held | {(age, role)}, count)
                for role, count in enumerate(counts)
                if count
            ]
            for held, count in marks:
                self.holdings.move(cell.at, cell.held, held, count)
            now = [have + count for have, count in zip(taken, counts, strict=True)]
            self._cell(position, rest, now, depth + 1)
            for held, count in marks:
                self.holdings.move(cell.at, held, cell.held, count)

    def _complete(self, position: int, depth: int) -> None:
        """Go on to the next claim when what this one holds is permitted."""
        claim = self.worths[position].claim
        if not self.holdings.of(claim):
            return
        if isinstance(claim.plan, Sets) and not self.holdings.sets_of(
            claim, claim.plan
        ):
            return
        if not claim.freely:
            # Nobody else touches its units, so what it saves is known now.
            given = Given()
            pieces = self.holdings.pieces(self.ground.items)
            if not give_on_items(pieces, [claim], given):
                return
            saved = given.amount(claim.age)
            self.estimate.done[position] = saved * WHOLE_PERCENTAGE
        self._claim(position + 1, depth + 1)
        self.estimate.done[position] = 0

    def _choices(
        self, position: int, cells: list[Cell], taken: list[int]
    ) -> Iterator[tuple[int, ...]]:
        """Give the numbers of units to try, the most promising first."""
        worth = self.worths[position]
        claim, plan, cell = worth.claim, worth.claim.plan, cells[0]
        if isinstance(plan, Sets):
            ways, complete = ways_to_fill(
                plan,
                can=[
                    (claim.age, role) in self.classes[cell.at].roles
                    for role in range(len(plan.roles))
                ],
                cells=cells,
                taken=taken,
                fits=worth.fits,
            )
            if not complete:
                self._skip(position, cells)
            yield from ways
            return
        most = cell.count
        if isinstance(plan, Cover) and plan.units is not None:
            most = min(most, plan.units.at_most - taken[0])
        if self._must_take(position, cells):
            yield (most,)
            return
        own = worth.unit[cell.at]
        other = self.estimate.cap(cell.at, cell.held, position, still=False)
        eager = own >= other or worth.by_total
        for count in range(most, -1, -1) if eager else range(most + 1):
            yield (count,)

    def _must_take(self, position: int, cells: list[Cell]) -> bool:
        """Test whether units left now would be left to nobody, which is forbidden."""
        cell = cells[0]
        plan = self.worths[position].claim.plan
        unit_class = self.classes[cell.at]
        if cell.held or any(
            mine(worth.claim, unit_class) for worth in self.worths[position + 1 :]
        ):
            return False
        # With only some units to take, others of the same price would do as well.
        return not (isinstance(plan, Cover) and plan.units is not None) or all(
            self.classes[other.at].price != unit_class.price for other in cells[1:]
        )

    def _settle(self) -> None:
        """Price the combination, and keep it when it is the best."""
        used = [worth.claim for worth in self.worths if self.holdings.of(worth.claim)]
        for claim in used:
            if isinstance(claim.plan, Cover) and not self.holdings.leaves_none(
                claim, claim.plan
            ):
                return
        pieces = self.holdings.pieces(self.ground.items)
        held = [(piece.at, piece.count, piece.marks) for piece in pieces]
        given = settle(pieces, used, self.claims, self.ground)
        if given is None:
            return
        self.best.settled = True
        score = given.score(self.ground.fee)
        if score < self.best.score:
            self.best.given, self.best.score = given, score
            self.best.held = held

    def _hopeless(
        self, position: int, cells: Sequence[Cell], taken: Sequence[int] = ()
    ) -> bool:
        """Test whether a branch cannot better the best; count the work."""
        best = self.best
        price = self.estimate.least(self.holdings, position, cells, taken)
        if price > best.score[0] or (price == best.score[0] and best.ties <= 0):
            return True
        if best.settled and best.spent >= best.work:
            self._skip(position, cells)
            return True
        best.ties -= price == best.score[0]
        best.spent += 1
        return False

    def _skip(self, position: int, cells: Sequence[Cell]) -> None:
        """Remember how good a branch that is not entered could have been."""
        price = self.estimate.least(self.holdings, position, cells)
        if self.best.missed is None or price < self.best.missed:
            self.best.missed = price


def _urgency(worth: Worth) -> tuple[bool, int, int, int]:
    """Order claims: those bounded by totals, then those with few ways to apply."""
    plan = worth.claim.plan
    few = isinstance(plan, Cover) and plan.units is not None
    kind = 0 if isinstance(plan, Sets) else 1 if few else 2
    return (not worth.by_total, kind, -max(worth.unit, default=0), worth.claim.age)
