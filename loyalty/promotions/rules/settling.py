"""From units held to prices: item savings, then the whole basket, then the rest."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from loyalty.promotions.rules.claims import Claim, Claims, form_sets
from loyalty.promotions.rules.eligibility import spend_lacking
from loyalty.promotions.rules.goods import Goods
from loyalty.promotions.rules.pieces import Piece, apply_saving, common_amount
from loyalty.promotions.rules.plans import (
    Cover,
    Delivery,
    Lacking,
    MorePoints,
    Sets,
    Whole,
)
from loyalty.promotions.values import PointsRule, Spend

_HUNDRED = 100

MOST_SUBSETS_OF = 8
"""Up to so many rewards on the whole basket every choice among them is tried."""

Score = tuple[int, int, int, tuple[int, ...]]
"""
Price to pay, minus the points, number of applications, the age of each: the smaller is
the better.
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ground:
    """What does not change while a basket is priced; money in minor units."""

    goods: Goods
    fee: int
    points: PointsRule | None
    earns: bool


@dataclass(kw_only=True, slots=True)
class Given:
    """What each promotion gives, by age: off items, off delivery, in points."""

    off_items: dict[int, dict[int, int]] = field(default_factory=dict)
    off_delivery: dict[int, int] = field(default_factory=dict)
    points: dict[int, int] = field(default_factory=dict)
    times: dict[int, int] = field(default_factory=dict)
    on_whole: set[int] = field(default_factory=set)
    """Which of those off items come off the whole basket."""

    base_points: int = 0
    net: int = 0

    def amount(self, age: int) -> int:
        """Return what the promotion takes off goods and delivery."""
        goods = sum(self.off_items.get(age, {}).values())
        return goods + self.off_delivery.get(age, 0)

    def score(self, fee: int) -> Score:
        """Return what this is compared by."""
        ages = {*self.off_items, *self.off_delivery, *self.points}
        price = self.net + fee - sum(self.off_delivery.values())
        points = self.base_points + sum(self.points.values())
        applications = [age for age in ages for _ in range(self.times.get(age, 1))]
        return (price, -points, len(applications), tuple(sorted(applications)))


def settle(
    pieces: list[Piece], held: Sequence[Claim], claims: Claims, ground: Ground
) -> Given | list[Claim]:
    """
    Price a basket whose units are held by item claims.

    :param pieces: the whole basket, marked; changed by this
    :param held: the item claims that hold units
    :returns: claims that would give nothing, or more than their budgets, if any would
    """
    given = Given()
    wrong = give_on_items(pieces, held, given)
    if wrong:
        return wrong
    able = _reached(claims.on_whole, pieces, ground)
    on_delivery = _reached(claims.on_delivery, pieces, ground)
    on_points = _reached(claims.on_points, pieces, ground)
    discountable = [piece for piece in pieces if piece.item.discountable]
    left = sum(piece.left for piece in discountable)
    room = sum(piece.room for piece in discountable)
    for claim in best_choice(able, lambda chosen: whole_total(chosen, left, room)):
        give_on_whole(claim, discountable, given)
    for claim in best_choice(
        on_delivery, lambda chosen: delivery_total(chosen, ground.fee)
    ):
        give_on_delivery(claim, given, ground)
    given.net = sum(piece.left for piece in pieces)
    give_points(on_points, pieces, given, ground)
    return given


def _reached(
    claims: Sequence[Claim], pieces: Sequence[Piece], ground: Ground
) -> Sequence[Claim]:
    """Return the claims whose spends after item discounts are reached."""
    return [
        claim
        for claim in claims
        if not spends_lacking(claim.after_items, pieces, ground)
    ]


def give_on_items(
    pieces: Sequence[Piece], held: Iterable[Claim], given: Given
) -> list[Claim]:
    """Take item savings off; return the claims that give nothing, or too much."""
    wrong: list[Claim] = []
    held_by: dict[int, list[Piece]] = {}
    for piece in pieces:
        for age in {mark[0] for mark in piece.marks}:
            held_by.setdefault(age, []).append(piece)
    for claim in sorted(held, key=lambda claim: claim.order):
        plan, mine = claim.plan, held_by.get(claim.age, [])
        taken: dict[int, int] = {}
        if isinstance(plan, Sets):
            sets = form_sets(claim, plan, mine)
            given.times[claim.age] = len(sets)
            if not _save_by_sets(plan, sets, taken):
                return [*wrong, claim]
        elif isinstance(plan, Cover):
            taken = apply_saving(plan.saving, mine)
        if not claim.within_budget(sum(taken.values())):
            return [*wrong, claim]
        if not taken:
            wrong.append(claim)
        given.off_items[claim.age] = taken
    return wrong


def _save_by_sets(
    plan: Sets, sets: Iterable[list[Piece]], taken: dict[int, int]
) -> bool:
    """Add what each set saves to what is taken; return False when one saves nothing."""
    for one in sets:
        off = apply_saving(plan.saving, one)
        if not off:
            return False
        for at, amount in off.items():
            taken[at] = taken.get(at, 0) + amount
    return True


def give_on_whole(claim: Claim, pieces: Sequence[Piece], given: Given) -> None:
    """Take a saving on the whole basket off what is left."""
    if isinstance(claim.plan, Whole):
        given.off_items[claim.age] = apply_saving(claim.plan.saving, pieces)
        given.on_whole.add(claim.age)


def give_on_delivery(claim: Claim, given: Given, ground: Ground) -> None:
    """Take a saving on delivery off what is left of the fee."""
    left = ground.fee - sum(given.off_delivery.values())
    if isinstance(claim.plan, Delivery):
        most = claim.plan.at_most
        given.off_delivery[claim.age] = left if most is None else min(left, most)


def give_points(
    claims: Sequence[Claim], pieces: Sequence[Piece], given: Given, ground: Ground
) -> None:
    """Count points on what is paid; each claim gets what it adds, rounded down once."""
    if not ground.earns:
        return
    rule = ground.points
    # Hundredths of points times the rule's amount: whole, as factors have two decimals.
    rate, point = (rule.points, _HUNDRED * rule.per.amount) if rule else (0, _HUNDRED)
    exact = _HUNDRED * rate * sum(piece.left for piece in pieces)
    given.base_points = exact // point
    for claim in claims:
        plan = claim.plan
        if not isinstance(plan, MorePoints):
            continue
        before = exact // point
        if plan.on is not None:
            on = ground.goods.matching(plan.on)
            paid = sum(piece.left for piece in pieces if piece.at in on)
            exact += rate * paid * (int(_HUNDRED * plan.factor) - _HUNDRED)
        exact += plan.extra * point
        if exact // point > before:
            given.points[claim.age] = exact // point - before


def spends_lacking(
    spends: Iterable[Spend], pieces: Sequence[Piece], ground: Ground
) -> Lacking | None:
    """Return what is missing to a spend after item discounts, if something is."""
    for spend in spends:
        on = ground.goods.matching(spend.on)
        reached = sum(piece.left for piece in pieces if piece.at in on)
        lacking = spend_lacking(spend, reached)
        if lacking is not None:
            return lacking
    return None


def best_choice(
    claims: Sequence[Claim], total: Callable[[Sequence[Claim]], int | None]
) -> tuple[Claim, ...]:
    """
    Return the claims that together give most; then the fewest, then the oldest.

    ``total`` is what a choice gives, None when one of it gives nothing or exceeds its
    budget. Beyond ``MOST_SUBSETS_OF`` claims they are added one by one.
    """
    ordered = sorted(claims, key=lambda claim: claim.order)
    if len(ordered) > MOST_SUBSETS_OF:
        return _one_by_one(ordered, total)
    best: tuple[int, int, tuple[int, ...]] = (0, 0, ())
    chosen: tuple[Claim, ...] = ()
    for size in range(1, len(ordered) + 1):
        for choice in combinations(ordered, size):
            amount = total(choice)
            if amount is None:
                continue
            score = (-amount, size, tuple(sorted(claim.age for claim in choice)))
            if score < best:
                best, chosen = score, choice
    return chosen


def _one_by_one(
    ordered: Sequence[Claim], total: Callable[[Sequence[Claim]], int | None]
) -> tuple[Claim, ...]:
    chosen: tuple[Claim, ...] = ()
    for claim in ordered:
        if total((*chosen, claim)) is not None:
            chosen = (*chosen, claim)
    return chosen


def whole_total(claims: Sequence[Claim], left: int, room: int) -> int | None:
    """Return what claims on the whole basket take off in turn, given what is left."""
    taken = 0
    for claim in claims:
        if not isinstance(claim.plan, Whole):
            return None
        amount = min(room - taken, common_amount(claim.plan.saving, left - taken))
        if not amount or not claim.within_budget(amount):
            return None
        taken += amount
    return taken


def delivery_total(claims: Sequence[Claim], fee: int) -> int | None:
    """Return what claims on delivery take off the fee in turn."""
    left = fee
    for claim in claims:
        if not isinstance(claim.plan, Delivery):
            return None
        most = claim.plan.at_most
        amount = left if most is None else min(left, most)
        if not amount or not claim.within_budget(amount):
            return None
        left -= amount
    return fee - left


def least_after_whole(claims: Iterable[Claim], left: int, room: int) -> int:
    """
    Return the least that can remain after any choice of whole-basket claims.

    Each of them leaves no less of more, so all of them without thresholds and
    budgets leave the least.
    """
    taken = 0
    for claim in sorted(claims, key=lambda claim: claim.order):
        if isinstance(claim.plan, Whole):
            amount = common_amount(claim.plan.saving, left - taken)
            taken += max(0, min(room - taken, amount))
    return left - taken
