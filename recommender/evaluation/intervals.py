"""
How sure a mean over households is: the bootstrap.

Bradley Efron, "Bootstrap methods: another look at the jackknife", 1979; households are
drawn, not rows, because what one household did at several cut-offs goes together (the
cluster bootstrap: Davison and Hinkley, "Bootstrap Methods and their Application", 1997,
section 3.8).
"""

from typing import Final

import numpy as np

from recommender.data import LongArray
from recommender.evaluation.metrics import Numbers

RESAMPLES: Final = 1000
LEVEL: Final = 0.95
_BLOCK: Final = 4_000_000
"""So many numbers are drawn at a time."""


def resampled_means(customers: LongArray, values: Numbers, *, seed: int) -> Numbers:
    """
    Return (``RESAMPLES``, columns): the means of ``values`` over drawn households.

    ``values`` (rows, columns) go with ``customers``; a household is drawn with all
    its rows, as many households as there are. The same customers and seed give the
    same draws, so differences of columns are paired.
    """
    _, owner = np.unique(customers, return_inverse=True)
    households = int(owner.max(initial=-1)) + 1
    totals = np.zeros((households, values.shape[1] + 1))
    np.add.at(totals, owner, np.column_stack((values, np.ones(len(values)))))
    chance = np.random.default_rng(seed)
    block = max(1, _BLOCK // max(households, 1))
    found = []
    for start in range(0, RESAMPLES, block):
        many = min(block, RESAMPLES - start)
        found.append(_draws(households, many, chance) @ totals)
    sums = np.concatenate(found)
    return np.asarray(sums[:, :-1] / np.maximum(sums[:, -1:], 1), np.float64)


def _draws(households: int, many: int, chance: np.random.Generator) -> Numbers:
    """Return (many, households): how often each household was drawn."""
    drawn = chance.integers(0, max(households, 1), (many, households))
    drawn += np.arange(many)[:, None] * households
    counts = np.bincount(drawn.ravel(), minlength=many * households)
    return counts.reshape(many, households).astype(np.float64)


def bounds(draws: Numbers) -> tuple[float, float]:
    """Return the percentiles between which 95 of 100 draws lie."""
    rest = (1 - LEVEL) / 2
    low, high = np.quantile(draws, (rest, 1 - rest))
    return float(low), float(high)
