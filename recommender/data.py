"""What goes in: purchases, customers, products, offers, responses."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int32]
LongArray = NDArray[np.int64]
FloatArray = NDArray[np.float32]
BoolArray = NDArray[np.bool_]
Sparse = Any
"""A ``scipy.sparse.csr_array``; scipy has no types."""

_EPOCH = date(1970, 1, 1).toordinal()


def day_number(day: date) -> int:
    """Return the days since 1 January 1970."""
    return day.toordinal() - _EPOCH


def day_of(number: int) -> date:
    """Return the date of a day number."""
    return date.fromordinal(number + _EPOCH)


@dataclass(frozen=True, kw_only=True, slots=True)
class Purchase:
    """One line of a receipt: the shop's own day, minor units of its currency."""

    customer: int
    product: str
    day: date
    quantity: int
    value: int


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Purchases:
    """
    Many purchases as columns of one length, in any order.

    ``products`` are positions in ``skus``, ``days`` day numbers, ``values`` minor
    units. A line whose quantity is below one is a return: it is no purchase.
    """

    customers: LongArray
    products: IntArray
    days: IntArray
    quantities: IntArray
    values: LongArray
    skus: tuple[str, ...]

    def __post_init__(self) -> None:
        """Refuse columns of different lengths and positions outside ``skus``."""
        length = len(self.customers)
        columns = (self.products, self.days, self.quantities, self.values)
        if any(len(column) != length for column in columns):
            text = "The columns of purchases must have one length."
            raise ValueError(text)
        if length and not 0 <= self.products.min() <= self.products.max() < len(
            self.skus
        ):
            text = "A purchase points to a product that is not in skus."
            raise ValueError(text)

    def __len__(self) -> int:
        """Count the lines."""
        return len(self.customers)

    def take(self, lines: NDArray[np.integer[Any]]) -> Self:
        """Return the lines at these positions."""
        return replace(
            self,
            customers=self.customers[lines],
            products=self.products[lines],
            days=self.days[lines],
            quantities=self.quantities[lines],
            values=self.values[lines],
        )

    @classmethod
    def of(cls, rows: Iterable[Purchase]) -> Self:
        """Return the rows as columns; for a million rows fill the columns directly."""
        found = list(rows)
        skus = sorted({row.product for row in found})
        position = {sku: index for index, sku in enumerate(skus)}
        return cls(
            customers=np.array([row.customer for row in found], np.int64),
            products=np.array([position[row.product] for row in found], np.int32),
            days=np.array([day_number(row.day) for row in found], np.int32),
            quantities=np.array([row.quantity for row in found], np.int32),
            values=np.array([row.value for row in found], np.int64),
            skus=tuple(skus),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Customer:
    """
    What a customer has told us; only what may be used for offers.

    ``interests`` name categories or departments; ``facts`` are pairs such as
    ``("age", "35-44")`` and are given only where the customer consented.
    """

    id: int
    interests: tuple[str, ...] = ()
    language: str | None = None
    store: str | None = None
    tier: str | None = None
    facts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Product:
    """
    A product and its place in the shop.

    ``category`` is what is recommended: fine enough to mean something to a
    customer, coarse enough to be bought again. ``path`` is the whole way down the
    shop's own tree, if there is more to it than department and category.
    """

    sku: str
    category: str
    department: str | None = None
    brand: str | None = None
    path: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Offer:
    """
    Something to offer: the products it is for, by sku, category or department.

    Of what is known besides, each may be missing: ``kind`` names the reward,
    ``depth`` is the share of the price that it takes off (0 to 1), ``price`` what the
    goods of one redemption usually cost. ``margin`` is what one redemption earns
    before the offer's own ``cost``, the mean that one redemption gives away. Money is
    in minor units.
    """

    key: str
    skus: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()
    kind: str | None = None
    depth: float | None = None
    price: int | None = None
    margin: int | None = None
    cost: int | None = None


class Answer(StrEnum):
    """What a customer did with an offer."""

    SEEN = "seen"
    REDEEMED = "redeemed"
    NOT_FOR_ME = "not_for_me"


@dataclass(frozen=True, kw_only=True, slots=True)
class Response:
    """
    An answer; ``categories`` and ``skus`` are the offer's, which may be gone by now.

    ``campaign`` is the code of the campaign that the offer was made in, if in one.
    """

    customer: int
    offer: str
    answer: Answer
    day: date
    categories: tuple[str, ...] = ()
    campaign: str = ""
    skus: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class PastCampaign:
    """
    A campaign that has begun: from ``start`` up to, not including, ``end``.

    Each of the ``customers`` could use any of the ``offers``, unless ``made`` says
    which offer (a position in ``offers``) was made to whom. The ``holdout`` was drawn
    by lot to get nothing; in ``made`` it has what it would have got, if that is known.
    """

    code: str
    kind: str
    start: date
    end: date
    customers: tuple[int, ...]
    offers: tuple[Offer, ...]
    holdout: tuple[int, ...] = ()
    made: tuple[tuple[int, int], ...] | None = None

    @property
    def days(self) -> int:
        """How many days it lasts, or lasted."""
        return (self.end - self.start).days


@dataclass(frozen=True, kw_only=True, slots=True)
class Past:
    """Campaigns that have begun, and what customers did with their offers."""

    campaigns: Sequence[PastCampaign] = ()
    responses: Sequence[Response] = ()

    def before(self, day: date) -> Self:
        """Return what was known at the start of the day."""
        return replace(
            self,
            campaigns=tuple(one for one in self.campaigns if one.start < day),
            responses=tuple(one for one in self.responses if one.day < day),
        )


NO_PAST = Past()


@dataclass(frozen=True, kw_only=True, slots=True)
class Ask:
    """
    What to recommend, and as of when: purchases before ``day`` count.

    Without ``offers`` the items themselves are recommended, each an offer whose key
    is the category's name. The offers can be used for so many ``days``, and each
    customer gets so many ``choices`` of them. ``worth`` is what any redemption earns,
    in minor units, where offers have no margin.
    """

    day: date
    offers: Sequence[Offer] | None = None
    responses: Sequence[Response] = ()
    campaigns: Sequence[PastCampaign] = ()
    days: int = 28
    choices: int = 4
    worth: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Suggestion:
    """
    An offer for a customer, ``rank`` from 1.

    ``score``: how probable it is that they take it; ``value``: what is expected of
    it, as in :class:`recommender.scoring.Scored`; ``fresh``: they never bought such.
    ``reason`` is data that the service turns into a sentence; its kinds are in
    ``recommender.explanation``. ``parts`` say by group of features, and ``base``, of
    what the model's raw score is the sum. ``version`` names the model.
    """

    customer: int
    offer: str
    rank: int
    score: float
    value: float
    fresh: bool
    reason: Mapping[str, str | int]
    version: str
    parts: Mapping[str, float] = field(default_factory=dict)
