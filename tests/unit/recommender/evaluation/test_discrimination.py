import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from recommender.evaluation.discrimination import (
    auc,
    average_precision,
    drawn_aucs,
    lift,
)

PAIRS = st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=2, max_size=30)


class TestAUC:
    @given(PAIRS)
    def test_is_the_chance_that_what_happened_scores_higher(
        self, pairs: list[tuple[int, bool]]
    ) -> None:
        scores = np.array([score for score, _ in pairs], np.float32)
        happened = np.array([yes for _, yes in pairs])
        yes, no = scores[happened], scores[~happened]
        found = auc(scores, happened)
        if not len(yes) or not len(no):
            assert found is None
            return
        higher = (yes[:, None] > no).mean() + (yes[:, None] == no).mean() / 2
        assert found is not None
        assert abs(found - higher) < 1e-9


class TestAveragePrecision:
    def test_is_the_mean_precision_at_each_hit(self) -> None:
        scores = np.array([4, 3, 2, 1], np.float32)
        happened = np.array([True, False, True, False])
        assert average_precision(scores, happened) == (1 + 2 / 3) / 2
        assert average_precision(scores, np.zeros(4, bool)) is None


class TestLift:
    def test_compares_the_first_hundredth_with_all(self) -> None:
        scores = np.arange(200, 0, -1).astype(np.float32)
        happened = np.zeros(200, bool)
        happened[[0, 3, 50, 199]] = True
        assert lift(scores, happened) == 0.5 / (4 / 200)
        assert lift(scores, np.zeros(200, bool)) is None


class TestDrawnAUCs:
    def test_draws_a_household_with_all_its_rows(self) -> None:
        customers = np.array([1, 1, 2, 2])
        happened = np.array([True, False, True, False])
        scores = np.array([[2, 1], [1, 2], [2, 1], [1, 2]], np.float64)
        found = drawn_aucs(customers, scores, happened, seed=1)
        assert (found == [1, 0]).all()
        assert len(found) > 100
