from math import log2

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from recommender.evaluation.metrics import MEASURES, Judged, judge, top_k


def judged(scores: list[list[float]], truth: list[list[int]], k: int) -> Judged:
    ranked = top_k(np.array(scores, np.float32), k)
    return judge(ranked, sparse.csr_array(np.array(truth, np.float32)))


def plainly(ranked: list[int], wanted: set[int]) -> tuple[float, ...]:
    """Measure one ranking place by place."""
    hits = gain = precisions = 0.0
    for place, item in enumerate(ranked, 1):
        if item in wanted:
            hits += 1
            gain += 1 / log2(place + 1)
            precisions += hits / place
    most = min(len(ranked), len(wanted))
    best = sum(1 / log2(place + 1) for place in range(1, most + 1))
    return (hits / len(ranked), hits / len(wanted), gain / best, precisions / most)


class TestJudge:
    def test_agrees_with_what_a_hand_computes(self) -> None:
        # Ranked: c, a, d, b. Bought: a, b, e. Of the first three only a, second.
        found = judged([[3, 1, 4, 2, 0]], [[1, 1, 0, 0, 1]], 3)
        best = 1 + 1 / log2(3) + 1 / log2(4)
        expected = [1 / 3, 1 / 3, (1 / log2(3)) / best, (1 / 2) / 3]
        assert found.values.tolist() == [pytest.approx(expected)]

    def test_knows_that_one_wanted_item_can_only_be_first(self) -> None:
        found = judged([[3, 2, 1]], [[1, 0, 0]], 3)
        assert found.values.tolist() == [[1 / 3, 1, 1, 1]]

    def test_leaves_out_who_bought_nothing(self) -> None:
        found = judged([[1, 0], [1, 0]], [[0, 0], [0, 1]], 2)
        assert found.rows.tolist() == [1]

    @settings(deadline=None)
    @given(st.data(), st.integers(1, 6), st.integers(1, 4), st.integers(1, 5))
    def test_agrees_with_the_definitions_household_by_household(
        self, data: st.DataObject, items: int, k: int, households: int
    ) -> None:
        def table(values: st.SearchStrategy[int]) -> list[list[int]]:
            row = st.lists(values, min_size=items, max_size=items)
            return data.draw(st.lists(row, min_size=households, max_size=households))

        scores, truth = table(st.integers(-9, 9)), table(st.integers(0, 1))
        k = min(k, items)
        found = judged([[float(s) for s in row] for row in scores], truth, k)
        expected = []
        for row, flags in zip(scores, truth, strict=True):
            ranked = sorted(range(items), key=lambda p: (-row[p], p))[:k]
            wanted = {place for place, flag in enumerate(flags) if flag}
            if wanted:
                expected.append(plainly(ranked, wanted))
        assert found.values.shape == (len(expected), len(MEASURES))
        if expected:
            assert np.allclose(found.values, np.array(expected))


class TestTopK:
    @settings(deadline=None)
    @given(st.lists(st.integers(0, 3), min_size=1, max_size=12), st.integers(1, 12))
    def test_is_the_best_first_and_equals_by_place(
        self, scores: list[int], k: int
    ) -> None:
        expected = sorted(range(len(scores)), key=lambda p: (-scores[p], p))[:k]
        assert top_k(np.array([scores], np.float32), k).tolist() == [expected]
