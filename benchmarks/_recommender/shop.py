"""A made-up shop like the demo's: its size, its weeks, tastes that can be learned."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np

from benchmarks._recommender.effort import SEED
from recommender.data import (
    Customer,
    IntArray,
    LongArray,
    Product,
    Purchases,
    day_number,
)

DEPARTMENTS: Final = 25
CATEGORIES: Final = 270
PRODUCTS: Final = 5_400
FIRST: Final = date(2026, 1, 1)
WEEKS: Final = 52
LINES: Final = 10
"""In a basket; there is one a week."""

_TASTES: Final = 8
_OWN: Final = 60
"""So many categories a customer ever buys of."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Shop:
    """The three tables, and the day after the last purchase."""

    purchases: Purchases
    customers: tuple[Customer, ...]
    products: tuple[Product, ...]
    today: date


def make_shop(customers: int) -> Shop:
    """Return the same shop for the same number of customers."""
    chance = np.random.default_rng(SEED)
    owners = np.repeat(np.arange(customers), WEEKS * LINES)
    weeks = np.tile(np.repeat(np.arange(WEEKS), LINES), customers)
    weekdays = chance.integers(7, size=customers)[owners]
    products = _bought(customers, owners, chance)
    count = len(owners)
    return Shop(
        purchases=Purchases(
            customers=np.asarray(owners + 1, np.int64),
            products=products,
            days=np.asarray(day_number(FIRST) + weeks * 7 + weekdays, np.int32),
            quantities=np.ones(count, np.int32),
            values=np.full(count, 199, np.int64),
            skus=tuple(f"P{place:05}" for place in range(PRODUCTS)),
        ),
        customers=tuple(
            Customer(
                id=place + 1,
                store=f"S{place % 20}",
                interests=(f"C{place % CATEGORIES:03}",) if place % 3 == 0 else (),
            )
            for place in range(customers)
        ),
        products=tuple(_product(place) for place in range(PRODUCTS)),
        today=FIRST + timedelta(weeks=WEEKS),
    )


def _product(place: int) -> Product:
    category = place % CATEGORIES
    return Product(
        sku=f"P{place:05}",
        category=f"C{category:03}",
        department=f"D{category % DEPARTMENTS:02}",
        brand=f"B{place % 400:03}",
    )


def _bought(customers: int, owners: LongArray, chance: np.random.Generator) -> IntArray:
    """
    Return a product for each line.

    A customer has some categories, drawn by popularity and taste, and buys the first
    of them most; of a category mostly one product.
    """
    popular = 1 / np.arange(1, CATEGORIES + 1)
    tastes = chance.gamma(0.3, size=(_TASTES, CATEGORIES)) * popular
    mine = chance.integers(_TASTES, size=customers)
    drawn = np.log(tastes[mine] + 1e-12) + chance.gumbel(size=(customers, CATEGORIES))
    own = np.argsort(-drawn, axis=1)[:, :_OWN]
    which = np.minimum(chance.geometric(0.06, size=len(owners)) - 1, _OWN - 1)
    categories = own[owners, which]
    variants = np.minimum(chance.geometric(0.5, size=len(owners)) - 1, 19)
    variants = (variants + owners) % (PRODUCTS // CATEGORIES)
    return np.asarray(categories + variants * CATEGORIES, np.int32)
