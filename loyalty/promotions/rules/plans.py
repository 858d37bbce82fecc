"""What a reward means for one basket: the few shapes that the engine prices.

Each reward module turns its reward into one of these. Amounts are minor units;
percentages are in basis points (1050 is 10.5 per cent), so they are whole too.
"""

from dataclasses import dataclass
from decimal import Decimal

from loyalty.core.money import Money
from loyalty.promotions.values import MissedReason, Selector, Units

WHOLE_PERCENTAGE = 10_000
"""100 per cent in basis points."""


def basis_points(percent: Decimal) -> int:
    """Return a percentage of at most two decimals in basis points."""
    return int(percent * 100)


@dataclass(frozen=True, kw_only=True, slots=True)
class Percentage:
    """A share of what the covered units cost, at most an amount."""

    basis_points: int
    at_most: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class OneAmount:
    """One amount off, shared over the covered units by value."""

    amount: int


@dataclass(frozen=True, kw_only=True, slots=True)
class EachAmount:
    """An amount off each covered unit."""

    amount: int


@dataclass(frozen=True, kw_only=True, slots=True)
class EachDownTo:
    """Each covered unit costs this (a kilogram of it, when weighed)."""

    price: int


@dataclass(frozen=True, kw_only=True, slots=True)
class TogetherDownTo:
    """The covered units together cost this."""

    price: int


Saving = Percentage | OneAmount | EachAmount | EachDownTo | TogetherDownTo


@dataclass(frozen=True, kw_only=True, slots=True)
class Cover:
    """A saving on the units of a selector, all of them or a few, once a basket."""

    on: Selector
    saving: Percentage | OneAmount | EachAmount | EachDownTo
    units: Units | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Role:
    """So many units in each set; ``reduced`` ones carry the saving."""

    of: Selector
    quantity: int
    reduced: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Sets:
    """
    A saving for each whole set of units, as often as sets fit.

    ``ranked``: inside a set no unit that only pays, and matches a reduced role, is
    cheaper than a reduced unit.
    """

    roles: tuple[Role, ...]
    saving: Percentage | TogetherDownTo
    ranked: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Whole:
    """A saving on everything that is left after item rewards."""

    saving: Percentage | OneAmount


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """Off the delivery fee, at most an amount."""

    at_most: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class MorePoints:
    """Points for matching units times ``factor``, and ``extra`` points."""

    on: Selector | None
    factor: Decimal
    extra: int


Plan = Cover | Sets | Whole | Delivery | MorePoints


@dataclass(frozen=True, kw_only=True, slots=True)
class Lacking:
    """The basket does not hold what the reward needs."""

    reason: MissedReason
    of: Selector | None = None
    short_by: Money | None = None
    missing: int | None = None
