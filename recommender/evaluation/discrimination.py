"""
How well scores tell what happened from what did not.

The area under the ROC curve is the chance that something that happened scores higher
than something that did not (Hanley and McNeil, "The meaning and use of the area under
a receiver operating characteristic (ROC) curve", 1982); equals count a half.
"""

from typing import Final

import numpy as np
from scipy.stats import rankdata

from recommender.data import BoolArray, FloatArray, LongArray
from recommender.evaluation.metrics import Numbers

DRAWS: Final = 400
_PART: Final = 100


def auc(scores: FloatArray, happened: BoolArray) -> float | None:
    """Return the area under the ROC curve; None where all or nothing happened."""
    yes = int(happened.sum())
    no = len(happened) - yes
    if not yes or not no:
        return None
    ranks = rankdata(scores)
    return float((ranks[happened].sum() - yes * (yes + 1) / 2) / (yes * no))


def average_precision(scores: FloatArray, happened: BoolArray) -> float | None:
    """Return the mean precision at each place that happened; None without any."""
    if not happened.any():
        return None
    hits = happened[np.argsort(-scores, kind="stable")]
    precision = np.cumsum(hits) / np.arange(1, len(hits) + 1)
    return float(precision[hits].mean())


def lift(scores: FloatArray, happened: BoolArray) -> float | None:
    """Return how many times as often the first hundredth happened as all."""
    if not happened.any():
        return None
    first = np.argsort(-scores, kind="stable")[: max(len(scores) // _PART, 1)]
    return float(happened[first].mean() / happened.mean())


def drawn_aucs(
    customers: LongArray, scores: Numbers, happened: BoolArray, *, seed: int
) -> Numbers:
    """
    Return (draws, models): the areas of drawn households, the same for each model.

    :param scores: (rows, models); a household is drawn with all its rows
    """
    order = np.argsort(customers, kind="stable")
    _, starts = np.unique(customers[order], return_index=True)
    parts = np.split(order, starts[1:])
    chance = np.random.default_rng(seed)
    found = []
    for _ in range(DRAWS):
        drawn = chance.integers(0, len(parts), len(parts))
        rows = np.concatenate([parts[place] for place in drawn.tolist()])
        found.append([auc(column[rows], happened[rows]) for column in scores.T])
    return np.array([one for one in found if None not in one], np.float64)
