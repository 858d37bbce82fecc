from math import log2

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from recommender.evaluation import (
    Judged,
    Report,
    interval,
    judge,
    summarise,
    top_k,
)


def judged(scores: list[list[float]], truth: list[list[int]], k: int) -> Judged:
    ranked = top_k(np.array(scores, np.float32), k)
    wanted = sparse.csr_array(np.array(truth, np.float32))
    return judge(ranked, wanted, np.arange(len(scores), dtype=np.int64) + 10)


class TestJudge:
    def test_agrees_with_what_a_hand_computes(self) -> None:
        # Ranked: c, a, d, b. Bought: a, b, e. Of the first three only a, second.
        found = judged([[3, 1, 4, 2, 0]], [[1, 1, 0, 0, 1]], 3)
        assert found.precision.tolist() == [1 / 3]
        assert found.recall.tolist() == [1 / 3]
        best = 1 + 1 / log2(3) + 1 / log2(4)
        assert found.ndcg[0] == pytest.approx((1 / log2(3)) / best)

    def test_knows_that_one_wanted_item_can_only_be_first(self) -> None:
        found = judged([[3, 2, 1]], [[1, 0, 0]], 3)
        assert found.ndcg.tolist() == [1]
        assert found.precision.tolist() == [1 / 3]
        assert found.recall.tolist() == [1]

    def test_leaves_out_who_bought_nothing(self) -> None:
        found = judged([[1, 0], [1, 0]], [[0, 0], [0, 1]], 2)
        assert found.customers.tolist() == [11]

    @settings(deadline=None)
    @given(st.data(), st.integers(1, 6), st.integers(1, 4))
    def test_stays_between_nothing_and_perfect(
        self, data: st.DataObject, items: int, k: int
    ) -> None:
        numbers = st.lists(st.integers(-9, 9), min_size=items, max_size=items)
        flags = st.lists(st.integers(0, 1), min_size=items, max_size=items)
        scores, truth = data.draw(numbers), data.draw(flags)
        found = judged([[float(s) for s in scores]], [truth], min(k, items))
        perfect = judged([[float(t) for t in truth]], [truth], min(k, items))
        for mine, best in (
            (found.precision, perfect.precision),
            (found.recall, perfect.recall),
            (found.ndcg, perfect.ndcg),
        ):
            assert ((mine >= 0) & (mine <= best + 1e-12)).all()
        assert np.allclose(perfect.ndcg, 1)


class TestTopK:
    @settings(deadline=None)
    @given(st.lists(st.integers(0, 3), min_size=1, max_size=12), st.integers(1, 12))
    def test_is_the_best_first_and_equals_by_place(
        self, scores: list[int], k: int
    ) -> None:
        expected = sorted(range(len(scores)), key=lambda p: (-scores[p], p))[:k]
        assert top_k(np.array([scores], np.float32), k).tolist() == [expected]


class TestInterval:
    def test_is_a_point_when_all_are_equal(self) -> None:
        values = np.full(50, 0.25)
        assert interval(np.arange(50), values, seed=1) == (0.25, 0.25)

    def test_is_wider_when_rows_belong_to_few_households(self) -> None:
        values = np.tile([0.0, 1.0], 100)
        alone = interval(np.arange(200), values, seed=1)
        together = interval(np.arange(200) % 10, values, seed=1)
        assert alone[0] < 0.5 < alone[1]
        assert together[1] - together[0] > 2 * (alone[1] - alone[0])

    def test_is_the_same_for_the_same_seed(self) -> None:
        values = np.linspace(0, 1, 30)
        once = interval(np.arange(30), values, seed=4)
        assert interval(np.arange(30), values, seed=4) == once


class TestReport:
    def test_is_a_table_and_plain_values(self) -> None:
        one = judged([[1, 0]], [[1, 0]], 1)
        row = summarise([one, one], model="m", segment="all", k=1, seed=1)
        report = Report(cutoffs=("2026-03-01",), days=28, items=2, rows=(row,))
        assert row.households == 1
        assert (row.precision, row.recall, row.ndcg) == (1, 1, 1)
        assert report.as_text() == (
            "28 days after 2026-03-01; 2 items\n"
            "\n"
            "all: 1 households, k=1\n"
            "ranking                        P@k     R@k  NDCG@k   95 % of NDCG\n"
            "m                            1.000   1.000   1.000   1.000 to 1.000\n"
        )
        assert report.as_dict()["rows"] == [
            {
                "model": "m",
                "segment": "all",
                "k": 1,
                "households": 1,
                "precision": 1.0,
                "recall": 1.0,
                "ndcg": 1.0,
                "low": 1.0,
                "high": 1.0,
            }
        ]

    def test_of_nobody_is_zero(self) -> None:
        nobody = judged([[1, 0]], [[0, 0]], 1)
        row = summarise([nobody], model="m", segment="all", k=1, seed=1)
        assert (row.households, row.ndcg, row.low, row.high) == (0, 0, 0, 0)
