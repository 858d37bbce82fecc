"""
Whether probabilities are what they say.

The reliability curve: DeGroot and Fienberg, "The comparison and evaluation of
forecasters", 1983. The score: Brier, "Verification of forecasts expressed in terms of
probability", 1950.
"""

from typing import Final

import numpy as np

from recommender.data import BoolArray, FloatArray
from recommender.evaluation.metrics import Numbers
from recommender.evaluation.rows import Calibration, CalibrationBin

BINS: Final = 10
_LEAST: Final = 1e-6
"""A probability is taken to be so far from 0 and 1 at least, for the log loss."""


def calibrate(model: str, probability: FloatArray, happened: BoolArray) -> Calibration:
    """
    Compare probabilities with what happened; both of one shape.

    :raises ValueError: if there are none
    """
    said = probability.ravel().astype(np.float64)
    true = happened.ravel().astype(np.float64)
    if len(said) == 0:
        text = "There are no probabilities to compare."
        raise ValueError(text)
    rate = float(true.mean())
    bins = _bins(said, true)
    misses = [one.pairs * abs(one.predicted - one.observed) for one in bins]
    return Calibration(
        model=model,
        pairs=len(said),
        rate=rate,
        brier=float(((said - true) ** 2).mean()),
        brier_of_rate=rate * (1 - rate),
        log_loss=_log_loss(said, true),
        log_loss_of_rate=_log_loss(np.full(len(true), rate), true),
        error=float(sum(misses)) / len(said),
        bins=bins,
    )


def _bins(said: Numbers, true: Numbers) -> tuple[CalibrationBin, ...]:
    """Return the bins that have pairs, from low to high."""
    place = np.clip((said * BINS).astype(np.int64), 0, BINS - 1)
    pairs = np.bincount(place, minlength=BINS)
    sums = np.bincount(place, weights=said, minlength=BINS)
    hits = np.bincount(place, weights=true, minlength=BINS)
    return tuple(
        CalibrationBin(
            low=number / BINS,
            high=(number + 1) / BINS,
            pairs=int(pairs[number]),
            predicted=float(sums[number] / pairs[number]),
            observed=float(hits[number] / pairs[number]),
        )
        for number in np.flatnonzero(pairs).tolist()
    )


def _log_loss(said: Numbers, true: Numbers) -> float:
    sure = np.clip(said, _LEAST, 1 - _LEAST)
    return float(-(true * np.log(sure) + (1 - true) * np.log(1 - sure)).mean())
