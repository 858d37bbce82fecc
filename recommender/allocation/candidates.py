"""What may be chosen from: each customer's candidates."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Protocol, Self

import numpy as np

from recommender.data import BoolArray, FloatArray, IntArray, LongArray

GRAIN = 1024
"""Costs are whole multiples of one part in so many of a minor unit."""


class Block(Protocol):
    """What scoring says of a block of customers: ``recommender.scoring.Scored``."""

    @property
    def customers(self) -> LongArray:
        """Return the ids (n,); all others are (n, k)."""

    @property
    def places(self) -> IntArray:
        """Return the offers' positions, -1 where there is none."""

    @property
    def probability(self) -> FloatArray:
        """Return how likely each is to be taken."""

    @property
    def value(self) -> FloatArray:
        """Return the value expected of each."""

    @property
    def cost(self) -> FloatArray:
        """Return what each costs when it is taken."""

    @property
    def fresh(self) -> BoolArray:
        """Return whether each is for something new to the customer."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Pairs:
    """
    Customers (ids) and offers (positions), two columns of one length, in any order.

    Customers and offers that are nobody's candidates do no harm.
    """

    customers: LongArray
    offers: IntArray

    def __post_init__(self) -> None:
        """Refuse columns of different lengths."""
        if len(self.customers) != len(self.offers):
            text = "The columns of pairs must have one length."
            raise ValueError(text)


NO_PAIRS = Pairs(customers=np.zeros(0, np.int64), offers=np.zeros(0, np.int32))


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Candidates:
    """
    Customers and what each may be offered, as rows laid end to end.

    ``ids`` (customers,) without repetition; the candidates of customer ``i`` are at
    ``starts[i]`` to ``starts[i + 1]`` of the other columns, each offer once.
    ``offers`` are positions in what the limits are about. ``values`` are any unit,
    ``costs`` minor units of money, both expected of showing the offer. ``fresh``: it
    would be a discovery. ``blocked``: the customer does not want it (no consent, a
    topic left, "not for me"); it is never chosen.

    :raises ValueError: if the columns do not fit each other, or a number is none
    """

    ids: LongArray
    starts: LongArray
    offers: IntArray
    values: FloatArray
    costs: FloatArray
    fresh: BoolArray
    blocked: BoolArray

    def __post_init__(self) -> None:
        """Refuse what does not fit."""
        columns = (self.values, self.costs, self.fresh, self.blocked)
        if any(len(column) != len(self.offers) for column in columns):
            text = "The columns of candidates must have one length."
            raise ValueError(text)
        ends = (int(self.starts[0]), int(self.starts[-1])) if len(self.starts) else ()
        if len(self.starts) != len(self.ids) + 1 or ends != (0, len(self.offers)):
            text = "starts must have one more than ids, from 0 to all candidates."
            raise ValueError(text)
        if np.any(np.diff(self.starts) < 0) or np.any(self.offers < 0):
            text = "starts must not fall, and offers are positions from 0."
            raise ValueError(text)
        if not np.isfinite(self.values).all() or not np.isfinite(self.costs).all():
            text = "Values and costs must be finite numbers."
            raise ValueError(text)
        if np.any(self.costs < 0):
            text = "Costs must not be negative; what earns money belongs in values."
            raise ValueError(text)

    def __len__(self) -> int:
        """Count the customers."""
        return len(self.ids)

    @property
    def counts(self) -> LongArray:
        """How many candidates each customer has."""
        return np.diff(self.starts)

    @property
    def rows(self) -> LongArray:
        """Whose each candidate is: a position in ``ids``."""
        return np.repeat(np.arange(len(self.ids), dtype=np.int64), self.counts)

    @classmethod
    def of(cls, blocks: Iterable[Block], *, worst: bool = False) -> Self:
        """
        Return what scoring found, block after block, nothing blocked.

        The cost is what is expected: probability times the cost when taken. With
        ``worst`` each offer costs as if it were taken for certain.
        """
        ids: list[LongArray] = [np.zeros(0, np.int64)]
        counts: list[LongArray] = [np.zeros(1, np.int64)]
        offers: list[IntArray] = [np.zeros(0, np.int32)]
        values: list[FloatArray] = [np.zeros(0, np.float32)]
        costs: list[FloatArray] = [np.zeros(0, np.float32)]
        fresh: list[BoolArray] = [np.zeros(0, np.bool_)]
        for block in blocks:
            there = block.places >= 0
            cost = block.cost if worst else block.cost * block.probability
            ids.append(block.customers)
            counts.append(there.sum(axis=1, dtype=np.int64))
            offers.append(block.places[there])
            values.append(block.value[there])
            costs.append(rounded_up(cost[there]))
            fresh.append(block.fresh[there])
        found = np.concatenate(offers)
        return cls(
            ids=np.concatenate(ids),
            starts=np.cumsum(np.concatenate(counts)),
            offers=found,
            values=np.concatenate(values),
            costs=np.concatenate(costs),
            fresh=np.concatenate(fresh),
            blocked=np.zeros(len(found), np.bool_),
        )

    def blocking(self, pairs: Pairs) -> Self:
        """Return the candidates with these blocked as well."""
        return replace(self, blocked=self.blocked | self.among(pairs))

    def among(self, pairs: Pairs) -> BoolArray:
        """Return for each candidate whether the pairs name it."""
        found = np.zeros(len(self.offers), np.bool_)
        if len(pairs.customers) == 0 or len(self.offers) == 0:
            return found
        order = np.argsort(self.ids, kind="stable")
        place = np.searchsorted(self.ids, pairs.customers, sorter=order)
        place = order[np.minimum(place, len(order) - 1)]
        width = int(self.offers.max()) + 1
        known = (self.ids[place] == pairs.customers) & (pairs.offers < width)
        keys = np.sort(place[known] * width + pairs.offers[known])
        for start in range(0, len(found), _STRIDE):
            part = slice(start, start + _STRIDE)
            ends = np.arange(start, start + len(self.offers[part]), dtype=np.int64)
            rows = np.searchsorted(self.starts, ends, side="right") - 1
            mine = rows * width + self.offers[part]
            at = np.searchsorted(keys, mine)
            at = np.minimum(at, max(len(keys) - 1, 0))
            found[part] = keys[at] == mine if len(keys) else False
        return found


_STRIDE = 1 << 20


def rounded_up(costs: FloatArray) -> FloatArray:
    """
    Return the costs as whole multiples of 1/1024 of a minor unit, not less.

    Sums of such numbers are exact (up to 2^43 minor units), in whatever order they
    are added: a budget that is kept here is kept by whoever adds it up again.
    """
    rounded: FloatArray = np.ceil(costs * np.float32(GRAIN)) / np.float32(GRAIN)
    return rounded
