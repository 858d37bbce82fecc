"""
Every customer's best targets by a product of vectors: exact, in plain numpy.

The product is made for some customers at a time, so few that it stays in the cache.
Then most of it is never looked at again. The targets are dealt out to groups; the
k-th best of the groups' bests is a bound that the k best targets reach, and only a
group whose own best reaches it can hold any of them. What is left, little more than k
a customer, is sorted as whole numbers of (customer, score, place), so that equals come
in the order of the targets.
"""

import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.data import FloatArray, IntArray, Sparse
from recommender.scoring.blas import one_thread

_SCORES = 1 << 20
"""So many scores are in memory at a time for each thread (4 MiB)."""
_MOST_ROWS = 1 << 11
_PLACE_BITS, _SCORE_BITS = 21, 32
_PLACES = (1 << _PLACE_BITS) - 1

_Keys = NDArray[np.uint64]
_Bits = NDArray[np.int32]
_Positions = NDArray[np.intp]


class TooManyTargets(ValueError):
    """More targets than a key has room for."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Best:
    """
    The best targets of each customer, best first: (customers, k).

    A place that nothing is left for is -1 and its score minus infinity.
    """

    places: IntArray
    scores: FloatArray


def top_k(
    customers: FloatArray,
    targets: FloatArray,
    k: int,
    *,
    blocked: Sparse = None,
    threads: int = 1,
) -> Best:
    """
    Find the k targets (all, if there are fewer) with the greatest products.

    The result is the same, to the bit, however many threads there are. In other company
    a customer's scores may differ by their rounding, as products of matrices do.

    :param customers: vectors (customers, components), finite
    :param targets: vectors (targets, components), finite
    :param blocked: (customers, targets), ``csr``: what is stored is not to be found
    :raises TooManyTargets: if there are more than two million
    """
    if len(targets) > _PLACES:
        text = f"At most {_PLACES} targets can be ranked at a time."
        raise TooManyTargets(text)
    k = min(k, len(targets))
    places = np.full((len(customers), k), -1, np.int32)
    scores = np.full((len(customers), k), -np.inf, np.float32)
    if places.size:
        search = _Search(targets, k)
        slices = list(search.slices(len(customers)))

        def fill(rows: slice) -> None:
            mine = None if blocked is None else blocked[rows]
            places[rows], scores[rows] = search(customers[rows], mine)

        with one_thread():
            if threads == 1 or len(slices) == 1:
                for rows in slices:
                    fill(rows)
            else:
                with ThreadPoolExecutor(threads) as pool:
                    list(pool.map(fill, slices))
    return Best(places=places, scores=scores)


class _Search:
    """The targets, dealt out to groups: layer after layer, one to each group."""

    def __init__(self, targets: FloatArray, k: int) -> None:
        self.k = k
        groups = min(max(k, math.isqrt(k * len(targets))), len(targets))
        self.layers = -(-len(targets) // groups)
        self.groups = max(k, -(-len(targets) // self.layers))
        self.targets = np.ascontiguousarray(targets, np.float32)
        fitting = max(_SCORES // (self.layers * self.groups), 1)
        self.rows = min(1 << (fitting.bit_length() - 1), _MOST_ROWS)

    def slices(self, customers: int) -> Iterator[slice]:
        """Cut the customers into as many as are searched for at a time."""
        for start in range(0, customers, self.rows):
            yield slice(start, min(start + self.rows, customers))

    def __call__(
        self, customers: FloatArray, blocked: Sparse
    ) -> tuple[IntArray, FloatArray]:
        """Return the places and scores of at most ``self.rows`` customers."""
        scores = self._scores(customers, blocked)
        best = scores.max(axis=0)
        ordered = np.ascontiguousarray(best.T)
        ordered.partition(self.groups - self.k, axis=1)
        bound = ordered[:, self.groups - self.k].copy()
        keys = self._keys(scores, np.flatnonzero(best >= bound), bound)
        keys.sort()
        owners = (keys >> np.uint64(_PLACE_BITS + _SCORE_BITS)).view(np.int64)
        counts = np.bincount(owners, minlength=self.rows)[: len(customers)]
        starts = np.cumsum(counts) - counts
        return _unpacked(keys[starts[:, np.newaxis] + np.arange(self.k)])

    def _scores(self, customers: FloatArray, blocked: Sparse) -> FloatArray:
        """Return (layers, groups, ``self.rows``): minus infinity where is nothing."""
        shape = (self.layers * self.groups, self.rows)
        scores = np.empty(shape, np.float32)
        scores[len(self.targets) :] = -np.inf
        missing = self.rows - len(customers)
        if missing:
            customers = np.pad(customers, ((0, missing), (0, 0)))
        np.matmul(self.targets, customers.T, out=scores[: len(self.targets)])
        if blocked is not None:
            who = np.repeat(np.arange(blocked.shape[0]), np.diff(blocked.indptr))
            scores[blocked.indices, who] = -np.inf
        return scores.reshape(self.layers, self.groups, self.rows)

    def _keys(self, scores: FloatArray, hits: _Positions, bound: FloatArray) -> _Keys:
        """Pack every score that reaches its customer's bound, by groups that do."""
        owners = hits & (self.rows - 1)
        bounds = bound[owners]
        groups = hits >> (self.rows.bit_length() - 1)
        begun = owners.astype(np.uint64) << np.uint64(_PLACE_BITS + _SCORE_BITS)
        begun |= groups.astype(np.uint64)
        found: list[FloatArray] = []
        keys: list[_Keys] = []
        for layer, row in enumerate(scores):
            values = row.reshape(-1).take(hits)
            reached = np.flatnonzero(values >= bounds)
            found.append(values.take(reached))
            keys.append(begun.take(reached) + np.uint64(layer * self.groups))
        packed = np.concatenate(keys)
        packed |= _descending(np.concatenate(found)) << np.uint64(_PLACE_BITS)
        return packed


def _descending(values: FloatArray) -> _Keys:
    """Return whole numbers that fall where the values rise; zero has one sign."""
    bits = (values + np.float32(0)).view(np.int32)
    return _mirrored(bits).view(np.uint32).astype(np.uint64)


def _unpacked(keys: _Keys) -> tuple[IntArray, FloatArray]:
    """Return the places and values in the keys."""
    bits = (keys >> np.uint64(_PLACE_BITS)).astype(np.uint32).view(np.int32)
    values = _restored(bits).view(np.float32)
    places = (keys & np.uint64(_PLACES)).astype(np.int32)
    places[np.isneginf(values)] = -1
    return places, values


def _mirrored(bits: _Bits) -> _Bits:
    """Map the bits of floats so that, read without a sign, greater floats are less."""
    magnitude = np.int32(0x7FFFFFFF)
    return np.where(bits < 0, bits, bits ^ magnitude)


def _restored(bits: _Bits) -> _Bits:
    """Undo :func:`_mirrored`, which is its own inverse."""
    return _mirrored(bits)
