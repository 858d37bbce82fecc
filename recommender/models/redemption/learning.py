"""Learning who redeems what from past campaigns."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import lightgbm
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from recommender.config import Config
from recommender.data import BoolArray, FloatArray, LongArray
from recommender.models.redemption.model import Logistic, Redemption
from recommender.models.redemption.table import FEATURES

Numbers = NDArray[np.float64]
FEWEST: Final = 100
"""So many redemptions are needed; with fewer, buying stands for redeeming."""
MOST_PAIRS: Final = 100_000
"""Beyond so many, pairs of customers who used nothing are sampled and weighted."""
_TREES: Final = 60
_SEEDS: Final = 3
_FOLDS: Final = 3
_PENALTY: Final = 50.0
"""On the sum of squared weights: as strong as so many customers' answers."""

DIRECTIONS: Final[Mapping[str, int]] = {
    "lines_28": 1,
    "lines_84": 1,
    "lines_ever": 1,
    "lines_decayed": 1,
    "kinds": 1,
    "days": 1,
    "days_56": 1,
    "since": -1,
    "share_of_baskets": 1,
    "LightFM history": 1,
    "buying": 1,
    "buyers": 1,
    "choices": -1,
    "liked": 1,
    "refused": -1,
    "will_use": 1,
}
"""Which way a feature may move a probability, all else equal.

Past campaigns are few: what is known beforehand keeps trees from learning chance."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Lessons:
    """
    Pairs of past campaigns.

    ``pairs`` (n, FEATURES) with ``will_use`` not filled; ``redeemed`` (n); ``owners``
    (n): rows of ``who`` (m, WHO), each a customer in a campaign; ``customers`` (m).
    """

    pairs: FloatArray
    redeemed: BoolArray
    owners: LongArray
    who: FloatArray
    customers: LongArray

    def used(self) -> BoolArray:
        """Return (m): who used anything of the campaign."""
        found = np.bincount(self.owners[self.redeemed], minlength=len(self.who))
        return np.asarray(found > 0)


def fit_redemption(
    lessons: Lessons, reach: Mapping[str, float], config: Config
) -> Redemption | None:
    """Train; None where there are fewer than ``FEWEST`` redemptions to learn from."""
    redemptions = int(lessons.redeemed.sum())
    if redemptions < FEWEST or lessons.redeemed.all():
        return None
    used = lessons.used()
    who = fit_logistic(lessons.who, used, _PENALTY)
    pairs = lessons.pairs.copy()
    pairs[:, -1] = who.log_odds(lessons.who)[lessons.owners]
    chance = np.random.default_rng(config.seed)
    kept, weights = _sampled(used[lessons.owners], chance)
    sample = _Sample(
        pairs=pairs[kept],
        redeemed=lessons.redeemed[kept],
        weights=weights,
        customers=lessons.customers[lessons.owners[kept]],
    )
    slope, constant = _platt(sample, config, chance)
    everyone = np.ones(len(kept), bool)
    return Redemption(
        who=who,
        trees=tuple(_grow(sample, everyone, config, n) for n in range(_SEEDS)),
        slope=slope,
        constant=constant,
        reach=reach,
        redemptions=redemptions,
        threads=config.threads,
    )


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Sample:
    pairs: FloatArray
    redeemed: BoolArray
    weights: FloatArray
    customers: LongArray


def _sampled(
    used: BoolArray, chance: np.random.Generator
) -> tuple[LongArray, FloatArray]:
    """Return the pairs to learn from, and for how many each stands."""
    others = int((~used).sum())
    room = max(MOST_PAIRS - int(used.sum()), MOST_PAIRS // 2)
    share = min(room / max(others, 1), 1.0)
    kept = np.flatnonzero(used | (chance.random(len(used)) < share))
    return kept, np.where(used[kept], 1, 1 / share).astype(np.float32)


def _grow(sample: _Sample, rows: BoolArray, config: Config, number: int) -> str:
    """Grow trees on some of the pairs; the same sample and seed, the same text."""
    data = lightgbm.Dataset(
        sample.pairs[rows],
        label=sample.redeemed[rows],
        weight=sample.weights[rows],
        feature_name=[name.replace(" ", "_") for name in FEATURES],
    )
    parameters = {
        "objective": "binary",
        "learning_rate": 0.05,
        "num_leaves": 7,
        "min_data_in_leaf": 50,
        "feature_fraction": 0.8,
        "monotone_constraints": [DIRECTIONS.get(name, 0) for name in FEATURES],
        "bagging_fraction": 0.8,
        "bagging_freq": 1,
        "lambda_l2": 10.0,
        "seed": (config.seed + number) % 2**31,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": config.threads,
        "verbosity": -1,
    }
    return str(lightgbm.train(parameters, data, _TREES).model_to_string())


def _platt(
    sample: _Sample, config: Config, chance: np.random.Generator
) -> tuple[float, float]:
    """Return slope and constant, from customers whom the trees had not seen."""
    _, who = np.unique(sample.customers, return_inverse=True)
    fold = chance.integers(_FOLDS, size=who.max() + 1)[who]
    raw = np.zeros(len(fold), np.float32)
    for number in range(_FOLDS):
        trees = _grow(sample, fold != number, config, 0)
        booster = lightgbm.Booster(model_str=trees)
        hidden = fold == number
        raw[hidden] = booster.predict(
            sample.pairs[hidden], raw_score=True, num_threads=config.threads
        )
    weights = _minimised(
        raw[:, np.newaxis], sample.redeemed, sample.weights, np.zeros(1)
    )
    return float(weights[0]), float(weights[1])


def fit_logistic(columns: FloatArray, happened: BoolArray, penalty: float) -> Logistic:
    """
    Fit a logistic regression on the logarithms of the columns, all of them >= 0.

    :param penalty: on the sum of squared weights, the constant's apart
    """
    logs = np.log1p(columns)
    mean, spread = logs.mean(axis=0), logs.std(axis=0)
    spread = np.where(spread > 0, spread, 1)
    ones = np.ones(len(columns), np.float32)
    size = np.full(columns.shape[1], penalty)
    weights = _minimised((logs - mean) / spread, happened, ones, size)
    return Logistic(
        mean=mean.astype(np.float32),
        spread=spread.astype(np.float32),
        weights=weights.astype(np.float32),
    )


def _minimised(
    columns: FloatArray, happened: BoolArray, counts: FloatArray, penalty: Numbers
) -> Numbers:
    """Return the weights, the constant last, that have the least penalised loss."""
    table = np.column_stack((columns, np.ones(len(columns)))).astype(np.float64)
    sizes = np.append(penalty, 0.0)

    def loss(weights: Numbers) -> tuple[float, Numbers]:
        odds = table @ weights
        each = np.logaddexp(0, odds) - happened * odds
        slope = table.T @ (counts * (1 / (1 + np.exp(-odds)) - happened))
        value = counts @ each + sizes @ weights**2 / 2
        return float(value), slope + sizes * weights

    rate = np.clip(counts @ happened / counts.sum(), 1e-6, 1 - 1e-6)
    start = np.zeros(table.shape[1])
    start[-1] = np.log(rate / (1 - rate))
    return np.asarray(minimize(loss, start, jac=True, method="L-BFGS-B").x)
