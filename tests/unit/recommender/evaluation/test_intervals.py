import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.data import LongArray
from recommender.evaluation.intervals import RESAMPLES, bounds, resampled_means
from recommender.evaluation.metrics import Numbers


def interval(
    customers: LongArray, values: Numbers, *, seed: int
) -> tuple[float, float]:
    return bounds(resampled_means(customers, values[:, None], seed=seed)[:, 0])


class TestResampledMeans:
    def test_are_a_point_when_all_are_equal(self) -> None:
        assert interval(np.arange(50), np.full(50, 0.25), seed=1) == (0.25, 0.25)

    def test_spread_wider_when_rows_belong_to_few_households(self) -> None:
        values = np.tile([0.0, 1.0], 100)
        alone = interval(np.arange(200), values, seed=1)
        together = interval(np.arange(200) % 10, values, seed=1)
        assert alone[0] < 0.5 < alone[1]
        assert together[1] - together[0] > 2 * (alone[1] - alone[0])

    def test_are_the_same_for_the_same_seed(self) -> None:
        values = np.linspace(0, 1, 30)
        once = interval(np.arange(30), values, seed=4)
        assert interval(np.arange(30), values, seed=4) == once
        assert interval(np.arange(30), values, seed=5) != once

    def test_of_nobody_are_zero(self) -> None:
        assert interval(np.zeros(0, np.int64), np.zeros(0), seed=1) == (0, 0)

    @settings(deadline=None, max_examples=20)
    @given(
        st.lists(
            st.tuples(st.integers(0, 4), st.integers(0, 9)), min_size=1, max_size=20
        ),
        st.integers(0, 9),
    )
    def test_draw_all_columns_together(
        self, rows: list[tuple[int, int]], seed: int
    ) -> None:
        """What is one more in every row is one more in every draw: paired."""
        drawn = np.array(rows, np.float64)
        values = np.column_stack((drawn[:, 1], drawn[:, 1] + 1))
        means = resampled_means(drawn[:, 0].astype(np.int64), values, seed=seed)
        assert means.shape == (RESAMPLES, 2)
        assert np.allclose(means[:, 1] - means[:, 0], 1)
        assert (means[:, 0] >= drawn[:, 1].min() - 1e-9).all()
        assert (means[:, 0] <= drawn[:, 1].max() + 1e-9).all()

    def test_come_near_what_the_central_limit_theorem_says(self) -> None:
        values = np.random.default_rng(3).normal(2, 1, 400)
        low, high = interval(np.arange(400), values, seed=1)
        expected = 1.96 * values.std() / 20
        assert abs((high - low) / 2 - expected) < 0.1 * expected
