"""What scoring is given and what comes out of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from recommender.data import (
    BoolArray,
    Customer,
    FloatArray,
    IntArray,
    LongArray,
    Purchases,
)

BLOCK = 4096
"""So many customers are scored at a time: memory is bounded by this."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class People:
    """Customers in the order of their ids, and what they (or others too) bought."""

    customers: Sequence[Customer]
    purchases: Purchases


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
