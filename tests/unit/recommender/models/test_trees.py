from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from recommender.config import Config
from recommender.features.pairs import FEATURES
from recommender.models.ranker import Ranker
from recommender.models.trees import Lessons, fit_calibration, fit_trees
from recommender.training import Trained


def lessons(seed: int) -> Lessons:
    chance = np.random.default_rng(seed)
    table = chance.random((4000, len(FEATURES)), np.float32)
    odds = 4 * table[:, 0] - 2
    bought = chance.random(4000) < 1 / (1 + np.exp(-odds))
    return Lessons(table=table, bought=bought, weight=np.ones(4000, np.float32))


def quiet(_done: int, _total: int) -> None:
    """Tell nobody."""


class TestFitTrees:
    def test_gives_the_same_text_for_the_same_seed(self) -> None:
        config = Config(ranker_trees=5)
        once = fit_trees(lessons(1), config, quiet)
        assert fit_trees(lessons(1), config, quiet) == once
        assert fit_trees(lessons(1), replace(config, seed=2), quiet) != once


class TestFitCalibration:
    @given(st.floats(0.2, 3), st.floats(-1, 1), st.integers(0, 5))
    def test_finds_what_scores_mean(
        self, steep: float, shift: float, seed: int
    ) -> None:
        chance = np.random.default_rng(seed)
        raw = chance.normal(0, 1, 60_000).astype(np.float32)
        true = 1 / (1 + np.exp(-(steep * raw + shift)))
        knots = fit_calibration(raw, chance.random(len(raw)) < true)
        found = 1 / (1 + np.exp(-np.interp(raw, knots[0], knots[1])))
        assert np.abs(found - true).mean() < 0.02

    @given(st.lists(st.tuples(st.floats(-5, 5), st.booleans()), min_size=1))
    def test_keeps_the_order(self, pairs: list[tuple[float, bool]]) -> None:
        raw = np.array([score for score, _ in pairs], np.float32)
        knots = fit_calibration(raw, np.array([bought for _, bought in pairs]))
        assert (np.diff(knots[0]) > 0).all()
        assert (np.diff(knots[1]) > 0).all()


class TestRanker:
    def test_gives_probabilities_in_the_order_of_the_scores(
        self, trained: Trained
    ) -> None:
        ranker = trained.ranker
        assert isinstance(ranker, Ranker)
        found = ranker.probability(np.linspace(-20, 20, 200, dtype=np.float32))
        assert (np.diff(found) >= 0).all()
        assert 0 <= found[0] < 0.01
        assert 0.99 < found[-1] <= 1
