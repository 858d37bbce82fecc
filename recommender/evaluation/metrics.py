"""
How good the first places of a ranking are, household by household.

Definitions after Manning, Raghavan, Schütze, "Introduction to Information Retrieval",
2008, chapter 8; the discount of NDCG is that of Järvelin and Kekäläinen, "Cumulated
gain-based evaluation of IR techniques", 2002, with gains of zero and one.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from recommender.data import FloatArray, LongArray, Sparse

Numbers = NDArray[np.float64]
Places = NDArray[np.int64]

MEASURES: Final = ("precision", "recall", "ndcg", "map")
NDCG: Final = MEASURES.index("ndcg")


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Judged:
    """
    One model's ranking, household by household.

    ``rows``: those of the households that bought something to be found; ``values``
    (households, measures) go with them, in the order of ``MEASURES``, from 0 to 1.
    """

    rows: LongArray
    values: Numbers


def top_k(scores: FloatArray, k: int) -> Places:
    """Return the places of the k highest of each row, best first; ties by place."""
    order = np.argsort(-scores, axis=1, kind="stable")
    return order[:, :k]


def judge(ranked: Places, wanted: Sparse) -> Judged:
    """
    Compare ranked places (rows, k) with what was bought (rows, items).

    Precision is hits / k; recall hits / all bought. NDCG is the sum of 1 / log2(1 +
    place) over hits, against the best that k places could have. Average precision
    (its mean is MAP) is the sum over hits of the precision up to their place,
    against the most that k places could have: min(k, all bought).
    """
    counts = np.diff(wanted.indptr)
    rows = np.flatnonzero(counts)
    k = ranked.shape[1]
    truth = wanted[rows].toarray() > 0
    hits = np.take_along_axis(truth, ranked[rows], axis=1)
    discount = 1 / np.log2(np.arange(k) + 2)
    best = np.concatenate(([0.0], np.cumsum(discount)))[np.minimum(counts[rows], k)]
    found = hits.sum(axis=1)
    precisions = np.cumsum(hits, axis=1) / (np.arange(k) + 1)
    values = (
        found / k,
        found / counts[rows],
        (hits * discount).sum(axis=1) / best,
        (hits * precisions).sum(axis=1) / np.minimum(counts[rows], k),
    )
    return Judged(rows=rows, values=np.stack(values, axis=1))
