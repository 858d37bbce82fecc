"""Chance that can be repeated."""

from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.demo.dice import Dice


class TestDice:
    def test_draws_the_same_for_the_same_purpose(self) -> None:
        assert Dice("a").share("x") == Dice("a").share("x")
        assert (
            len({Dice("a").share("x"), Dice("a").share("y"), Dice("b").share("x")}) == 3
        )

    @given(subject=st.text(), purpose=st.text())
    def test_gives_a_share_strictly_between_0_and_1(
        self, subject: str, purpose: str
    ) -> None:
        assert 0 < Dice(subject).share(purpose) < 1

    @given(subject=st.text(), least=st.integers(), width=st.integers(0, 10**6))
    def test_gives_whole_numbers_within_bounds(
        self, subject: str, least: int, width: int
    ) -> None:
        assert least <= Dice(subject).whole("n", least, least + width) <= least + width

    def test_spreads_evenly(self) -> None:
        shares = [Dice(str(subject)).share("x") for subject in range(10_000)]

        assert fmean(shares) == pytest.approx(0.5, abs=0.01)
        assert sum(share < 0.25 for share in shares) == pytest.approx(2_500, abs=130)

    def test_waits_as_long_as_told_on_average(self) -> None:
        waits = [Dice(str(subject)).waiting("x", 2.0) for subject in range(10_000)]

        assert fmean(waits) == pytest.approx(2.0, abs=0.06)

    def test_weighs_choices(self) -> None:
        choices = (("rare", 1.0), ("never", 0.0), ("usual", 3.0))

        picks = [Dice(str(n)).weighted("x", choices) for n in range(10_000)]

        assert picks.count("never") == 0
        assert picks.count("rare") == pytest.approx(2_500, abs=130)
