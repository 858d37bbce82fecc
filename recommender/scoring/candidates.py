"""The first of two stages: what may be ranked for each customer, found cheaply."""

from collections.abc import Iterator

import numpy as np

from recommender.data import BoolArray, FloatArray, IntArray, Sparse
from recommender.dataset import csr, distinct
from recommender.features import Audience, Targets
from recommender.features.pairs import events_of
from recommender.models.hybrid import Hybrid
from recommender.scoring.topk import top_k
from recommender.training import Trained

CHUNK = 512
"""So many customers are ranked at a time, those with as many candidates together."""


def representations(
    hybrid: Hybrid, audience: Audience, targets: Targets
) -> tuple[FloatArray, FloatArray]:
    """
    Return vectors of the customers and of the targets, whose products are scores.

    The last component is the target's bias, and 1 of every customer.
    """
    wants = audience.features @ hybrid.customers
    has = targets.features @ hybrid.items
    biases = targets.features @ hybrid.biases
    return (
        np.column_stack((wants, np.ones(len(wants)))).astype(np.float32),
        np.column_stack((has, biases)).astype(np.float32),
    )


def find_candidates(
    trained: Trained, audience: Audience, targets: Targets, gone: Sparse
) -> tuple[IntArray, IntArray]:
    """
    Return pairs of customer (row) and target (place), by row and place.

    They are whatever the customer has bought or declared, and of all the rest the
    ``config.candidates`` that LightFM's vectors bring closest; but nothing that is
    ``gone`` (customers, targets).
    """
    bought = events_of(audience, targets)
    wished = (audience.wishes @ targets.shares.T).tocoo()
    rows = np.concatenate((bought.customers, wished.row)).astype(np.int32)
    places = np.concatenate((bought.items, wished.col)).astype(np.int32)
    known = csr(rows, places, np.ones(len(rows), np.float32), gone.shape)
    wants, has = representations(trained.hybrid, audience, targets)
    best = top_k(wants, has, trained.config.candidates, blocked=(known + gone).tocsr())
    found, columns = np.nonzero(best.places >= 0)
    left = ~_among(rows, places, gone)
    customers, targeted = distinct(
        np.concatenate((rows[left], found.astype(np.int32))),
        np.concatenate((places[left], best.places[found, columns])),
    )
    return customers, targeted


def _among(rows: IntArray, columns: IntArray, pairs: Sparse) -> BoolArray:
    """Test which places of the matrix are filled."""
    filled = pairs.tocoo()
    width = max(pairs.shape[1], 1)
    there = filled.row.astype(np.int64) * width + filled.col
    return np.isin(rows.astype(np.int64) * width + columns, there)


def in_chunks(
    rows: IntArray, places: IntArray, customers: int
) -> Iterator[tuple[IntArray, IntArray]]:
    """
    Give some customers at a time (ascending) and their places, (customers, width).

    Customers with about as many candidates come together, so that few of the places
    are -1, which is none.

    :param rows: of the pairs, sorted; :param places: of the pairs
    """
    counts = np.bincount(rows, minlength=customers)
    starts = np.cumsum(counts) - counts
    order = np.argsort(counts, kind="stable").astype(np.int32)
    padded = np.append(places, np.int32(-1)).astype(np.int32)
    for first in range(0, max(customers, 1), CHUNK):
        some = np.sort(order[first : first + CHUNK])
        column = np.arange(int(counts[some].max(initial=0)))
        at = starts[some][:, np.newaxis] + column
        there = column < counts[some][:, np.newaxis]
        yield some, padded[np.where(there, at, len(places))]
