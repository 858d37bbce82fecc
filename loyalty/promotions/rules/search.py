"""The cheapest permitted combination: branch and bound over who holds which units.

Claims on items are taken one after the other. Each is either left out or holds some of
the units that are open to it; a branch is dropped when the least price that it could
still lead to is above the best found. The bound is admissible (``estimating``), so
without the work limit the result is the optimum; with it, the least price among the
branches never entered says how much better it could be at the most.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from loyalty.promotions.rules.bounds import Worth, worth_of
from loyalty.promotions.rules.claims import Claims, Held, unit_classes
from loyalty.promotions.rules.combinations import Combination
from loyalty.promotions.rules.estimating import Estimate
from loyalty.promotions.rules.holdings import Holdings, piece_of
from loyalty.promotions.rules.options import Choice, Option
from loyalty.promotions.rules.pieces import Piece
from loyalty.promotions.rules.plans import WHOLE_PERCENTAGE, Cover, Sets
from loyalty.promotions.rules.settling import Given, Ground, Score

WORK_LIMIT = 4_000
"""Branches entered before the search settles for the best found so far."""

TIE_LIMIT = 2_000
"""Branches entered that can only equal the best price, for a better tie-break."""

_DEEPEST = 250

_FIRST = 3
"""How many times the work limit may be spent on finding a first combination."""


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


class Search:
    """One search among claims that all bear each other; improves ``best``."""

    def __init__(
        self, claims: Claims, ground: Ground, best: Best, within: Sequence[int]
    ) -> None:
        """
        Group the units and bound the claims.

        :param within: indexes of the items that the price is about
        """
        self._claims = claims
        self._ground = ground
        self._best = best
        self._within = within
        classes = unit_classes(ground.goods, claims, within)
        worths = sorted((worth_of(c, classes) for c in claims.on_items), key=_urgency)
        self._worths = [worth for worth in worths if worth.total]
        self._holdings = Holdings(classes, {c.age: c for c in claims.on_items})
        self._estimate = Estimate(claims, ground, classes, self._worths, within)
        self._last = {
            at: position
            for position, worth in enumerate(self._worths)
            for at in worth.unit
        }
        self._applied: list[Worth] = []
        self._needed_at: int | None = None
        self._needed = 0

    def run(self) -> None:
        """Search to the end or to the work limit."""
        self._decide(0, 0, 0)

    def _decide(self, position: int, done: int, depth: int) -> None:
        """Decide about the claims from a position on: first with each, then without."""
        estimate, holdings = self._estimate, self._holdings
        now = estimate.open(holdings, position)
        if not self._enter(done + now + estimate.rest[position]):
            return
        while position < len(self._worths):
            if not self._goes_on(done + now + estimate.rest[position]):
                return
            following = (
                estimate.open(holdings, position + 1)
                if position + 1 == estimate.by_total
                else now - estimate.drop(holdings, position)
            )
            without = done + following + estimate.rest[position + 1]
            options = self._options(position, without)
            for number, option in enumerate(options):
                if option.saved < without and depth < _DEEPEST:
                    # Leaving the claim out promises more: that way is gone first.
                    self._decide(position + 1, done, depth + 1)
                    for other in options[number:]:
                        self._with(position, other, done, depth)
                    return
                self._with(position, option, done, depth)
            position, now = position + 1, following
        if self._goes_on(done + now):
            self._settle()

    def _with(self, position: int, option: Option, done: int, depth: int) -> None:
        if option.saved < self._least_needed():
            return
        if depth >= _DEEPEST:
            self._leave_out(option.saved)
            return
        self._holdings.take(option.moves)
        self._applied.append(self._worths[position])
        self._decide(position + 1, done + option.done, depth + 1)
        self._applied.pop()
        self._holdings.give_back(option.moves)

    def _options(self, position: int, without: int) -> list[Option]:
        choice = Choice(
            estimate=self._estimate,
            holdings=self._holdings,
            worth=self._worths[position],
            position=position,
            without=without,
            needed=self._least_needed(),
            last=self._last,
        )
        found = choice.list()
        if choice.left_out >= choice.needed:
            self._leave_out(choice.left_out)
        return found

    def _enter(self, saved: int) -> bool:
        """Test whether a branch could better the best, or is as good and may be."""
        best = self._best
        if saved < self._least_needed():
            return False
        tied = self._estimate.price(saved) == best.score[0]
        if tied and best.ties <= 0:
            return False
        best.ties -= tied
        return True

    def _goes_on(self, saved: int) -> bool:
        """Test whether a branch could still better the best; count the work."""
        best = self._best
        if saved < self._least_needed():
            return False
        if best.spent >= (best.work if best.settled else _FIRST * best.work):
            self._leave_out(saved)
            return False
        best.spent += 1
        return True

    def _leave_out(self, saved: int) -> None:
        """Remember how good a branch that is not entered could have been."""
        price = self._estimate.price(saved)
        if self._best.missed is None or price < self._best.missed:
            self._best.missed = price

    def _least_needed(self) -> int:
        """Return what must be saved to equal the best price."""
        price = self._best.score[0]
        if self._needed_at != price:
            # The price falls as more is saved: the first that is low enough.
            low, high = 0, self._estimate.value
            while low < high:
                middle = (low + high) // 2
                if self._estimate.price(middle * WHOLE_PERCENTAGE) <= price:
                    high = middle
                else:
                    low = middle + 1
            self._needed_at, self._needed = price, low * WHOLE_PERCENTAGE
        return self._needed

    def _settle(self) -> None:
        """Price the combination, and keep it when it is the best."""
        self._best.spent += len(self._applied)
        combination = Combination(
            pieces=self._pieces(), applied=[worth.claim for worth in self._applied]
        )
        given = combination.settled(self._claims, self._ground)
        if given is None:
            return
        self._best.settled = True
        score = given.score(self._ground.fee)
        if score < self._best.score:
            self._best.given, self._best.score = given, score
            self._best.held = combination.held

    def _pieces(self) -> list[Piece]:
        goods = self._ground.goods
        return self._holdings.pieces(goods) + [
            piece_of(goods, at, goods.items[at].count)
            for at in self._within
            if not goods.items[at].discountable
        ]


def _urgency(worth: Worth) -> tuple[bool, int, int, int]:
    """Order claims: those bounded by totals, then those with few ways to apply."""
    plan = worth.claim.plan
    few = isinstance(plan, Cover) and plan.units is not None
    kind = 0 if isinstance(plan, Sets) else 1 if few else 2
    most = max(worth.unit.values(), default=0)
    return (not worth.by_total, kind, -most, worth.claim.age)
