"""Promotions with a plan for this basket, and the units they can hold."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from loyalty.promotions.rules.goods import Goods
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

    ``roles`` are those that each unit could play, by the age of the claim. ``items``
    are indexes of lines.
    """

    price: int
    floor: int
    weight: Decimal | None
    roles: Mapping[int, tuple[int, ...]]
    items: tuple[int, ...]
    count: int

    @property
    def room(self) -> int:
        """Return how much may be taken off one unit."""
        return self.price - self.floor


def unit_classes(
    goods: Goods, claims: Claims, within: Sequence[int]
) -> tuple[UnitClass, ...]:
    """
    Group the discountable units, the dearest first.

    :param within: indexes of the items to group
    """
    roles: dict[int, list[tuple[int, int]]] = {
        at: [] for at in within if goods.items[at].discountable
    }
    for claim in claims.on_items:
        for role, selector in enumerate(selectors_of(claim.plan)):
            for at in goods.usable(selector):
                if at in roles:
                    roles[at].append((claim.age, role))
    watched: dict[int, list[int]] = {}
    for number, selector in enumerate(_watching(claims)):
        for at in goods.matching(selector):
            watched.setdefault(at, []).append(number)
    sharing = sum(claim.freely for claim in claims.on_items) > 1
    groups: dict[object, list[int]] = {}
    for at, marks in roles.items():
        item = goods.items[at]
        watchers = tuple(watched.get(at, ()))
        # Where savings share units, an odd cent may lie on one of two like lines.
        line = at if sharing else None
        key = (item.price, item.floor, item.weight, tuple(marks), watchers, line)
        groups.setdefault(key, []).append(at)
    classes = [_class_of(goods, ats, roles[ats[0]]) for ats in groups.values()]
    return tuple(sorted(classes, key=lambda c: (-c.price, c.items)))


def _class_of(
    goods: Goods, ats: Sequence[int], marks: Iterable[tuple[int, int]]
) -> UnitClass:
    item = goods.items[ats[0]]
    roles: dict[int, tuple[int, ...]] = {}
    for age, role in marks:
        roles[age] = (*roles.get(age, ()), role)
    return UnitClass(
        price=item.price,
        floor=item.floor,
        weight=item.weight,
        roles=roles,
        items=tuple(ats),
        count=sum(goods.items[at].count for at in ats),
    )


def _watching(claims: Claims) -> Iterator[Selector]:
    """Give the selectors that tell units apart though no item claim does."""
    for claim in claims.on_whole:
        yield from (spend.on for spend in claim.after_items)
    for claim in claims.on_points:
        if isinstance(claim.plan, MorePoints) and claim.plan.on is not None:
            yield claim.plan.on


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


def form_sets(claim: Claim, plan: Sets, pieces: Iterable[Piece]) -> list[list[Piece]]:
    """Return the reduced pieces of each set that a claim holds."""
    sets: dict[int, list[Piece]] = {}
    for piece in pieces:
        for age, role, number in piece.marks:
            if age == claim.age and plan.roles[role].reduced:
                sets.setdefault(number, []).append(piece)
    return [sets[number] for number in sorted(sets)]
