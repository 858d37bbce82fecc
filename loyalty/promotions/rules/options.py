"""What one claim could hold at one point of the search.

Every choice of units is an option unless it is certain to be worse than the best known.
Savings are minor units times ``WHOLE_PERCENTAGE``, as in ``estimating``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from loyalty.promotions.rules.amounts import saved_by
from loyalty.promotions.rules.bounds import Worth
from loyalty.promotions.rules.compositions import Composition, SetMaker
from loyalty.promotions.rules.estimating import Estimate
from loyalty.promotions.rules.holdings import Holdings, Move, Pile
from loyalty.promotions.rules.pieces import Mark
from loyalty.promotions.rules.plans import WHOLE_PERCENTAGE, Cover, Sets
from loyalty.promotions.values import Which

MOST_OPTIONS = 200
"""With more ways to hold units the rest is left out, and the quote says so."""


MOST_LOOKED_AT = 2_000
"""As many choices are looked at for that."""


class Option(NamedTuple):
    """
    Units that a claim could hold.

    ``saved``: the most that a branch with it could save in all. ``done``: the part of
    that which is decided with it.
    """

    saved: int
    done: int
    moves: tuple[Move, ...]


@dataclass(slots=True)
class Choice:
    """
    The options of the claim at a position.

    ``without`` is the most that could be saved without it; options that save less
    than ``needed`` are of no use. ``left_out``: the most that an option could save
    which is not listed though it may be of use.
    """

    estimate: Estimate
    holdings: Holdings
    worth: Worth
    position: int
    without: int
    needed: int
    last: Mapping[int, int]
    """The last position of a claim that could hold units of a class."""

    found: list[Option] = field(default_factory=list)
    left_out: int = -1
    looked_at: int = 0

    def list(self) -> list[Option]:
        """Return the options, those that could save most first."""
        piles = self.holdings.open_to(self.worth.claim, tuple(self.worth.unit))
        if piles:
            if isinstance(self.worth.claim.plan, Sets):
                _SetOptions(self, self.worth.claim.plan, piles).list()
            elif isinstance(self.worth.claim.plan, Cover):
                _CoverOptions(self, self.worth.claim.plan, piles).list()
        self.found.sort(key=lambda option: -option.saved)
        return self.found

    def mark(self, role: int = 0, number: int = 0) -> Mark:
        """Return the mark of units in a role of one of the claim's sets."""
        return (self.worth.claim.age, role, number)

    def given_up(self, pile: Pile) -> int:
        """Return what a unit of the pile could save without the claim."""
        return self.estimate.cap(pile.at, pile.held, self.position + 1)

    def together(self, pile: Pile, mark: Mark) -> int:
        """Return what a unit could save with the claim and those that share it."""
        return self.estimate.cap(pile.at, pile.held | {mark}, self.position + 1)

    def add(self, net: int, saving: int | None, moves: Sequence[Move]) -> None:
        """
        List an option if it is of use.

        :param net: what its units save beyond what they could save without it
        :param saving: what it saves in minor units; None while that is not known
        """
        if saving is None:
            done = self.estimate.adds[self.position]
            net += done
        else:
            done = saving * WHOLE_PERCENTAGE
        if self.without + net >= self.needed:
            self.found.append(Option(self.without + net, done, tuple(moves)))

    def full(self, most: int) -> bool:
        """
        Test whether no more is looked at; ``most`` is what could have been saved.

        Not every choice that is looked at is an option, so both are counted.
        """
        self.looked_at += 1
        if len(self.found) < MOST_OPTIONS and self.looked_at < MOST_LOOKED_AT:
            return False
        self.left_out = max(self.left_out, most)
        return True

    def permits(self, saving: int) -> bool:
        """Test whether the claim may give this amount."""
        return bool(saving) and self.worth.claim.within_budget(saving)


class _CoverOptions:
    """Chooses how many units of each pile a cover holds."""

    def __init__(self, choice: Choice, plan: Cover, piles: list[Pile]) -> None:
        self._choice = choice
        self._saving = plan.saving
        self._most = sum(pile.units for pile in piles)
        classes = choice.holdings.classes
        if plan.units is not None:
            sign = 1 if plan.units.which is Which.CHEAPEST else -1
            piles.sort(key=lambda pile: sign * classes[pile.at].price)
            self._most = plan.units.at_most
        self._limited = plan.units is not None
        self._piles = piles
        self._classes = [classes[pile.at] for pile in piles]
        self._freely = choice.worth.claim.freely
        self._cost = [choice.given_up(pile) for pile in piles]
        mark = choice.mark()
        self._own = [
            choice.together(pile, mark) if self._freely else choice.worth.unit[pile.at]
            for pile in piles
        ]
        self._rest = [0]
        for at in reversed(range(len(piles))):
            more = max(0, self._own[at] - self._cost[at]) * piles[at].units
            self._rest.insert(0, self._rest[0] + more)
        self._counts = [0] * len(piles)

    def list(self) -> None:
        """List all options."""
        self._pile(0, self._most, 0, 0)

    def _pile(self, at: int, left: int, net: int, cost: int) -> None:
        choice = self._choice
        bound = self._bound(at, net, cost)
        if bound < choice.needed or choice.full(bound):
            return
        if at == len(self._piles):
            self._complete(net, cost)
            return
        most = min(left, self._piles[at].units)
        gains = self._own[at] - self._cost[at]
        for count in self._tried(at, most, eager=gains >= 0):
            self._counts[at] = count
            self._pile(
                at + 1, left - count, net + count * gains, cost + count * self._cost[at]
            )
        self._counts[at] = 0

    def _tried(self, at: int, most: int, *, eager: bool) -> Sequence[int]:
        pile, choice = self._piles[at], self._choice
        if (
            not self._limited
            and not pile.held
            and choice.last[pile.at] == choice.position
        ):
            # Units left now would be left to nobody, which is forbidden.
            return (most,)
        eager = eager or choice.worth.by_total
        return range(most, -1, -1) if eager else range(most + 1)

    def _bound(self, at: int, net: int, cost: int) -> int:
        choice = self._choice
        most = net + self._rest[at]
        if self._freely:
            return choice.without + most + choice.estimate.adds[choice.position]
        if choice.worth.by_total:
            most = min(most, choice.worth.total - cost)
        return choice.without + most + choice.worth.slack

    def _complete(self, net: int, cost: int) -> None:
        if not any(self._counts):
            return
        moves = [
            Move(pile, self._choice.mark(), count)
            for pile, count in zip(self._piles, self._counts, strict=True)
            if count
        ]
        if self._freely:
            self._choice.add(net, None, moves)
            return
        saving = saved_by(self._saving, zip(self._classes, self._counts, strict=True))
        if self._choice.permits(saving):
            self._choice.add(saving * WHOLE_PERCENTAGE - cost, saving, moves)


class _SetOptions:
    """Chooses which sets a claim makes of the piles."""

    def __init__(self, choice: Choice, plan: Sets, piles: list[Pile]) -> None:
        self._choice = choice
        self._piles = piles
        self._freely = choice.worth.claim.freely
        self._fits = choice.worth.fits
        self._cost = [choice.given_up(pile) for pile in piles]
        self._maker = SetMaker(
            plan, choice.worth.claim.age, piles, choice.holdings.classes
        )
        self._left = [pile.units for pile in piles]
        self._sets: list[Composition] = []
        self._ranked: list[tuple[int, Composition]] = []

    def list(self) -> None:
        """List all options, or where sets can be made in too many ways, a few."""
        made = self._maker.all()
        if made is None:
            self._in_turn()
            return
        ranked = [(self._net(composition), composition) for composition in made]
        self._ranked = sorted(ranked, key=lambda one: (-one[0], one[1].parts))
        self._more(0, 0)

    def _in_turn(self) -> None:
        """Fill sets with all units, and with those that nothing else wants."""
        choice = self._choice
        choice.left_out = choice.without + choice.estimate.adds[choice.position]
        everything = {at: pile.units for at, pile in enumerate(self._piles)}
        unwanted = {at: n for at, n in everything.items() if not self._cost[at]}
        for usable in (everything, unwanted):
            self._sets = self._maker.in_turn(self._fits, usable)
            if self._sets:
                self._add(sum(self._net(one) for one in self._sets))

    def _more(self, start: int, net: int) -> None:
        """Add one set more, not before those chosen; and list what there is then."""
        choice = self._choice
        missing = self._fits - len(self._sets)
        for at in range(start, len(self._ranked)):
            gains, composition = self._ranked[at]
            bound = choice.without + net + gains + (missing - 1) * max(0, gains)
            if self._freely:
                bound += choice.estimate.adds[choice.position]
            if bound < choice.needed or choice.full(bound):
                return
            uses = composition.uses()
            if any(self._left[pile] < count for pile, count in uses.items()):
                continue
            for pile, count in uses.items():
                self._left[pile] -= count
            self._sets.append(composition)
            if missing > 1:
                self._more(at, net + gains)
            self._add(net + gains)
            self._sets.pop()
            for pile, count in uses.items():
                self._left[pile] += count

    def _net(self, composition: Composition) -> int:
        """Return what a set saves beyond what its units could save without it."""
        given_up = sum(self._cost[pile] * n for pile, n in composition.uses().items())
        if not self._freely:
            return composition.saving * WHOLE_PERCENTAGE - given_up
        return (
            sum(
                self._choice.together(self._piles[pile], self._choice.mark(role)) * n
                for pile, role, n in composition.parts
            )
            - given_up
        )

    def _add(self, net: int) -> None:
        saving = None
        if not self._freely:
            saving = sum(composition.saving for composition in self._sets)
            if not self._choice.permits(saving):
                return
        moves = [
            Move(self._piles[pile], self._choice.mark(role, number), count)
            for number, composition in enumerate(self._sets)
            for pile, role, count in composition.parts
        ]
        self._choice.add(net, saving, moves)
