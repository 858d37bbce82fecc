"""
What a score is made of, against a usual row: exact Shapley values of groups.

L. Shapley, "A Value for n-Person Games", 1953; against a baseline as in Sundararajan
and Najmi, "The Many Shapley Values for Model Explanation", 2020,
https://arxiv.org/abs/1908.08474. The players are groups of features: all of a group's
features come from the row or all from the baseline. So a few groups need no sampling,
and features that say the same do not share one part by chance.
"""

from collections.abc import Callable
from functools import lru_cache
from math import factorial

import numpy as np
from numpy.typing import NDArray

from recommender.data import BoolArray, FloatArray, IntArray

_ROWS = 1 << 16
"""So many rows are scored at a time."""

Predict = Callable[[FloatArray], FloatArray]


def attribute(
    predict: Predict, table: FloatArray, usual: FloatArray, groups: IntArray
) -> tuple[FloatArray, FloatArray]:
    """
    Return each row's parts (n, groups) and its base (n): what the usual row scores.

    Parts and base add up to the row's score. A group in which the row is as usual has
    no part.

    :param predict: gives rows (any, features) their scores
    :param table: (n, features); :param usual: the same for the baselines
    :param groups: (features), the group of each, numbered from 0
    """
    n_groups = int(groups.max(initial=-1)) + 1
    parts = np.zeros((len(table), n_groups), np.float32)
    base = np.zeros(len(table), np.float32)
    changed = _changed(table, usual, groups, n_groups)
    codes = changed @ (1 << np.arange(n_groups))
    for code in np.unique(codes).tolist():
        players = np.flatnonzero(code >> np.arange(n_groups) & 1)
        found = np.flatnonzero(codes == code)
        step = max(_ROWS >> len(players), 1)
        for start in range(0, len(found), step):
            rows = found[start : start + step]
            values = _values(predict, table[rows], usual[rows], groups, players)
            base[rows] = values[:, 0]
            where = np.ix_(rows, players)
            parts[where] = values @ weights(len(players))
    return parts, base


def _changed(
    table: FloatArray, usual: FloatArray, groups: IntArray, n_groups: int
) -> NDArray[np.int64]:
    """Return (n, groups): one where any feature of the group is not as usual."""
    same = (table == usual) | (np.isnan(table) & np.isnan(usual))
    changed = np.zeros((len(table), n_groups), np.int64)
    for group in range(n_groups):
        changed[:, group] = ~same[:, groups == group].all(axis=1)
    return changed


def _values(
    predict: Predict,
    table: FloatArray,
    usual: FloatArray,
    groups: IntArray,
    players: NDArray[np.int64],
) -> FloatArray:
    """Return (n, coalitions): the score when these groups are the row's own."""
    of_player = players[:, np.newaxis] == groups
    own = _coalitions(len(players)) @ of_player > 0
    rows = np.where(own, table[:, np.newaxis], usual[:, np.newaxis])
    return predict(rows.reshape(-1, table.shape[1])).reshape(len(table), -1)


def _coalitions(players: int) -> BoolArray:
    """Return (coalitions, players): who is in each, the empty one first."""
    numbers = np.arange(1 << players)[:, np.newaxis]
    return np.asarray(numbers >> np.arange(players) & 1, bool)


@lru_cache(maxsize=32)
def weights(players: int) -> FloatArray:
    """Return (coalitions, players): how each coalition's value counts for each."""
    inside = _coalitions(players)
    size = inside.sum(axis=1)
    joined = [_share(int(s) - 1, players) if s else 0.0 for s in size]
    missed = [_share(int(s), players) if s < players else 0.0 for s in size]
    found = np.where(
        inside, np.array(joined)[:, np.newaxis], -np.array(missed)[:, np.newaxis]
    )
    return np.asarray(found, np.float32)


def _share(before: int, players: int) -> float:
    """Return the share of orders in which just these came before a player."""
    after = players - before - 1
    return factorial(before) * factorial(after) / factorial(players)
