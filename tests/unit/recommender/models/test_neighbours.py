import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from recommender.dataset import Events
from recommender.models.neighbours import RECENCY, Neighbours, similarity, user_wise
from tests.unit.recommender.features.test_pairs import (
    CUSTOMERS,
    DAY,
    ITEMS,
    TARGETS,
    audience,
    events,
    histories,
)

Rows = list[tuple[int, int, int]]
shares = arrays(np.float32, (3, 4), elements=st.sampled_from([0, 0.25, 0.5, 1]))


def plain_shares(rows: Rows, customer: int) -> list[float]:
    baskets = sorted({d for c, _, d in rows if c == customer})[-RECENCY:]
    bought = {(i, d) for c, i, d in rows if c == customer and d in baskets}
    return [sum(item == i for i, _ in bought) / max(len(baskets), 1) for item in ITEMS]


class TestUserWise:
    @given(histories)
    def test_counts_the_latest_baskets(self, rows: Rows) -> None:
        found = user_wise(events(rows))
        for customer in CUSTOMERS:
            expected = plain_shares(rows, customer)
            assert found[customer].tolist() == pytest.approx(expected)

    def test_forgets_what_is_many_baskets_ago(self) -> None:
        rows = [(0, 0, DAY - 100)] + [(0, 1, DAY - n) for n in range(1, RECENCY + 1)]
        assert user_wise(events(rows))[0].tolist() == [0, 1, 0]


class TestSimilarity:
    @given(shares, shares)
    def test_is_the_asymmetric_cosine(
        self, mine: np.ndarray, others: np.ndarray
    ) -> None:
        found = similarity(mine, others)
        for row, one in enumerate(mine):
            for place, other in enumerate(others):
                lengths = (one @ one) ** 0.25 * (other @ other) ** 0.75
                expected = one @ other / lengths if lengths else 0
                assert found[row, place] == pytest.approx(expected, rel=1e-5)


class TestNeighbours:
    @given(histories)
    def test_means_the_shares_of_those_alike(self, rows: Rows) -> None:
        model = Neighbours.fit(events(rows), seed=1)
        scores = model.score(audience(rows), TARGETS)
        every = [plain_shares(rows, c) for c in CUSTOMERS]
        others = [np.array(one) for one in every if any(one)]
        for customer in CUSTOMERS:
            mine = np.array(every[customer])
            said, voices = mine, 1.0
            for other in others:
                lengths = (mine @ mine) ** 0.25 * (other @ other) ** 0.75
                alike = (mine @ other / lengths) ** 10 if lengths else 0
                said, voices = said + alike * other, voices + alike
            ties = 1e-3 * np.sum(others, axis=0) / max(len(others), 1)
            expected = said / voices + ties
            found = scores[customer, :3].tolist()
            assert found == pytest.approx(expected.tolist(), rel=1e-3, abs=1e-6)

    def test_draws_neighbours_where_there_are_many(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("recommender.models.neighbours.MOST", 2)
        rows = [(customer, customer, DAY - 1) for customer in CUSTOMERS]
        first = Neighbours.fit(events(rows), seed=1)
        assert first.shares.shape == (2, 3)
        assert (Neighbours.fit(events(rows), seed=1).shares == first.shares).all()

    def test_knows_nobody_without_purchases(self) -> None:
        nobody = Neighbours.fit(events([]), seed=1)
        assert isinstance(events([]), Events)
        assert (nobody.score(audience([]), TARGETS) == 0).all()
