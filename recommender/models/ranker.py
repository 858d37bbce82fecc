"""
The re-ranker: trees over all that is known of a customer and a target.

LightGBM (Ke et al., "LightGBM: A Highly Efficient Gradient Boosting Decision Tree",
2017). It learns on past periods whether a customer bought a target within
``config.window_days``, from what was known at each period's start.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

import lightgbm
import numpy as np

from recommender.data import FloatArray, IntArray
from recommender.features import Audience, Targets
from recommender.features.demand import Demand
from recommender.features.pairs import FEATURES, GROUPS, tabulate
from recommender.models.attribution import attribute
from recommender.models.base import Model

BLOCK = 512
"""So many customers are tabulated at a time: about 30 MB for 300 targets."""
USUAL = 33
"""From so many items, evenly spread, is taken what is usual for a customer."""
_GROUP_OF = np.array([GROUPS.index(name) for name in FEATURES.values()], np.int32)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Ranker:
    """
    Trees (LightGBM's text) over the features of pairs, and their calibration.

    ``inputs`` are the models whose scores are features. A raw score is the mean of
    the trees' log-odds; ``knots`` (2, n) maps it to calibrated log-odds, straight
    between its points.
    """

    demand: Demand
    inputs: tuple[Model, ...]
    trees: tuple[str, ...]
    knots: FloatArray
    threads: int = 1
    name: str = "re-ranker"

    def score(self, audience: Audience, targets: Targets) -> FloatArray:
        """Return the raw scores (customers, targets)."""
        return self.raw(audience, targets)

    def raw(
        self, audience: Audience, targets: Targets, places: IntArray | None = None
    ) -> FloatArray:
        """Return the raw score of each customer's places, (customers, k)."""
        width = len(targets) if places is None else places.shape[1]
        raw = np.zeros((len(audience), width), np.float32)
        if raw.size == 0:
            return raw
        for rows in blocks(len(audience)):
            table = self.table(
                audience.rows(rows), targets, None if places is None else places[rows]
            )
            raw[rows] = self.of_table(table)
        return raw

    def of_table(self, table: FloatArray) -> FloatArray:
        """Return the raw scores to features (customers, k, features)."""
        flat = table.reshape(-1, len(FEATURES))
        return self._predict(flat).reshape(table.shape[:2])

    def table(
        self, audience: Audience, targets: Targets, places: IntArray | None = None
    ) -> FloatArray:
        """Return the features of each customer's places."""
        scores = {model.name: model.score(audience, targets) for model in self.inputs}
        return tabulate(audience, targets, self.demand, scores, places)

    def probability(self, raw: FloatArray) -> FloatArray:
        """Return the probability to each raw score."""
        return _expit(np.interp(raw, self.knots[0], self.knots[1]))

    def parts(
        self,
        audience: Audience,
        targets: Targets,
        rows: IntArray,
        places: IntArray,
        items: Targets,
    ) -> tuple[FloatArray, FloatArray]:
        """
        Return each pair's raw score by group of features, and what it starts from.

        That is the score of what is usual for the customer: of each feature the
        median over some of the items. A row's parts and its base add up to its score.

        :param rows: (n), which customer; :param places: (n), which target
        :param items: (items), what a customer could be offered at all
        :return: (n, groups) and (n)
        """
        parts = np.zeros((len(rows), len(GROUPS)), np.float32)
        base = np.zeros(len(rows), np.float32)
        order = np.argsort(rows, kind="stable")
        edges = np.searchsorted(rows[order], np.arange(0, len(audience) + BLOCK, BLOCK))
        for first, last in pairwise(edges.tolist()):
            chosen = order[first:last]
            if len(chosen):
                who, found = np.unique(rows[chosen], return_inverse=True)
                mine = found.astype(np.int32)
                block = audience.rows(who.astype(np.int32))
                table = self._pairs(block, targets, mine, places[chosen])
                usual = self._usual(block, items)[mine]
                parts[chosen], base[chosen] = attribute(
                    self._predict, table, usual, _GROUP_OF
                )
        return parts, base

    def _pairs(
        self, audience: Audience, targets: Targets, rows: IntArray, places: IntArray
    ) -> FloatArray:
        """Return the features of pairs (n, features); the rows are in order."""
        counts = np.bincount(rows, minlength=len(audience))
        at = np.arange(len(rows)) - (np.cumsum(counts) - counts)[rows]
        asked = np.zeros((len(audience), int(counts.max(initial=0))), np.int32)
        asked[rows, at] = places
        return self.table(audience, targets, asked)[rows, at]

    def _usual(self, audience: Audience, items: Targets) -> FloatArray:
        """Return each customer's usual features: what is missing counts as most."""
        some = np.linspace(0, len(items) - 1, min(USUAL, len(items)))
        places = np.tile(some.astype(np.int32), (len(audience), 1))
        table = np.nan_to_num(self.table(audience, items, places), nan=np.inf)
        middle = len(some) // 2
        found = np.partition(table, middle, axis=1)[:, middle]
        return np.where(np.isinf(found), np.float32(np.nan), found)

    def _predict(self, table: FloatArray) -> FloatArray:
        """Return the raw scores of rows of features."""
        found = [_predict(text, table, self.threads) for text in self.trees]
        return np.asarray(np.mean(found, axis=0), np.float32)


def blocks(customers: int) -> Iterator[IntArray]:
    """Give the rows of each block of customers."""
    for start in range(0, customers, BLOCK):
        yield np.arange(start, min(start + BLOCK, customers), dtype=np.int32)


def _predict(text: str, table: FloatArray, threads: int) -> FloatArray:
    """Return the raw scores of the rows."""
    found = _booster(text).predict(table, raw_score=True, num_threads=threads)
    return np.asarray(found, np.float32)


@lru_cache(maxsize=16)
def _booster(text: str) -> Any:  # noqa: ANN401  # LightGBM has no types
    return lightgbm.Booster(model_str=text)


def _expit(odds: FloatArray) -> FloatArray:
    return np.asarray(1 / (1 + np.exp(-odds)), np.float32)
