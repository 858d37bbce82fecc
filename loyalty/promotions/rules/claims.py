"""Promotions with a plan for this basket, and the units they can hold."""

from collections.abc import Sequence
from dataclasses import dataclass

from loyalty.promotions.rules.pieces import Mark, Piece
from loyalty.promotions.rules.plans import (
    Cover,
    Delivery,
    MorePoints,
    Percentage,
    Plan,
    Sets,
    Whole,
)
from loyalty.promotions.rules.selecting import Item, matches
from loyalty.promotions.values import Combines, Promotion, Selector, Spend

Held = frozenset[Mark]
FREE: Held = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """
    One promotion that may apply, and its plan.

    ``age`` is its place among all promotions, the oldest first; ``budget`` what it
    may still give in minor units; ``after_items`` thresholds for the combination.
    """

    age: int
    promotion: Promotion
    plan: Plan
    budget: int | None
    after_items: tuple[Spend, ...] = ()

    @property
    def freely(self) -> bool:
        """Test whether it shares units with others of the kind."""
        return self.promotion.combines is Combines.FREELY

    @property
    def alone(self) -> bool:
        """Test whether it bears no other promotion in the basket."""
        return self.promotion.combines is Combines.ALONE

    @property
    def most_sets(self) -> int | None:
        """Return how many sets it may fill in one basket."""
        return self.promotion.limits.per_purchase

    @property
    def order(self) -> tuple[int, int]:
        """Return the key by which savings on one unit follow each other."""
        plan = self.plan
        is_percentage = isinstance(plan, Cover | Sets | Whole) and isinstance(
            plan.saving, Percentage
        )
        return (0 if is_percentage else 1, self.age)

    def within_budget(self, amount: int) -> bool:
        """Test whether the remaining budget covers the amount whole."""
        return self.budget is None or amount <= self.budget


@dataclass(frozen=True, kw_only=True, slots=True)
class Claims:
    """The claims on a basket by kind, each kind the oldest first."""

    on_items: tuple[Claim, ...]
    on_whole: tuple[Claim, ...]
    on_delivery: tuple[Claim, ...]
    on_points: tuple[Claim, ...]

    @classmethod
    def of(cls, claims: Sequence[Claim]) -> "Claims":
        """Sort claims into their kinds."""

        def only(*kinds: type) -> tuple[Claim, ...]:
            return tuple(claim for claim in claims if isinstance(claim.plan, kinds))

        return cls(
            on_items=only(Cover, Sets),
            on_whole=only(Whole),
            on_delivery=only(Delivery),
            on_points=only(MorePoints),
        )

    def all(self) -> tuple[Claim, ...]:
        """Return every claim."""
        return self.on_items + self.on_whole + self.on_delivery + self.on_points


@dataclass(frozen=True, kw_only=True, slots=True)
class UnitClass:
    """
    Units that no rule tells apart: the same price, floor and matching claims.

    ``roles`` are the marks that each could carry. ``items`` are indexes of lines.
    """

    price: int
    floor: int
    weight_key: str
    roles: frozenset[Mark]
    watched: frozenset[int]
    items: tuple[int, ...]
    count: int

    @property
    def room(self) -> int:
        """Return how much may be taken off one unit."""
        return self.price - self.floor


def unit_classes(items: Sequence[Item], claims: Claims) -> tuple[UnitClass, ...]:
    """Group the discountable units, the dearest first."""
    selectors = [
        ((claim.age, role), selector)
        for claim in claims.on_items
        for role, selector in enumerate(selectors_of(claim.plan))
    ]
    watching = [
        spend.on for claim in claims.on_whole for spend in claim.after_items
    ] + [
        claim.plan.on
        for claim in claims.on_points
        if isinstance(claim.plan, MorePoints) and claim.plan.on is not None
    ]
    groups: dict[tuple[int, int, str, Held, frozenset[int]], list[int]] = {}
    for at, item in enumerate(items):
        if not item.discountable:
            continue
        roles = frozenset(mark for mark, on in selectors if matches(on, item))
        watched = frozenset(i for i, on in enumerate(watching) if matches(on, item))
        key = (item.price, item.floor, str(item.weight or ""), roles, watched)
        groups.setdefault(key, []).append(at)
    classes = [
        UnitClass(
            price=price,
            floor=floor,
            weight_key=weight,
            roles=roles,
            watched=watched,
            items=tuple(ats),
            count=sum(items[at].count for at in ats),
        )
        for (price, floor, weight, roles, watched), ats in groups.items()
    ]
    return tuple(sorted(classes, key=lambda c: (-c.price, c.items)))


def selectors_of(plan: Plan) -> list[Selector]:
    """Return the selector of each role that units can play in the plan."""
    if isinstance(plan, Cover):
        return [plan.on]
    if isinstance(plan, Sets):
        return [role.of for role in plan.roles]
    return []


def cut(pieces: list[Piece], piece: Piece, count: int) -> Piece:
    """Return a piece of exactly ``count`` of the piece's units, cut off if need be."""
    if count == piece.count:
        return piece
    part = piece.split(count)
    pieces.append(part)
    return part


def form_sets(claim: Claim, plan: Sets, pieces: list[Piece]) -> list[list[Piece]]:
    """
    Put the units that a claim holds into sets; return the reduced pieces of each.

    Reduced units are grouped by price, the dearest together.
    """
    mine: dict[int, list[Piece]] = {}
    for piece in pieces:
        for age, role in piece.marks:
            if age == claim.age:
                mine.setdefault(role, []).append(piece)
    sets: list[list[Piece]] = []
    for at, part in enumerate(plan.roles):
        if not part.reduced:
            continue
        ranked = sorted(mine.get(at, []), key=lambda p: (-p.item.price, p.at))
        for number, group in enumerate(_chunks(pieces, ranked, part.quantity)):
            if number == len(sets):
                sets.append([])
            sets[number].extend(group)
    return sets


def _chunks(pieces: list[Piece], ranked: list[Piece], size: int) -> list[list[Piece]]:
    chunks: list[list[Piece]] = []
    missing = 0
    for whole in ranked:
        piece = whole
        while piece.count:
            if not missing:
                chunks.append([])
                missing = size
            count = min(missing, piece.count)
            part = cut(pieces, piece, count)
            chunks[-1].append(part)
            missing -= count
            if part is piece:
                break
    return chunks
