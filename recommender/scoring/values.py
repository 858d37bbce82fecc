"""What scoring is given and what comes out of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from recommender.data import (
    BoolArray,
    Customer,
    FloatArray,
    IntArray,
    LongArray,
    Purchases,
)

BLOCK = 2048
"""So many customers are scored at a time: memory is bounded by this."""
FRESH = 4
"""One in so many of what is kept is new to the customer, if there is as much."""

Kind = TypeVar("Kind", bound=np.generic)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class People:
    """Customers in the order of their ids, and what they (or others too) bought."""

    customers: Sequence[Customer]
    purchases: Purchases

    @property
    def ids(self) -> LongArray:
        """The customers' ids."""
        return np.array([customer.id for customer in self.customers], np.int64)

    def slim(self) -> "People":
        """Return them with no sku in ``purchases.skus`` that was not bought."""
        bought, products = np.unique(self.purchases.products, return_inverse=True)
        return People(
            customers=self.customers,
            purchases=replace(
                self.purchases,
                products=products.astype(np.int32),
                skus=tuple(self.purchases.skus[place] for place in bought.tolist()),
            ),
        )


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Scored:
    """
    The best targets of a block of customers, of most value first.

    ``customers`` (n,) are ids; all others are (n, k): ``places`` of the scene's
    targets, -1 where nothing is left and the other numbers are 0; ``probability``
    that the customer takes it, 0 to 1; ``value`` expected of it and ``cost`` when it
    is taken, in minor units (without facts of the offer: the probability, and 0);
    ``fresh``: the customer never bought what it is for.
    """

    customers: LongArray
    places: IntArray
    probability: FloatArray
    value: FloatArray
    cost: FloatArray
    fresh: BoolArray

    def __len__(self) -> int:
        """Count the customers."""
        return len(self.customers)

    def best(self, k: int) -> "Scored":
        """
        Return the k targets of most value, the best first, filled up with none.

        One in ``FRESH`` is for something new to the customer as far as there is any,
        even where other things are worth more. Equals stay in their order.
        """
        there = self.places >= 0
        worth = np.where(there, self.value, -np.inf)
        order = np.argsort(-worth, axis=1, kind="stable")
        fresh = np.take_along_axis(self.fresh & there, order, axis=1)
        reserved = fresh & (np.cumsum(fresh, axis=1) <= k // FRESH)
        room = k - reserved.sum(axis=1, keepdims=True)
        kept = reserved | (np.cumsum(~reserved, axis=1) <= room)
        picked = np.argsort(~kept, axis=1, kind="stable")[:, :k]
        columns = np.take_along_axis(order, picked, axis=1)

        def taken(values: NDArray[Kind], nothing: float) -> NDArray[Kind]:
            missing = ((0, 0), (0, k - columns.shape[1]))
            found = np.take_along_axis(values, columns, axis=1)
            return np.pad(found, missing, constant_values=nothing)

        return Scored(
            customers=self.customers,
            places=taken(self.places, -1),
            probability=taken(self.probability, 0),
            value=taken(self.value, 0),
            cost=taken(self.cost, 0),
            fresh=taken(self.fresh, nothing=False),
        )

    @classmethod
    def together(cls, parts: Sequence["Scored"]) -> Self:
        """Return the parts, all of one width, in the order of the customers' ids."""
        order = np.argsort(np.concatenate([part.customers for part in parts]))

        def column(name: str) -> Any:  # noqa: ANN401  # of any kind
            return np.concatenate([getattr(part, name) for part in parts])[order]

        return cls(**{field.name: column(field.name) for field in fields(cls)})


def in_blocks(
    customers: Sequence[Customer], purchases: Purchases, size: int = BLOCK
) -> Iterator[People]:
    """
    Cut customers, in any order, into blocks of so many with only their purchases.

    Who reads customers block by block from a database makes :class:`People` of each
    and needs no memory for all.
    """
    ordered = sorted(customers, key=lambda customer: customer.id)
    rows = np.argsort(purchases.customers, kind="stable")
    owners = purchases.customers[rows]
    for start in range(0, len(ordered), size):
        block = ordered[start : start + size]
        first, last = block[0].id, block[-1].id
        low, high = np.searchsorted(owners, (first, last + 1))
        yield People(customers=block, purchases=purchases.take(rows[low:high]))
