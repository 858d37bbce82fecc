"""
The re-ranker: trees over all that is known of a customer and a target.

LightGBM (Ke et al., "LightGBM: A Highly Efficient Gradient Boosting Decision Tree",
2017). It learns on past periods whether a customer bought a target within
``config.window_days``, from what was known at each period's start.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import lightgbm
import numpy as np

from recommender.config import Config
from recommender.data import BoolArray, FloatArray, IntArray
from recommender.features import Audience, Targets
from recommender.features.demand import Demand
from recommender.features.pairs import FEATURES, GROUPS, tabulate
from recommender.models.base import Model

BLOCK = 512
"""So many customers are tabulated at a time: about 30 MB for 300 targets."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Ranker:
    """
    Trees (LightGBM's text) over the features of pairs, and their calibration.

    ``inputs`` are the models whose scores are features. A raw score is the mean of
    the trees' log-odds; ``knots`` (2, n) maps it to a probability, straight between
    its points.
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
        found = [_predict(text, flat, self.threads) for text in self.trees]
        return np.asarray(np.mean(found, axis=0).reshape(table.shape[:2]))

    def table(
        self, audience: Audience, targets: Targets, places: IntArray | None = None
    ) -> FloatArray:
        """Return the features of each customer's places."""
        scores = {model.name: model.score(audience, targets) for model in self.inputs}
        return tabulate(audience, targets, self.demand, scores, places)

    def probability(self, raw: FloatArray) -> FloatArray:
        """Return the probability to each raw score."""
        found = np.interp(raw, self.knots[0], self.knots[1])
        return np.asarray(found, np.float32)

    def parts(
        self, audience: Audience, targets: Targets, rows: IntArray, places: IntArray
    ) -> tuple[FloatArray, FloatArray]:
        """
        Return each pair's raw score by group of features, and what all start from.

        TreeSHAP (Lundberg et al., "Consistent Individualized Feature Attribution for
        Tree Ensembles", 2018). The parts of a row and its base add up to the raw
        score.

        :param rows: (n), which customer; :param places: (n), which target
        :return: (n, groups) and (n)
        """
        parts = np.zeros((len(rows), len(GROUPS)), np.float32)
        base = np.zeros(len(rows), np.float32)
        if len(rows) == 0:
            return parts, base
        group = {name: number for number, name in enumerate(GROUPS)}
        to_group = np.zeros((len(FEATURES), len(GROUPS)), np.float32)
        for number, name in enumerate(FEATURES.values()):
            to_group[number, group[name]] = 1
        for start in range(0, len(rows), BLOCK):
            chosen = slice(start, start + BLOCK)
            who, mine = np.unique(rows[chosen], return_inverse=True)
            table = self.table(audience.rows(who), targets)[mine, places[chosen]]
            found = [_predict(t, table, self.threads, parts=True) for t in self.trees]
            mean = np.mean(found, axis=0)
            parts[chosen] = mean[:, :-1] @ to_group
            base[chosen] = mean[:, -1]
        return parts, base


def blocks(customers: int) -> Iterator[IntArray]:
    """Give the rows of each block of customers."""
    for start in range(0, customers, BLOCK):
        yield np.arange(start, min(start + BLOCK, customers), dtype=np.int32)


def _predict(
    text: str, table: FloatArray, threads: int, *, parts: bool = False
) -> FloatArray:
    """Return the raw scores of the rows, or their parts with the base last."""
    found = _booster(text).predict(
        table, raw_score=True, pred_contrib=parts, num_threads=threads
    )
    return np.asarray(found, np.float32)


@lru_cache(maxsize=16)
def _booster(text: str) -> Any:  # noqa: ANN401  # LightGBM has no types
    return lightgbm.Booster(model_str=text)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Lessons:
    """
    Pairs to learn from: their features, and whether the customer bought the target.

    ``table`` (n, features); ``bought`` (n).
    """

    table: FloatArray
    bought: BoolArray


def fit_trees(
    lessons: Lessons, config: Config, progress: Callable[[int, int], None]
) -> tuple[str, ...]:
    """
    Grow the trees; the same lessons and seed give the same text.

    :param progress: is told the trees that are grown and how many there will be
    """
    data = lightgbm.Dataset(
        lessons.table, label=lessons.bought, feature_name=list(FEATURES)
    )
    parameters = {
        "objective": "binary",
        "learning_rate": config.ranker_learning_rate,
        "num_leaves": config.ranker_leaves,
        "min_data_in_leaf": 100,
        "feature_fraction": 0.7,
        "bagging_fraction": 0.7,
        "bagging_freq": 1,
        "lambda_l2": 5.0,
        "seed": config.seed,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": config.threads,
        "verbosity": -1,
    }

    def tell(state: Any) -> None:  # noqa: ANN401  # LightGBM has no types
        progress(state.iteration + 1, config.ranker_trees)

    booster = lightgbm.train(parameters, data, config.ranker_trees, callbacks=[tell])
    return (booster.model_to_string(),)
