"""From units held to prices: item savings, then the whole basket, then the rest."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import combinations

from loyalty.promotions.rules.claims import Claim, Claims, form_sets
from loyalty.promotions.rules.eligibility import spend_lacking
from loyalty.promotions.rules.pieces import Piece, apply_saving, common_amount
from loyalty.promotions.rules.plans import Cover, Delivery, MorePoints, Sets, Whole
from loyalty.promotions.rules.selecting import Item, matches
from loyalty.promotions.values import PointsRule

MOST_SUBSETS_OF = 8
"""Up to so many rewards on the whole basket every choice among them is tried."""

Score = tuple[int, int, int, tuple[int, ...]]
"""Price to pay, minus the points, applications, ages: the smaller is the better."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ground:
    """What does not change while a basket is priced; money in minor units."""

    items: tuple[Item, ...]
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
        applications = sum(self.times.get(age, 1) for age in ages)
        return (price, -points, applications, tuple(sorted(ages)))


def settle(
    pieces: list[Piece], held: Sequence[Claim], claims: Claims, ground: Ground
) -> Given | None:
    """
    Price a basket whose units are held by item claims.

    :param pieces: the whole basket, marked; changed by this
    :param held: the item claims that hold units
    :returns: None when a claim would give nothing, or more than its budget
    """
    given = Given()
    if not give_on_items(pieces, held, given):
        return None
    reached = {
        claim.age for claim in claims.on_whole if not thresholds_lacking(claim, pieces)
    }
    able = [claim for claim in claims.on_whole if claim.age in reached]
    discountable = [piece for piece in pieces if piece.item.discountable]
    left = sum(piece.left for piece in discountable)
    room = sum(piece.room for piece in discountable)
    for claim in best_choice(able, lambda chosen: whole_total(chosen, left, room)):
        give_on_whole(claim, discountable, given)
    for claim in best_choice(
        claims.on_delivery, lambda chosen: delivery_total(chosen, ground.fee)
    ):
        give_on_delivery(claim, given, ground)
    given.net = sum(piece.left for piece in pieces)
    give_points(claims.on_points, pieces, given, ground)
    return given


def give_on_items(pieces: list[Piece], held: Iterable[Claim], given: Given) -> bool:
    """Take item savings off; return False when one gives nothing or too much."""
    claims = sorted(held, key=lambda claim: claim.order)
    sets = {
        claim.age: form_sets(claim, claim.plan, pieces)
        for claim in claims
        if isinstance(claim.plan, Sets)
    }
    for claim in claims:
        plan = claim.plan
        taken: dict[int, int] = {}
        if isinstance(plan, Sets):
            for one in sets[claim.age]:
                off = apply_saving(plan.saving, one)
                if not off:
                    return False
                for at, amount in off.items():
                    taken[at] = taken.get(at, 0) + amount
            given.times[claim.age] = len(sets[claim.age])
        elif isinstance(plan, Cover):
            covered = [piece for piece in pieces if piece.holds(claim.age)]
            taken = apply_saving(plan.saving, covered)
        if not taken or not claim.within_budget(sum(taken.values())):
            return False
        given.off_items[claim.age] = taken
    return True


def give_on_whole(claim: Claim, pieces: Sequence[Piece], given: Given) -> None:
    """Take a saving on the whole basket off what is left."""
    if isinstance(claim.plan, Whole):
        given.off_items[claim.age] = apply_saving(claim.plan.saving, pieces)


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
    a_unit = Fraction(rule.points, rule.per.amount) if rule else Fraction(0)
    exact = a_unit * sum(piece.left for piece in pieces)
    given.base_points = int(exact)
    for claim in claims:
        plan = claim.plan
        if not isinstance(plan, MorePoints):
            continue
        before = int(exact)
        if plan.on is not None:
            on = plan.on
            paid = sum(piece.left for piece in pieces if matches(on, piece.item))
            exact += a_unit * paid * (Fraction(plan.factor) - 1)
        exact += plan.extra
        if int(exact) > before:
            given.points[claim.age] = int(exact) - before


def thresholds_lacking(claim: Claim, pieces: Sequence[Piece]) -> bool:
    """Test whether a spend after item discounts is not reached by what is left."""
    return any(
        spend_lacking(
            spend,
            sum(piece.left for piece in pieces if matches(spend.on, piece.item)),
        )
        for spend in claim.after_items
    )


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


def by_item(given: Given, at: int) -> Mapping[int, int]:
    """Return what each promotion takes off an item, by age."""
    return {age: taken[at] for age, taken in given.off_items.items() if taken.get(at)}
