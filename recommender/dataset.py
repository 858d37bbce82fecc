"""From rows to numbers: the catalogue, who bought what on which day, how often."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

import numpy as np
from scipy import sparse

from recommender.config import Config
from recommender.data import (
    BoolArray,
    FloatArray,
    IntArray,
    LongArray,
    Offer,
    Product,
    Purchases,
    Sparse,
)

_MOST_BITS = 63


@dataclass(frozen=True, slots=True)
class IdMap:
    """Names and their positions."""

    names: tuple[str, ...]
    positions: Mapping[str, int]

    @classmethod
    def of(cls, names: Iterable[str]) -> Self:
        """Return the distinct names, in alphabetical order."""
        ordered = tuple(sorted(set(names)))
        return cls(ordered, {name: index for index, name in enumerate(ordered)})

    def __len__(self) -> int:
        """Count the names."""
        return len(self.names)


@dataclass(frozen=True, kw_only=True, slots=True)
class Catalogue:
    """
    The categories that are recommended (the items) and the products on sale.

    Products of sensitive or excluded categories are not in it: what is not here
    becomes no feature, no score and no reason. ``items`` are those a model was
    trained with; a category that came later is no item, its products are here.
    """

    items: IdMap
    products: Mapping[str, Product]
    categories: Mapping[str, tuple[str, ...]]
    """The products of each category."""
    departments: Mapping[str, tuple[str, ...]]
    """The categories of each department."""

    @classmethod
    def of(
        cls, products: Iterable[Product], *, config: Config, items: IdMap | None = None
    ) -> Self:
        """Return the products that are not excluded; ``items`` of a trained model."""
        refused = Refusal(config)
        kept = {p.sku: p for p in products if not refused(p)}
        categories: dict[str, list[str]] = {}
        departments: dict[str, set[str]] = {}
        for sku, product in kept.items():
            categories.setdefault(product.category, []).append(sku)
            if product.department is not None:
                departments.setdefault(product.department, set()).add(product.category)
        return cls(
            items=IdMap.of(categories) if items is None else items,
            products=kept,
            categories={name: tuple(sorted(s)) for name, s in categories.items()},
            departments={name: tuple(sorted(c)) for name, c in departments.items()},
        )

    def only(self, skus: Iterable[str]) -> "Catalogue":
        """
        Return the same categories with just these products, to send it elsewhere.

        It can only be asked what items a sku or a name stands for: a product is one
        that stands for all of its category.
        """
        known = self.products
        alike = {name: Product(sku=name, category=name) for name in self.categories}
        return Catalogue(
            items=self.items,
            products={sku: alike[known[sku].category] for sku in skus if sku in known},
            categories=dict.fromkeys(self.categories, ()),
            departments=self.departments,
        )

    def item_of(self, sku: str) -> int:
        """Return the position of the product's category; -1 if it is no item."""
        product = self.products.get(sku)
        return -1 if product is None else self.items.positions.get(product.category, -1)

    def items_in(self, name: str) -> tuple[int, ...]:
        """Return the items that a category's or department's name stands for."""
        names = (name,) if name in self.categories else self.departments.get(name, ())
        known = self.items.positions
        return tuple(known[name] for name in names if name in known)

    def named_products(self, offer: Offer) -> list[str]:
        """Return the products that the offer names one by one."""
        return [sku for sku in offer.skus if sku in self.products]

    def named_categories(self, offer: Offer) -> list[str]:
        """Return the categories that the offer names, or names the department of."""
        groups = [*offer.categories]
        groups += [c for d in offer.departments for c in self.departments.get(d, ())]
        return [name for name in dict.fromkeys(groups) if name in self.categories]


class Refusal:
    """Decides whether a product is sensitive or excluded; remembers each place."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.names = frozenset(config.excluded_categories)
        self.known: dict[str, bool] = {}

    def __call__(self, product: Product) -> bool:
        """Test whether any place of the product is left out."""
        places = (product.category, product.department or "", *product.path)
        return any(self._refused(place) for place in places)

    def _refused(self, place: str) -> bool:
        if place not in self.known:
            sensitive = is_sensitive(place, self.config)
            self.known[place] = sensitive or place in self.names
        return self.known[place]


def is_sensitive(text: str, config: Config) -> bool:
    """Test whether one of ``config.sensitive`` is in the text."""
    padded = f" {_words(text)} "
    return any(phrase in padded for phrase in _padded(config.sensitive))


@lru_cache(maxsize=8)
def _padded(phrases: tuple[str, ...]) -> tuple[str, ...]:
    """Return each phrase as whole words."""
    return tuple(f" {_words(phrase)} " for phrase in phrases)


def _words(text: str) -> str:
    """Return the words in small letters with one space between them."""
    return " ".join(re.findall(r"\w+", text.casefold()))


def csr(
    rows: Sequence[int] | IntArray,
    columns: Sequence[int] | IntArray,
    weights: Sequence[float] | FloatArray,
    shape: tuple[int, int],
) -> Sparse:
    """Return a sparse matrix; what is given twice for one place is added."""
    where = (np.asarray(rows, np.int32), np.asarray(columns, np.int32))
    matrix = sparse.csr_array((np.asarray(weights, np.float32), where), shape=shape)
    matrix.sum_duplicates()
    return matrix


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Events:
    """
    Which customer bought which item on which day: once a day, however many pieces.

    ``customers`` are positions in ``ids`` (sorted), ``items`` those of the
    catalogue; sorted by customer, item and day.
    """

    ids: LongArray
    n_items: int
    customers: IntArray
    items: IntArray
    days: IntArray

    @classmethod
    def of(cls, purchases: Purchases, catalogue: Catalogue, ids: LongArray) -> Self:
        """Return what these customers (``ids`` sorted) bought of the catalogue."""
        item_of = np.array([catalogue.item_of(s) for s in purchases.skus], np.int32)
        return cls._of(purchases, item_of, len(catalogue.items), ids)

    @classmethod
    def of_products(cls, purchases: Purchases, ids: LongArray) -> Self:
        """Return the same by product: an item is a position in ``purchases.skus``."""
        products = np.arange(len(purchases.skus), dtype=np.int32)
        return cls._of(purchases, products, len(products), ids)

    @classmethod
    def _of(
        cls, purchases: Purchases, item_of: IntArray, n_items: int, ids: LongArray
    ) -> Self:
        items = item_of[purchases.products] if len(purchases) else purchases.products
        place = np.searchsorted(ids, purchases.customers)
        known = np.isin(purchases.customers, ids)
        kept = np.flatnonzero(known & (items >= 0) & (purchases.quantities > 0))
        rows = np.stack((place[kept], items[kept], purchases.days[kept]))
        return cls.distinct(ids, n_items, np.asarray(rows, np.int32))

    @classmethod
    def distinct(cls, ids: LongArray, n_items: int, rows: IntArray) -> Self:
        """Return the distinct events of rows of customers, items and days."""
        customers, bought, days = distinct(*rows)
        return cls(
            ids=ids, n_items=n_items, customers=customers, items=bought, days=days
        )

    def select(self, chosen: BoolArray) -> "Events":
        """Return the events where the mask is true."""
        return Events(
            ids=self.ids,
            n_items=self.n_items,
            customers=self.customers[chosen],
            items=self.items[chosen],
            days=self.days[chosen],
        )

    def rows(self, rows: IntArray) -> "Events":
        """Return the events of some customers; ``rows`` ascend, each at most once."""
        starts = np.searchsorted(self.customers, rows)
        counts = np.searchsorted(self.customers, rows, side="right") - starts
        firsts = np.cumsum(counts) - counts
        at = np.arange(counts.sum()) + np.repeat(starts - firsts, counts)
        return Events(
            ids=self.ids[rows],
            n_items=self.n_items,
            customers=np.repeat(np.arange(len(rows), dtype=np.int32), counts),
            items=self.items[at],
            days=self.days[at],
        )


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class History:
    """
    What each customer has bought so far, as of the start of ``day``.

    ``counts`` (customers, items): on how many days; ``decayed`` the same, a day that
    is ``half_life`` old counting half; ``first`` and ``last`` are day numbers. All
    four have the same places filled. ``baskets``: days with any purchase.
    """

    day: int
    counts: Sparse
    decayed: Sparse
    first: Sparse
    last: Sparse
    baskets: IntArray

    @classmethod
    def of(cls, events: Events, *, day: int, half_life: float) -> Self:
        """Return the history in the events, all of which are before ``day``."""
        shape = (len(events.ids), events.n_items)
        pairs = events.customers.astype(np.int64) * max(events.n_items, 1)
        pairs += events.items
        keys, starts, counts = np.unique(pairs, return_index=True, return_counts=True)
        customers = (keys // max(events.n_items, 1)).astype(np.int32)
        edges = np.searchsorted(customers, np.arange(len(events.ids) + 1))
        places = (keys % max(events.n_items, 1)).astype(np.int32)

        def matrix(values: np.ndarray) -> Sparse:
            data = values.astype(np.float32)
            return sparse.csr_array((data, places, edges.astype(np.int32)), shape=shape)

        weights = np.exp2((events.days - day) / half_life)
        empty = np.zeros(0)
        ends = starts + counts - 1
        return cls(
            day=day,
            counts=matrix(counts),
            decayed=matrix(np.add.reduceat(weights, starts) if len(keys) else empty),
            first=matrix(events.days[starts]),
            last=matrix(events.days[ends]),
            baskets=_baskets(events),
        )

    def rows(self, rows: IntArray) -> "History":
        """Return the history of some customers."""
        return History(
            day=self.day,
            counts=self.counts[rows],
            decayed=self.decayed[rows],
            first=self.first[rows],
            last=self.last[rows],
            baskets=self.baskets[rows],
        )


def _baskets(events: Events) -> IntArray:
    """Count the days on which each customer bought anything."""
    customers, _ = distinct(events.customers, events.days)
    return np.bincount(customers, minlength=len(events.ids)).astype(np.int32)


def distinct(*columns: IntArray) -> tuple[IntArray, ...]:
    """
    Return the distinct rows of columns of one length, sorted by the first column.

    Each row is packed into 64 bits, which sorts many times faster than rows do.

    :raises OverflowError: if the ranges of the columns do not fit
    """
    if len(columns[0]) == 0:
        return columns
    lows = [int(column.min()) for column in columns]
    bits = [
        (int(column.max()) - low).bit_length()
        for column, low in zip(columns, lows, strict=True)
    ]
    if sum(bits) > _MOST_BITS:
        text = "The ranges of the columns are too wide to be packed together."
        raise OverflowError(text)
    keys = np.zeros(len(columns[0]), np.int64)
    for column, low, width in zip(columns, lows, bits, strict=True):
        keys <<= width
        keys |= column.astype(np.int64) - low
    keys.sort()
    first = np.ones(len(keys), bool)
    np.not_equal(keys[1:], keys[:-1], out=first[1:])
    keys = keys[first]
    found = []
    for low, width in zip(lows[::-1], bits[::-1], strict=True):
        found.append(((keys & ((1 << width) - 1)) + low).astype(np.int32))
        keys >>= width
    return tuple(found[::-1])
