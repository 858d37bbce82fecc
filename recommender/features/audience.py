"""Customers to rank for, in numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np
from scipy import sparse

from recommender.config import Config
from recommender.data import Customer, FloatArray, IntArray, LongArray, Sparse
from recommender.dataset import Catalogue, Events, History, csr
from recommender.features.space import LIKES, Space, band_name, told_names
from recommender.features.targets import Targets


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Audience:
    """
    Customers to rank for: who they are, what they bought, their features.

    ``events`` are what the history was made of; ``wishes`` (customers, items):
    declared interests, as days with purchases; ``features`` (customers, customer
    features). ``lines`` are the events by product, with the column of each sku in
    ``skus``, and ``products`` is as ``history.decayed``, but by product. Rows go
    with ``ids``.
    """

    ids: LongArray
    events: Events
    history: History
    wishes: Sparse
    features: Sparse
    skus: Mapping[str, int] = field(default_factory=dict)
    products: Sparse = None
    lines: Events | None = None

    @classmethod
    def of(
        cls,
        past: Events,
        told: Sparse,
        wishes: Sparse,
        *,
        day: int,
        space: Space,
        config: Config,
    ) -> Self:
        """
        Return the customers of the events as of the start of the day.

        :param past: what was bought before the day
        :param told: from :func:`told`; :param wishes: from :func:`wishes`
        """
        history = History.of(past, day=day, half_life=config.half_life_days)
        return cls(
            ids=past.ids,
            events=past,
            history=history,
            wishes=wishes,
            features=describe(history, told, wishes, space=space, config=config),
        )

    def rows(self, rows: IntArray) -> "Audience":
        """Return some of the customers; ``rows`` ascend, each at most once."""
        events = self.events.rows(rows)
        lines = None if self.lines is None else self.lines.rows(rows)
        return Audience(
            ids=self.ids[rows],
            events=events,
            history=self.history.rows(rows),
            wishes=self.wishes[rows],
            features=self.features[rows],
            skus=self.skus,
            products=None if self.products is None else self.products[rows],
            lines=lines,
        )

    @property
    def leanings(self) -> Sparse:
        """What they bought and declared: (customers, items), decayed days."""
        return (self.history.decayed + self.wishes).tocsr()

    def days(self, targets: Targets) -> FloatArray:
        """
        Return (customers, targets): on how many decayed days they bought just this.

        Of products that a target names one by one only these count, not others of
        their category; a declared interest counts for all of its category.
        """
        days = self.history.decayed @ targets.categories.T
        days += self.wishes @ targets.shares.T
        known = [sku for sku in targets.skus if sku in self.skus]
        if known:
            places = {sku: place for place, sku in enumerate(targets.skus)}
            mine = self.products[:, [self.skus[sku] for sku in known]]
            days += mine @ targets.products[:, [places[sku] for sku in known]].T
        return np.asarray(days.toarray(), np.float32)

    def __len__(self) -> int:
        """Count the customers."""
        return len(self.ids)


def describe(
    history: History, told: Sparse, wishes: Sparse, *, space: Space, config: Config
) -> Sparse:
    """
    Return (customers, customer features): what was told, and what was bought.

    The history is the customer's heaviest ``config.tokens`` items, each by the log
    of its decayed days, to length 1 together with the declared interests. So a new
    basket counts at once, without training.

    :param told: from :func:`told`; :param wishes: from :func:`wishes`
    """
    likes = (_heaviest(history.decayed, config.tokens) + wishes).tocsr()
    likes.data = np.log1p(likes.data)
    length = np.sqrt(np.asarray(likes.multiply(likes).sum(axis=1)).ravel())
    likes = sparse.diags_array(1 / np.maximum(length, 1e-9)) @ likes
    bands = [
        space.customer.positions[band_name(int(count))] for count in history.baskets
    ]
    everyone = np.arange(len(bands), dtype=np.int32)
    ones = np.ones(len(bands), np.float32)
    band = csr(everyone, np.array(bands, np.int32), ones, told.shape)
    return sparse.csr_array(
        told + band + likes @ _likes_columns(space), dtype=np.float32
    )


def _likes_columns(space: Space) -> Sparse:
    """Return (items, customer features): which feature stands for an item."""
    columns = [space.customer.positions[LIKES + name] for name in space.items.names]
    rows = np.arange(len(columns), dtype=np.int32)
    shape = (len(space.items), len(space.customer))
    return csr(rows, columns, np.ones(len(columns), np.float32), shape)


def _heaviest(matrix: Sparse, most: int) -> Sparse:
    """Keep the heaviest entries of each row."""
    rows = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    order = np.lexsort((matrix.indices, -matrix.data, rows))
    rank = np.arange(len(order)) - matrix.indptr[rows]
    kept = np.sort(order[rank < most])
    return csr(
        rows[kept].astype(np.int32),
        matrix.indices[kept],
        matrix.data[kept],
        matrix.shape,
    )


def told(customers: Sequence[Customer], *, space: Space) -> Sparse:
    """Return (customers, customer features) of what they told us, interests apart."""
    known = space.customer.positions
    rows: list[int] = []
    columns: list[int] = []
    for row, customer in enumerate(customers):
        found = [known[n] for n in ("everyone", *told_names(customer)) if n in known]
        rows += [row] * len(found)
        columns += found
    shape = (len(customers), len(space.customer))
    return csr(rows, columns, [1.0] * len(rows), shape)


def wishes(
    customers: Sequence[Customer],
    *,
    catalogue: Catalogue,
    buyers: FloatArray,
    config: Config,
) -> Sparse:
    """
    Return the declared interests: (customers, items), as days with purchases.

    A category counts ``config.interest_days``; of a department its most popular
    item does, and the others as much less as they have fewer buyers. An interest
    that is sensitive or not in the catalogue is left out.

    :param buyers: (items), how popular each is
    """
    days: dict[tuple[int, int], float] = {}
    for row, customer in enumerate(customers):
        for name in customer.interests:
            items = catalogue.items_in(name)
            most = max((float(buyers[item]) for item in items), default=0.0)
            for item in items:
                part = float(buyers[item]) / most if most else 1.0
                wanted = part * config.interest_days
                days[row, item] = max(days.get((row, item), 0.0), wanted)
    where = np.array(list(days), np.int32).reshape(-1, 2)
    shape = (len(customers), len(catalogue.items))
    return csr(where[:, 0], where[:, 1], list(days.values()), shape)
