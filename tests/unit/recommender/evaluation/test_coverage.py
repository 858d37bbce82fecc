import numpy as np
import pytest

from recommender.evaluation.coverage import cover, mean_coverage
from recommender.evaluation.metrics import top_k


class TestCover:
    def test_counts_items_customers_and_surprise(self) -> None:
        scores = np.array([[3, 2, 1, 0], [3, 1, 2, -np.inf]], np.float32)
        known = np.array([[True, False, False, False], [False, False, True, False]])
        found = cover(
            "m",
            top_k(scores, 2),
            scores,
            known=known,
            buyers=np.array([0.5, 0.25, 0.25, 0.0], np.float32),
        )
        assert found.items == 0.75
        assert found.customers == 1
        assert found.fresh == 0.5
        assert found.novelty == pytest.approx((1 + 2 + 1 + 2) / 4)

    def test_tells_who_gets_less(self) -> None:
        scores = np.array([[1, 0], [1, -np.inf]], np.float32)
        none = np.zeros((2, 2), bool)
        buyers = np.array([0.5, 0.0], np.float32)
        found = cover("m", top_k(scores, 2), scores, known=none, buyers=buyers)
        assert found.customers == 0.5
        assert found.fresh == 1
        # Nobody buys the second: as if half of one of the two did.
        assert found.novelty == pytest.approx((1 + 2 + 1) / 3)

    def test_is_a_mean_over_cut_offs(self) -> None:
        scores = np.array([[1, 0]], np.float32)
        none = np.zeros((1, 2), bool)
        buyers = np.array([0.5, 0.5], np.float32)
        once = cover("m", top_k(scores, 1), scores, known=none, buyers=buyers)
        both = cover("m", top_k(scores, 2), scores, known=none, buyers=buyers)
        assert mean_coverage([once, both]).items == 0.75
