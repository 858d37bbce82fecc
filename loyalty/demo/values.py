"""The data's own vocabulary: households, baskets, articles, coupons."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple, NewType

Household = NewType("Household", int)


class Line(NamedTuple):
    """One line of a basket; money in cents."""

    product: int
    quantity: int
    """In thousandths, at least 1."""

    gross: int
    discount: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Basket:
    """One visit to a shop."""

    id: int
    household: Household
    store: int
    week: int
    at: datetime
    """Naive: what the shop's clock showed."""

    lines: tuple[Line, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Article:
    """One row of the products, in the data's own words."""

    id: int
    manufacturer: int
    department: str
    private: bool
    category: str
    kind: str
    size: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Coupon:
    """A coupon of the data with the products it was good for."""

    upc: int
    products: frozenset[int]
    redemptions: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Mailing:
    """A campaign of the data: coupons that were sent to some households."""

    id: int
    kind: str
    first_day: date
    last_day: date
    households: frozenset[Household]
    coupons: Mapping[int, frozenset[int]]
    """The products of each coupon."""

    used: frozenset[tuple[Household, int, date]]
    """Which household used which coupon on which day."""
