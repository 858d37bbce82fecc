from dataclasses import replace

import numpy as np
import pytest

from recommender.allocation import Candidates, Limits, Pairs, discovery_places
from recommender.allocation.candidates import rounded_up
from recommender.scoring import Scored


def scored(customers: list[int], places: list[list[int]]) -> Scored:
    there = np.array(places, np.int32)
    full = np.where(there >= 0, np.float32(0.5), np.float32(0))
    return Scored(
        customers=np.array(customers, np.int64),
        places=there,
        probability=full,
        value=(full * there).astype(np.float32),
        cost=full * 20,
        fresh=there == 1,
    )


FOUND = Candidates.of([scored([7, 3], [[1, 2], [4, -1]]), scored([5], [[-1, -1]])])


class TestCandidates:
    def test_are_the_blocks_end_to_end(self) -> None:
        assert FOUND.ids.tolist() == [7, 3, 5]
        assert FOUND.starts.tolist() == [0, 2, 3, 3]
        assert FOUND.rows.tolist() == [0, 0, 1]
        assert FOUND.offers.tolist() == [1, 2, 4]
        assert FOUND.values.tolist() == [0.5, 1.0, 2.0]
        assert FOUND.fresh.tolist() == [True, False, False]

    def test_cost_what_is_expected_or_the_worst(self) -> None:
        worst = Candidates.of([scored([7], [[1, 2]])], worst=True)
        assert FOUND.costs.tolist() == [5, 5, 5]
        assert worst.costs.tolist() == [10, 10]

    def test_of_nothing_are_nobody(self) -> None:
        assert len(Candidates.of([])) == 0

    def test_can_be_blocked_by_pairs_that_may_be_unknown(self) -> None:
        pairs = Pairs(
            customers=np.array([3, 7, 99, 7, 5], np.int64),
            offers=np.array([4, 1, 1, 77, 1], np.int32),
        )
        assert FOUND.blocking(pairs).blocked.tolist() == [True, False, True]
        assert FOUND.blocked.tolist() == [False, False, False]

    @pytest.mark.parametrize(
        ("change", "named"),
        [
            ({"values": np.zeros(2, np.float32)}, "one length"),
            ({"starts": np.array([0, 2, 3])}, "starts"),
            ({"starts": np.array([0, 3, 2, 3])}, "fall"),
            ({"values": np.array([1, np.nan, 1], np.float32)}, "finite"),
            ({"costs": np.array([1, -1, 1], np.float32)}, "negative"),
        ],
    )
    def test_refuse_columns_that_do_not_fit(
        self, change: dict[str, np.ndarray], named: str
    ) -> None:
        with pytest.raises(ValueError, match=named):
            replace(FOUND, **change)

    def test_round_costs_up_so_that_sums_are_exact(self) -> None:
        costs = rounded_up(np.array([0.1, 3, 0], np.float32))
        assert costs.tolist() == [103 / 1024, 3, 0]


class TestLimits:
    def test_of_none_are_infinite(self) -> None:
        limits = Limits.none(3)
        assert len(limits) == 3
        assert np.isinf(limits.caps).all()

    @pytest.mark.parametrize(
        ("change", "named"),
        [
            ({"caps": np.zeros(2)}, "one length"),
            ({"discovery": 5}, "discovery"),
            ({"per_customer": 0}, "per_customer"),
            ({"diversity": float("nan")}, "diversity"),
            ({"budget": -1.0}, "Caps and budgets"),
            ({"caps": np.array([1, np.nan, 1])}, "Caps and budgets"),
        ],
    )
    def test_refuse_what_is_no_limit(
        self, change: dict[str, object], named: str
    ) -> None:
        with pytest.raises(ValueError, match=named):
            replace(Limits.none(3), **change)  # type: ignore[arg-type]  # wrong on purpose

    @pytest.mark.parametrize(
        ("places", "share", "kept"),
        [(4, 0.25, 1), (3, 0.25, 1), (1, 0.25, 0), (4, 0, 0), (5, 0.4, 2), (2, 1, 2)],
    )
    def test_keep_a_share_of_the_places_for_discovery(
        self, places: int, share: float, kept: int
    ) -> None:
        assert discovery_places(places, share) == kept
