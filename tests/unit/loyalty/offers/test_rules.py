"""Holdouts and what an experiment can say."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.offers.rules import (
    compare,
    difference_in_means,
    is_held_out,
    moments_of,
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
        """By hand: standard error of root two, 58 degrees of freedom."""
        found = difference_in_means([1.0, 3.0] * 15, [0.0, 2.0] * 15)

        assert found is not None
        assert (found.treated, found.holdout, found.difference) == (2.0, 1.0, 1.0)
        error = (2 * (30 / 29) / 30) ** 0.5
        assert found.high - found.difference == pytest.approx(2.0017 * error, abs=1e-4)
        assert found.is_clear

    @pytest.mark.parametrize(
        ("each", "quantile"), [(3, 2.7764), (5, 2.3060), (20, 2.0244)]
    )
    def test_allows_for_small_groups(self, each: int, quantile: float) -> None:
        """With equal spreads Welch has ``2 n - 2`` degrees of freedom."""
        group = [float(place % 2) for place in range(each)]
        found = difference_in_means(group, group)
        assert found is not None

        spread = moments_of((0.0, one) for one in group).spread_y / (each - 1)
        assert found.high / (2 * spread / each) ** 0.5 == pytest.approx(
            quantile, rel=0.002
        )

    def test_says_nothing_of_one_member(self) -> None:
        assert difference_in_means([1.0], [1.0, 2.0]) is None


class TestCompare:
    def test_takes_out_what_differed_before(self) -> None:
        """The held-out are the bigger spenders; each treated one spent 5 more."""
        treated = [(b, b + 5) for b in (10.0, 20.0, 30.0)]
        holdout = [(b, b) for b in (40.0, 50.0, 60.0)]

        plain = difference_in_means([y for _, y in treated], [y for _, y in holdout])
        found = compare(moments_of(treated), moments_of(holdout))

        assert plain is not None
        assert found is not None
        assert plain.difference == -25.0
        assert found.difference == pytest.approx(5.0)

    def test_finds_a_planted_effect_inside_a_narrower_interval(self) -> None:
        groups = simulated(random.Random(7), 2_000, effect=10.0)  # noqa: S311  # a simulation

        found = compare(moments_of(groups[0]), moments_of(groups[1]))
        plain = difference_in_means(
            [y for _, y in groups[0]], [y for _, y in groups[1]]
        )

        assert found is not None
        assert plain is not None
        assert found.low < 10.0 < found.high
        assert found.is_clear
        assert found.high - found.low < (plain.high - plain.low) / 3

    @pytest.mark.parametrize("effect", [0.0, 4.0])
    def test_holds_the_true_effect_nineteen_times_in_twenty(
        self, effect: float
    ) -> None:
        """Skewed spending, most of it nothing, a fifth held out, many campaigns."""
        draw = random.Random(11)  # noqa: S311  # a simulation
        held = found_something = 0
        for _ in range(400):
            treated, holdout = simulated(draw, 300, effect=effect, buys=0.6)
            found = compare(moments_of(treated), moments_of(holdout))
            assert found is not None
            held += found.low <= effect * 0.6 <= found.high
            found_something += found.is_clear

        # Two standard errors of 400 draws around 95 %, and a little for the skew.
        assert 0.92 <= held / 400 <= 0.98
        if effect == 0.0:
            assert found_something / 400 <= 0.08

    @given(st.lists(st.floats(0, 1e6), min_size=2, max_size=20))
    def test_is_the_plain_difference_when_nobody_bought_before(
        self, spent: list[float]
    ) -> None:
        treated = moments_of((0.0, value) for value in spent)
        holdout = moments_of((0.0, 0.0) for _ in spent)

        assert compare(treated, holdout) == difference_in_means(
            spent, [0.0] * len(spent)
        )

    @given(
        st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)), max_size=20),
        st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)), max_size=20),
    )
    def test_needs_only_sums_that_add_up(
        self, one: list[tuple[float, float]], other: list[tuple[float, float]]
    ) -> None:
        assert moments_of(one) + moments_of(other) == moments_of([*one, *other])

    def test_says_nothing_of_nobody(self) -> None:
        assert compare(moments_of([]), moments_of([])) is None


def simulated(
    draw: random.Random, members: int, *, effect: float, buys: float = 1.0
) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
    """Return what treated and held-out customers spent; buyers spend so much more."""
    groups: tuple[list[tuple[float, float]], list[tuple[float, float]]] = ([], [])
    for place in range(members):
        usual = draw.lognormvariate(4, 1)
        treated = place % 5 > 0
        during = 0.0
        if draw.random() < buys:
            during = usual * draw.uniform(0.8, 1.2) + (effect if treated else 0.0)
        before = usual * draw.uniform(0.8, 1.2)
        groups[0 if treated else 1].append((before, during))
    return groups
