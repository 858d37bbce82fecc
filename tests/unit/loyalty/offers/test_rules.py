"""Holdouts and what an experiment can say."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.offers.rules import (
    Spending,
    compare_spending,
    difference_in_means,
    is_held_out,
)

KEY = b"k" * 32


def held_out(customer: int, percent: int, campaign: str = "c") -> bool:
    return is_held_out(key=KEY, campaign=campaign, customer=customer, percent=percent)


class TestIsHeldOut:
    @pytest.mark.parametrize("percent", [0, 5, 10, 50])
    def test_holds_out_about_as_many_as_asked(self, percent: int) -> None:
        share = sum(held_out(customer, percent) for customer in range(20_000)) / 200

        assert share == pytest.approx(percent, abs=0.8)

    @given(st.integers(1, 2**53), st.integers(0, 50))
    def test_is_stable_and_grows_with_the_share(
        self, customer: int, percent: int
    ) -> None:
        assert held_out(customer, percent) == held_out(customer, percent)
        assert held_out(customer, percent) <= held_out(customer, percent + 1)

    def test_draws_anew_for_each_campaign(self) -> None:
        both = sum(held_out(c, 50, "a") and held_out(c, 50, "b") for c in range(4_000))

        assert both == pytest.approx(1_000, abs=100)


class TestDifferenceInMeans:
    def test_is_what_the_formula_says(self) -> None:
        found = difference_in_means([1.0, 3.0], [0.0, 2.0])

        assert found is not None
        assert (found.treated, found.holdout, found.difference) == (2.0, 1.0, 1.0)
        assert found.high - found.difference == pytest.approx(2.7719, abs=1e-4)
        assert not found.is_clear

    def test_says_nothing_of_one_member(self) -> None:
        assert difference_in_means([1.0], [1.0, 2.0]) is None


class TestCompareSpending:
    def test_takes_out_most_of_what_differed_before(self) -> None:
        """The held-out are the bigger spenders. By hand: slope 1525/1750."""
        treated = [Spending(before=b, during=b + 5) for b in (10.0, 20.0, 30.0)]
        holdout = [Spending(before=b, during=b) for b in (40.0, 50.0, 60.0)]

        plain = difference_in_means(
            [one.during for one in treated], [one.during for one in holdout]
        )
        found = compare_spending(treated, holdout)

        assert plain is not None
        assert found is not None
        assert plain.difference == -25.0
        assert found.difference == pytest.approx(8 / 7)

    def test_finds_a_planted_effect_inside_a_narrower_interval(self) -> None:
        draw = random.Random(7)  # noqa: S311  # a simulation
        groups: tuple[list[Spending], list[Spending]] = ([], [])
        for place in range(2_000):
            usual = draw.lognormvariate(4, 1)
            effect = 10.0 if place % 5 else 0.0
            during = usual * draw.uniform(0.8, 1.2) + effect
            groups[0 if place % 5 else 1].append(
                Spending(before=usual * draw.uniform(0.8, 1.2), during=during)
            )

        found = compare_spending(*groups)
        plain = difference_in_means(
            [one.during for one in groups[0]], [one.during for one in groups[1]]
        )

        assert found is not None
        assert plain is not None
        assert found.low < 10.0 < found.high
        assert found.is_clear
        assert found.high - found.low < (plain.high - plain.low) / 3

    @given(st.lists(st.floats(0, 1e6), min_size=2, max_size=20))
    def test_is_the_plain_difference_when_nobody_bought_before(
        self, spent: list[float]
    ) -> None:
        treated = [Spending(before=0.0, during=value) for value in spent]
        holdout = [Spending(before=0.0, during=0.0) for _ in spent]

        assert compare_spending(treated, holdout) == difference_in_means(
            spent, [0.0] * len(spent)
        )

    def test_says_nothing_of_nobody(self) -> None:
        assert compare_spending([], []) is None
