"""
Learning to rank: the trees of the re-ranker, and their calibration.

LightGBM (Ke et al., "LightGBM: A Highly Efficient Gradient Boosting Decision Tree",
2017).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Self

import lightgbm
import numpy as np
from scipy.optimize import isotonic_regression

from recommender.config import Config
from recommender.data import BoolArray, FloatArray
from recommender.features.pairs import FEATURES

AS_IT_IS = np.array([[-30, 30], [-30, 30]], np.float32)
"""The knots of scores that are taken for log-odds without calibration."""
RISING = ("wish",)
"""To declare an interest never lowers a score, whatever chance says."""
_FEWEST_BINS, _BINS = 20, 60
_BIN = 50
"""So many pairs a bin of the calibration has at least."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Lessons:
    """
    Pairs to learn from: their features, and whether the customer bought the target.

    ``table`` (n, features); ``bought`` (n); ``weight`` (n): how many pairs one stands
    for.
    """

    table: FloatArray
    bought: BoolArray
    weight: FloatArray

    def select(self, chosen: BoolArray) -> "Lessons":
        """Return the pairs where the mask is true."""
        return Lessons(
            table=self.table[chosen],
            bought=self.bought[chosen],
            weight=self.weight[chosen],
        )

    @classmethod
    def together(cls, lessons: Sequence["Lessons"]) -> Self:
        """Return all of these; at least one."""
        return cls(
            table=np.concatenate([one.table for one in lessons]),
            bought=np.concatenate([one.bought for one in lessons]),
            weight=np.concatenate([one.weight for one in lessons]),
        )


def fit_trees(
    lessons: Lessons, config: Config, progress: Callable[[int, int], None]
) -> tuple[str, ...]:
    """
    Grow the trees; the same lessons and seed give the same text.

    :param progress: is told the trees that are grown and how many there will be
    """
    data = lightgbm.Dataset(
        lessons.table,
        label=lessons.bought,
        weight=lessons.weight,
        feature_name=[name.replace(" ", "_") for name in FEATURES],
    )
    parameters = {
        "objective": "binary",
        "learning_rate": config.ranker_learning_rate,
        "num_leaves": config.ranker_leaves,
        "min_data_in_leaf": min(200, max(len(lessons.table) // 1000, 5)),
        "feature_fraction": 0.5,
        "bagging_fraction": 0.7,
        "bagging_freq": 1,
        "lambda_l2": 10.0,
        "monotone_constraints": [int(name in RISING) for name in FEATURES],
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


def fit_calibration(raw: FloatArray, bought: BoolArray) -> FloatArray:
    """
    Return which raw scores mean which probabilities, as knots (2, n).

    Isotonic regression over bins of equal size (Zadrozny and Elkan, "Transforming
    Classifier Scores into Accurate Multiclass Probability Estimates", 2002); above the
    last bin and below the first as the log-odds say, so that the order stays. Of too
    few pairs for that nothing is learned.

    :param raw: log-odds of pairs that the trees have not seen
    """
    bins = min(len(raw) // _BIN, _BINS)
    if bins < _FEWEST_BINS:
        return AS_IT_IS
    parts = np.array_split(np.argsort(raw, kind="stable"), bins)
    scores = np.array([raw[part].mean() for part in parts])
    scores = np.maximum.accumulate(scores) + 1e-6 * np.arange(bins)
    shares = np.array([bought[part].mean() for part in parts])
    sizes = np.array([len(part) for part in parts])
    usual = (shares * sizes + (1 / (1 + np.exp(-scores))) * _BIN / 10) / (
        sizes + _BIN / 10
    )
    odds = _logit(isotonic_regression(usual, weights=sizes).x)
    # Where neighbours agree, a little rise keeps the order of what is between them.
    odds = np.maximum.accumulate(odds + 1e-3 * np.arange(bins))
    knots = np.concatenate(([scores[0] - 12], scores, [scores[-1] + 12]))
    ends = np.concatenate(([odds[0] - 12], odds, [odds[-1] + 12]))
    return np.stack((knots, ends)).astype(np.float32)


def _logit(probability: FloatArray) -> FloatArray:
    inside = np.clip(probability, 1e-5, 1 - 1e-5)
    return np.asarray(np.log(inside / (1 - inside)), np.float32)
