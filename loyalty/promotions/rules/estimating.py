"""The least price that a branch of the search could lead to."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from loyalty.promotions.rules.bounds import Worth, gain, mine, one_pool, reduced_in_turn
from loyalty.promotions.rules.claims import FREE, Claim, Claims, Held, UnitClass
from loyalty.promotions.rules.holdings import Cell, Holdings
from loyalty.promotions.rules.plans import (
    WHOLE_PERCENTAGE,
    Cover,
    EachAmount,
    Percentage,
    Sets,
)
from loyalty.promotions.rules.settling import (
    Ground,
    delivery_total,
    least_after_whole,
)


@dataclass(slots=True)
class Estimate:
    """
    Bounds for one search; ``worths`` are in the order in which claims are decided.

    ``done`` holds, by position, what a decided claim saves (scaled): those that share
    no units are known exactly then, the others stay bounded unit by unit.
    """

    claims: Claims
    ground: Ground
    classes: Sequence[UnitClass]
    worths: Sequence[Worth]
    done: list[int] = field(init=False)
    _position: dict[int, int] = field(init=False)
    _caps: dict[tuple[int, Held, int, bool], int] = field(init=False)
    _slack: list[int] = field(init=False)
    _value: int = field(init=False)
    _floors: int = field(init=False)
    _apart: int = field(init=False)
    _mixing: bool = field(init=False)
    _pooled: list[bool] = field(init=False)
    _best_first: list[list[tuple[int, int, int]]] = field(init=False)
    _gain_at_first: list[int] = field(init=False)

    def __post_init__(self) -> None:
        """Work out what does not change during the search."""
        self.done = [0] * len(self.worths)
        self._position = {w.claim.age: at for at, w in enumerate(self.worths)}
        self._caps = {}
        self._value = sum(c.price * c.count for c in self.classes)
        self._floors = sum(c.floor * c.count for c in self.classes)
        kept = sum(i.gross for i in self.ground.items if not i.discountable)
        self._apart = kept + _least_fee(self.claims, self.ground.fee)
        sharing = [w for w in self.worths if w.claim.freely]
        self._mixing = all(_simple(w) for w in sharing) and not (
            len(sharing) > 1 and self._floors
        )
        self._weigh()
        self._slack = self._suffixes(len(sharing))
        self._pooled = [
            isinstance(w.claim.plan, Sets)
            and w.by_total
            and isinstance(w.claim.plan.saving, Percentage)
            and one_pool(w.claim, w.claim.plan, self.classes)
            for w in self.worths
        ]

    def least(
        self,
        holdings: Holdings,
        position: int,
        cells: Sequence[Cell],
        taken: Sequence[int] = (),
    ) -> int:
        """
        Return a price to pay below which the branch cannot lead.

        :param position: of the claim being decided
        :param cells: units still to be decided for it; empty before it is begun
        :param taken: how many units it holds in each role
        """
        undecided = {(cell.at, cell.held) for cell in cells}
        saved = self._slack[position] + sum(self.done[:position])
        if cells and self._gains(self.worths[position]):
            saved += self._under_way(holdings, position, cells, taken)
            saved -= self._gain_at_first[position]
        for at, held, count in holdings.cells():
            still = not cells or (at, held) in undecided
            saved += count * self.cap(at, held, position, still=still)
        left = max(self._floors, self._value - saved // WHOLE_PERCENTAGE)
        left = least_after_whole(self.claims.on_whole, left, left - self._floors)
        return left + self._apart

    def _under_way(
        self,
        holdings: Holdings,
        position: int,
        cells: Sequence[Cell],
        taken: Sequence[int],
    ) -> int:
        """Return what a claim can still add that holds some units already."""
        worth = self.worths[position]
        begun = sum(worth.unit[at] * count for at, _, count in holdings.of(worth.claim))
        counts: dict[int, int] = {}
        for cell in cells:
            counts[cell.at] = counts.get(cell.at, 0) + cell.count
        total = self._total(holdings, position, cells, taken)
        units = [
            (own, other, counts[at])
            for at, own, other in self._best_first[position]
            if at in counts
        ]
        return max(0, gain(units, begun=begun, total=total))

    def _total(
        self,
        holdings: Holdings,
        position: int,
        cells: Sequence[Cell],
        taken: Sequence[int],
    ) -> int:
        """Return the most that a claim can save in all, with what it holds already."""
        worth = self.worths[position]
        plan = worth.claim.plan
        if not (self._pooled[position] and isinstance(plan, Sets) and any(taken)):
            return worth.total
        pay, get = plan.roles
        value = sum(
            self.classes[at].price * count
            for at, role, count in holdings.of(worth.claim)
            if plan.roles[role].reduced
        ) + reduced_in_turn(
            [(self.classes[cell.at].price, cell.count) for cell in cells],
            sizes=(pay.quantity, get.quantity),
            held=(taken[0], taken[1]),
            fits=worth.fits,
        )
        return min(worth.total, value * (_rate(worth.claim) or 0))

    def cap(self, at: int, held: Held, position: int, *, still: bool) -> int:
        """
        Return the most that one unit can save, scaled.

        :param still: whether the claim at the position may still take it
        """
        key = (at, held, position, still)
        cap = self._caps.get(key)
        if cap is None:
            cap = self._caps[key] = self._work_out_cap(at, held, position, still=still)
        return cap

    def _work_out_cap(self, at: int, held: Held, position: int, *, still: bool) -> int:
        holders = [self.worths[self._position[age]] for age, _ in held]
        if holders and not holders[0].claim.freely:
            # What a decided claim saves is known and counted apart.
            worth = holders[0]
            decided = self._position[worth.claim.age] < position
            return 0 if decided or worth.by_total else worth.unit[at]
        start = position if still else position + 1
        coming = [w for w in self.worths[start:] if mine(w.claim, self.classes[at])]
        sharing = {w.claim.age: w for w in (*holders, *coming) if w.claim.freely}
        cap = self._together(at, list(sharing.values()))
        if not held:
            apart = (w for w in coming if not (w.claim.freely or w.by_total))
            cap = max([cap, *(w.unit[at] for w in apart)])
        return cap

    def _together(self, at: int, worths: Sequence[Worth]) -> int:
        """Return the most that claims which share a unit can save on it."""
        if not self._mixing:
            return sum(worth.unit[at] for worth in worths if not worth.by_total)
        price = self.classes[at].price * WHOLE_PERCENTAGE
        left = price
        for worth in worths:
            rate = _rate(worth.claim)
            if rate is not None:
                left = left * (WHOLE_PERCENTAGE - rate) // WHOLE_PERCENTAGE
        for worth in worths:
            if _rate(worth.claim) is None:
                left -= worth.unit[at]
        return price - max(0, left)

    def _suffixes(self, sharing: int) -> list[int]:
        """Sum what claims from each position on may add: totals, and rounding."""
        always = 0
        for worth in self.worths:
            if worth.claim.freely:
                always += worth.slack + (worth.total if worth.by_total else 0)
                # The shares of earlier savings are rounded line by line.
                lines = sum(len(c.items) for c in self.classes if mine(worth.claim, c))
                always += WHOLE_PERCENTAGE * lines * (sharing - 1)
        slack = [always]
        for worth in reversed(self.worths):
            position = self._position[worth.claim.age]
            more = 0 if worth.claim.freely else worth.slack
            slack.insert(0, slack[0] + more + self._gain_at_first[position])
        return slack

    def _gains(self, worth: Worth) -> bool:
        """Test whether a claim is counted by what it adds to the others."""
        return worth.by_total and not worth.claim.freely

    def _weigh(self) -> None:
        """
        Work out what claims bounded by totals add to those bounded by units.

        The former are all decided first, so the latter are the same for all of them.
        """
        self._best_first, self._gain_at_first = [], []
        for worth in self.worths:
            rows: list[tuple[int, int, int]] = []
            first = 0
            if self._gains(worth):
                rows = [
                    (at, worth.unit[at], self.cap(at, FREE, 0, still=True))
                    for at, unit_class in enumerate(self.classes)
                    if mine(worth.claim, unit_class)
                ]
                rows.sort(key=lambda row: (Fraction(row[2], row[1] or 1), row[0]))
                units = [(o, other, self.classes[at].count) for at, o, other in rows]
                first = gain(units, begun=0, total=worth.total)
                first = min(first, worth.total - self._least_taken(worth, rows))
            self._best_first.append(rows)
            self._gain_at_first.append(max(0, first))

    def _least_taken(self, worth: Worth, rows: Sequence[tuple[int, int, int]]) -> int:
        """Return the least that the units it needs are worth to the others."""
        missing, least = worth.smallest, 0
        for other, count in sorted((o, self.classes[at].count) for at, _, o in rows):
            taken = min(missing, count)
            least += taken * other
            missing -= taken
        return least


def _least_fee(claims: Claims, fee: int) -> int:
    if len(claims.on_delivery) > 1:
        return 0
    return fee - (delivery_total(claims.on_delivery, fee) or 0)


def _rate(claim: Claim) -> int | None:
    plan = claim.plan
    if isinstance(plan, Cover | Sets) and isinstance(plan.saving, Percentage):
        return plan.saving.basis_points
    return None


def _simple(worth: Worth) -> bool:
    """Test whether a claim is bounded unit by unit, as percentages and amounts are."""
    plan = worth.claim.plan
    return (
        isinstance(plan, Cover)
        and plan.units is None
        and not worth.by_total
        and isinstance(plan.saving, Percentage | EachAmount)
    )
