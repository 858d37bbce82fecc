"""Hours learned from habits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.core.periods import WeeklyWindow
from loyalty.delivery.rules.learning import (
    CHOSEN_HOURS,
    HOURS_A_WEEK,
    added_up,
    learn_windows,
    shares,
)

NOBODY = [0] * HOURS_A_WEEK
histograms = st.lists(st.integers(0, 50), min_size=HOURS_A_WEEK, max_size=HOURS_A_WEEK)


def at(day: int, hour: int, count: int) -> list[int]:
    return [count if place == day * 24 + hour else 0 for place in range(HOURS_A_WEEK)]


class TestShares:
    @given(own=histograms, everybody=histograms)
    def test_sum_to_one_and_none_is_impossible(
        self, own: list[int], everybody: list[int]
    ) -> None:
        found = shares(own, everybody)

        assert sum(found) == pytest.approx(1)
        assert min(found) > 0

    def test_of_somebody_unknown_are_everybodys(self) -> None:
        everybody = at(5, 10, 832)  # 832 + 168 = 1,000 with the one for each hour

        assert shares(NOBODY, everybody)[5 * 24 + 10] == pytest.approx(0.833)

    def test_lie_between_ones_own_and_everybodys(self) -> None:
        own, everybody = at(2, 18, 20), at(5, 10, 832)
        found = shares(own, everybody, strength=20)

        assert found[2 * 24 + 18] == pytest.approx((20 + 20 * 0.001) / 40)
        assert found[5 * 24 + 10] == pytest.approx(20 * 0.833 / 40)

    @pytest.mark.parametrize("bad", [[], [1] * 24, [-1] * HOURS_A_WEEK])
    def test_refuse_what_is_no_week(self, bad: list[int]) -> None:
        with pytest.raises(ValueError, match="168"):
            shares(bad, NOBODY)


class TestLearnWindows:
    def test_finds_nothing_in_too_little(self) -> None:
        assert learn_windows(at(2, 18, 4), NOBODY) == ()

    def test_finds_the_hours_of_a_habit(self) -> None:
        windows = learn_windows(at(2, 18, 30), NOBODY)

        assert WeeklyWindow(days=frozenset({2}), start=1080, until=1140) in windows

    @given(own=histograms, everybody=histograms)
    def test_covers_the_best_hours_once(
        self, own: list[int], everybody: list[int]
    ) -> None:
        windows = learn_windows(own, everybody)
        minutes = sum(window.until - window.start for window in windows)

        assert minutes == (CHOSEN_HOURS * 60 if sum(own) >= 5 else 0)
        assert all(len(window.days) == 1 for window in windows)


class TestAddedUp:
    @given(bought=histograms, read=histograms)
    def test_counts_each_observation_once(
        self, bought: list[int], read: list[int]
    ) -> None:
        weeks = added_up({1: bought, 2: bought}, {1: read, 3: read})

        assert weeks[1] == tuple(map(sum, zip(bought, read, strict=True)))
        assert weeks[2] == tuple(bought)
        assert weeks[3] == tuple(read)
