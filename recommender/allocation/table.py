"""Candidates laid out in blocks that numpy can work on."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.allocation.candidates import Candidates, rounded_up
from recommender.allocation.limits import Limits
from recommender.data import BoolArray, FloatArray, LongArray

ROWS = 4096
"""So many customers are in a block: its arrays stay in the processor's cache."""
UNWANTED = np.float32(-1)
"""The value of a place without a candidate that may be chosen."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Table:
    """
    Some customers (rows) and their candidates, as many columns as the most have.

    ``rows`` (rows,) are positions in the candidates' ``ids``; ``values`` (rows,
    columns) are above zero where a candidate may be chosen, else -1. ``groups`` and
    ``related`` are those of the offers. ``habits`` (rows,): how many of those chosen
    may be no discovery. ``step`` (rows,): what the second offer of one circle
    loses; the third loses twice this, and so on. ``places`` is how many are chosen.
    """

    rows: LongArray
    offers: NDArray[np.intp]
    values: FloatArray
    costs: FloatArray
    fresh: BoolArray
    groups: NDArray[np.int16 | np.int32]
    related: NDArray[np.int16 | np.int32]
    habits: NDArray[np.int16]
    step: FloatArray
    places: int

    def __len__(self) -> int:
        """Count the customers."""
        return len(self.rows)


def lay_out(
    candidates: Candidates,
    limits: Limits,
    wanted: BoolArray,
    rows: LongArray,
) -> Iterator[Table]:
    """Lay out these customers, those with a like number of candidates together."""
    groups = _short(limits.groups)
    related = _short(_circles(groups, limits.related))
    counts = candidates.counts
    ordered = rows[np.argsort(counts[rows], kind="stable")]
    for start in range(0, len(ordered), ROWS):
        block = np.sort(ordered[start : start + ROWS])
        if len(candidates.offers) == 0:
            return
        width = max(int(counts[block].max()), 1)
        column = np.arange(width)
        there = column < counts[block][:, None]
        at = np.where(there, candidates.starts[block][:, None] + column, 0)
        there &= wanted[at]
        values = np.where(there, candidates.values[at], UNWANTED)
        offers = np.where(there, candidates.offers[at], 0)
        fresh = candidates.fresh[at] & there
        best = np.maximum(values.max(axis=1), 0)
        yield Table(
            rows=block,
            offers=offers.astype(np.intp),
            values=values,
            costs=rounded_up(np.where(there, candidates.costs[at], 0)),
            fresh=fresh,
            groups=groups[offers],
            related=related[offers],
            habits=_habits(groups[offers], fresh, limits),
            step=(best * np.float32(limits.diversity)).astype(np.float32),
            places=limits.per_customer,
        )


def _habits(
    groups: NDArray[np.int16 | np.int32], fresh: BoolArray, limits: Limits
) -> NDArray[np.int16]:
    """
    Return how many chosen candidates of each customer may be no discovery.

    Places are kept for as many as the customer has groups with a fresh candidate.
    """
    kept = np.zeros(len(groups), np.int16)
    left = fresh.copy()
    row = np.arange(len(groups))
    for _ in range(limits.discovery):
        first = left.argmax(axis=1)
        some = left[row, first]
        kept += some
        left &= groups != groups[row, first][:, None]
    return (limits.per_customer - kept).astype(np.int16)


def _circles(
    groups: NDArray[np.int16 | np.int32], related: NDArray[np.int32]
) -> NDArray[np.int32]:
    """Return each offer's circle: that of its group's first offer."""
    _, first = np.unique(groups, return_index=True)
    return related[first][groups]


def _short(names: NDArray[np.int32]) -> NDArray[np.int16 | np.int32]:
    """Return the names numbered from 0, in two bytes if that is enough."""
    distinct, numbers = np.unique(names, return_inverse=True)
    small = len(distinct) <= np.iinfo(np.int16).max
    return numbers.astype(np.int16 if small else np.int32)
