"""
How widely a model recommends, and how surprising it is.

Novelty is the mean self-information of what is recommended: Vargas and Castells, "Rank
and relevance in novelty and diversity metrics for recommender systems", 2011.
"""

from collections.abc import Sequence

import numpy as np

from recommender.data import BoolArray, FloatArray
from recommender.evaluation.metrics import Places
from recommender.evaluation.rows import CoverageRow


def cover(
    model: str,
    ranked: Places,
    scores: FloatArray,
    *,
    known: BoolArray,
    buyers: FloatArray,
) -> CoverageRow:
    """
    Look at the first places that were recommended.

    :param ranked: (customers, k) places; :param scores: (customers, items), below
        everything (``-inf``) for what is never recommended to the customer
    :param known: (customers, items), what they had bought before
    :param buyers: (items), the share of customers who buy it; an item that nobody
        buys counts as if half a customer did
    """
    customers, items = scores.shape
    given = np.isfinite(np.take_along_axis(scores, ranked, axis=1))
    chosen = ranked[given]
    new = ~np.take_along_axis(known, ranked, axis=1)[given]
    share = np.maximum(buyers, 0.5 / max(customers, 1))
    return CoverageRow(
        model=model,
        items=len(np.unique(chosen)) / max(items, 1),
        customers=float(given.all(axis=1).mean()) if customers else 0.0,
        fresh=float(new.mean()) if len(new) else 0.0,
        novelty=float(-np.log2(share[chosen]).mean()) if len(chosen) else 0.0,
    )


def mean_coverage(rows: Sequence[CoverageRow]) -> CoverageRow:
    """Return the mean of one model's rows over the cut-offs."""
    return CoverageRow(
        model=rows[0].model,
        items=sum(row.items for row in rows) / len(rows),
        customers=sum(row.customers for row in rows) / len(rows),
        fresh=sum(row.fresh for row in rows) / len(rows),
        novelty=sum(row.novelty for row in rows) / len(rows),
    )
