import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from recommender.data import Offer
from recommender.models.redemption import Worth, valued

PLACES = np.array([[0, 1, -1]], np.int32)
HALF = np.array([[0.5, 0.25, 0.9]], np.float32)


def offer(**facts: int) -> Offer:
    return Offer(key="x", categories=("Milk",), **facts)  # type: ignore[arg-type]  # ints only


class TestWorth:
    def test_is_the_margin_where_all_have_one(self) -> None:
        found = Worth.of([offer(margin=90, cost=20), offer(margin=40)], worth=500)
        assert found.margin.tolist() == [90, 40]
        assert found.cost.tolist() == [20, 0]

    def test_is_what_the_campaign_says_where_one_has_none(self) -> None:
        found = Worth.of([offer(margin=90, cost=20), offer(price=300)], worth=500)
        assert found.margin.tolist() == [500, 500]
        assert found.cost.tolist() == [20, 0]

    def test_is_the_price_where_nothing_else_is_said(self) -> None:
        found = Worth.of([offer(price=200, cost=20), offer(price=300)])
        assert found.margin.tolist() == [200, 300]

    def test_is_one_where_nothing_is_known(self) -> None:
        found = Worth.of([offer(price=200, cost=20), offer()])
        assert found.margin.tolist() == [1, 1]
        assert found.cost.tolist() == [0, 0]


class TestValued:
    def test_is_what_is_earned_less_what_is_given(self) -> None:
        worth = Worth.of([offer(margin=90, cost=20), offer(margin=40, cost=60)])
        found = valued(HALF, None, worth, PLACES)
        assert found.cost.tolist() == [[10, 15, 0]]
        assert found.value.tolist() == [[35, -5, 0]]
        assert found.incremental is None

    def test_counts_only_what_the_offer_changes_where_that_is_known(self) -> None:
        worth = Worth.of([offer(margin=100, cost=20), offer(margin=100, cost=20)])
        more = np.array([[0.1, 0.25, 0.9]], np.float32)
        found = valued(HALF, more, worth, PLACES)
        assert np.allclose(found.value, [[0, 20, 0]])

    @given(st.floats(0, 1, width=32), st.integers(0, 10_000), st.integers(0, 10_000))
    def test_never_costs_more_than_one_redemption(
        self, probability: float, margin: int, cost: int
    ) -> None:
        worth = Worth.of([offer(margin=margin, cost=cost)])
        odds = np.array([[probability]], np.float32)
        found = valued(odds, None, worth, np.zeros((1, 1), np.int32))
        assert 0 <= found.cost[0, 0] <= cost
        assert found.value[0, 0] <= margin
