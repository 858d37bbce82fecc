from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.data import FloatArray
from recommender.models.attribution import attribute, weights

GROUPS = np.array([0, 0, 1, 2, 1], np.int32)
NUMBERS = st.sampled_from([0.0, 1.0, 2.0, float("nan")])
ROWS = st.lists(st.lists(NUMBERS, min_size=5, max_size=5), min_size=1, max_size=6)


def score(table: FloatArray) -> FloatArray:
    """Score rows with terms that need several groups at once."""
    a, b, c, d, e = np.nan_to_num(table, nan=3.0).T
    return np.asarray(a * c + b - 2 * d * c + a * d * e + 0.5, np.float32)


def by_orders(row: FloatArray, usual: FloatArray) -> list[float]:
    """Return the mean over all orders of what each group changes when it joins."""
    parts = [0.0, 0.0, 0.0]
    for order in permutations(range(3)):
        mixed = usual.copy()
        for group in order:
            before = float(score(mixed[np.newaxis])[0])
            mixed[group == GROUPS] = row[group == GROUPS]
            parts[group] += (float(score(mixed[np.newaxis])[0]) - before) / 6
    return parts


class TestAttribute:
    @given(ROWS, st.lists(NUMBERS, min_size=5, max_size=5))
    def test_is_the_mean_over_all_orders(
        self, rows: list[list[float]], usual: list[float]
    ) -> None:
        table = np.array(rows, np.float32)
        usuals = np.tile(np.array(usual, np.float32), (len(table), 1))
        parts, base = attribute(score, table, usuals, GROUPS)
        expected = [by_orders(row, usuals[0]) for row in table]
        np.testing.assert_allclose(parts, expected, atol=1e-4)
        np.testing.assert_allclose(base, score(usuals), atol=1e-5)

    @given(ROWS, st.lists(NUMBERS, min_size=5, max_size=5))
    def test_adds_up_to_the_score(
        self, rows: list[list[float]], usual: list[float]
    ) -> None:
        table = np.array(rows, np.float32)
        usuals = np.tile(np.array(usual, np.float32), (len(table), 1))
        parts, base = attribute(score, table, usuals, GROUPS)
        np.testing.assert_allclose(parts.sum(axis=1) + base, score(table), atol=1e-4)

    def test_gives_nothing_to_what_is_as_usual(self) -> None:
        usual = np.array([[1, 2, float("nan"), 0, 1]], np.float32)
        table = usual.copy()
        table[0, 3] = 2
        parts, _ = attribute(score, table, usual, GROUPS)
        assert parts[0, :2].tolist() == [0, 0]
        assert parts[0, 2] != 0

    def test_of_nothing_is_nothing(self) -> None:
        none = np.zeros((0, 5), np.float32)
        parts, base = attribute(score, none, none, GROUPS)
        assert parts.shape == (0, 3)
        assert base.shape == (0,)


class TestWeights:
    @pytest.mark.parametrize("players", [1, 2, 5, 7])
    def test_give_each_player_all_orders(self, players: int) -> None:
        found = weights(players)
        assert found.shape == (1 << players, players)
        np.testing.assert_allclose(np.abs(found).sum(axis=0), 2, atol=1e-5)
        np.testing.assert_allclose(found[-1].sum(), 1, atol=1e-5)
        np.testing.assert_allclose(found[0].sum(), -1, atol=1e-5)
