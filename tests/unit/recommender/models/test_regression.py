import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from recommender.models.regression import Steps, fit_next, fit_next_new
from tests.unit.recommender.features.test_pairs import DAY, TARGETS, audience

Array = NDArray[np.float32]
ROWS, ITEMS = 12, 3
days = arrays(np.float32, (ROWS, ITEMS), elements=st.sampled_from([0, 0.5, 1, 4]))
flags = arrays(np.bool_, (ROWS, ITEMS))


def ridge(x: Array, y: NDArray[np.bool_], strength: float) -> NDArray[np.float64]:
    """Solve the normal equations of one item as the book has them."""
    x = np.hstack((np.log1p(x), np.ones((len(x), 1), np.float32))).astype(np.float64)
    weights = np.diag([strength] * (x.shape[1] - 1) + [1])
    return np.linalg.solve(x.T @ x + weights, x.T @ y.astype(np.float64))


class TestFitNext:
    @given(days, flags)
    def test_is_ridge_regression(self, x: Array, y: NDArray[np.bool_]) -> None:
        steps = Steps(decayed=x, known=x > 0, bought=y)
        found = fit_next(steps, 3.0)
        for item in range(ITEMS):
            expected = ridge(x, y[:, item], 3.0)
            np.testing.assert_allclose(found.weights[:, item], expected, atol=1e-4)


class TestFitNextNew:
    @given(days, flags)
    def test_learns_of_each_item_from_those_who_had_never_bought_it(
        self, x: Array, y: NDArray[np.bool_]
    ) -> None:
        steps = Steps(decayed=x, known=x > 0, bought=y)
        found = fit_next_new(steps, 3.0)
        for item in range(ITEMS):
            new = x[:, item] == 0
            expected = ridge(x[new], y[new, item], 3.0)
            np.testing.assert_allclose(found.weights[:, item], expected, atol=1e-4)

    def test_looks_at_the_items_that_most_have_bought(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("recommender.models.regression.WIDEST", 2)
        x = np.array([[1, 0, 1], [1, 0, 0], [0, 1, 1]], np.float32)
        found = fit_next_new(Steps(decayed=x, known=x > 0, bought=x > 0), 3.0)
        assert found.inputs.tolist() == [0, 2]
        assert found.weights.shape == (3, 3)


class TestRegression:
    def test_scores_the_mean_of_a_targets_items(self) -> None:
        x = np.eye(3, dtype=np.float32)
        model = fit_next(Steps(decayed=x, known=x > 0, bought=x > 0), 0.1)
        scores = model.score(audience([(0, 1, DAY - 1)]), TARGETS)
        assert scores[0, :3].argmax() == 1
        mean = (scores[:, 0] + scores[:, 2]) / 2
        np.testing.assert_allclose(scores[:, 3], mean, rtol=1e-5)
