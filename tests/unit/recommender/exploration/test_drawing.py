from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.allocation import Candidates, Limits, allocate
from recommender.config import Config
from recommender.exploration import chances_of, drawing, explore
from tests.unit.recommender.allocation.instances import candidates, tight

CONFIG = Config(temperature=0.2)


def crowd(customers: int, worths: tuple[float, ...] = (4, 3, 1)) -> Candidates:
    """Return customers who are all alike."""
    row = [(offer, worth, 1.0, True) for offer, worth in enumerate(worths)]
    return candidates([row] * customers)


class TestExplore:
    @settings(deadline=None, max_examples=5)
    @given(st.integers(0, 2**16), st.sampled_from([0.05, 0.5, 5.0]), st.booleans())
    def test_keeps_every_limit(self, seed: int, warmth: float, campaign: bool) -> None:  # noqa: FBT001  # hypothesis gives by position
        found, limits = tight(seed, 150, 8, 6)
        if campaign:
            limits = replace(limits, cap=120, budget=float(limits.budgets.sum() / 2))
        config = replace(CONFIG, temperature=warmth)
        drawn = explore(found, limits, allocate(found, limits, config), config)
        offers, rows = found.offers[drawn.chosen], drawn.customers
        costs = found.costs[drawn.chosen].astype(np.float64)
        assert len(offers) > 50
        assert not found.blocked[drawn.chosen].any()
        assert (found.values[drawn.chosen] > 0).all()
        assert (np.bincount(offers, minlength=8) <= limits.caps).all()
        assert (np.bincount(offers, costs, minlength=8) <= limits.budgets).all()
        assert len(offers) <= limits.cap
        assert costs.sum() <= limits.budget
        assert np.bincount(rows).max() <= limits.per_customer
        pairs = list(zip(rows.tolist(), limits.groups[offers].tolist(), strict=True))
        assert len(set(pairs)) == len(pairs)
        habits = np.bincount(rows[~found.fresh[drawn.chosen]], minlength=150)
        assert habits.max() <= limits.per_customer
        assert ((drawn.propensity > 0) & (drawn.propensity <= 1)).all()
        assert drawn.value <= drawn.bound

    def test_draws_as_often_as_it_says(self) -> None:
        found = crowd(20_000)
        limits = replace(Limits.none(3), per_customer=2)
        config = replace(CONFIG, temperature=0.5)
        drawn = explore(found, limits, allocate(found, limits, config), config)
        weights = np.exp(np.array([4, 3, 1, 0]) / 2)  # a half of the best, which is 4
        first = drawn.ranks == 1
        offers = found.offers[drawn.chosen]
        said = weights[:3] / weights.sum()
        often = np.bincount(offers[first], minlength=3) / 20_000
        assert drawn.propensity[first] == pytest.approx(said[offers[first]], rel=1e-5)
        assert often == pytest.approx(said, abs=0.01)
        after = np.flatnonzero((drawn.ranks == 2) & (offers == 1))
        after = after[offers[after - 1] == 0]
        assert drawn.propensity[after] == pytest.approx(
            np.full(len(after), weights[1] / weights[1:].sum()), rel=1e-5
        )

    def test_uses_nearly_all_that_there_is(self) -> None:
        found, limits = tight(1, 3_000, 8, 6)
        best = allocate(found, limits, CONFIG)
        drawn = explore(found, limits, best, replace(CONFIG, temperature=0.05))
        assert drawn.usage.costs.sum() > 0.9 * best.usage.costs.sum()
        assert drawn.value > 0.85 * best.value

    def test_seeks_prices_for_a_sample_first_where_there_are_many(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        found, limits = tight(1, 3_000, 8, 6)
        best = allocate(found, limits, CONFIG)
        monkeypatch.setattr(drawing, "SAMPLE", 1_000)
        drawn = explore(found, limits, best, CONFIG)
        offers = found.offers[drawn.chosen]
        assert (np.bincount(offers, minlength=8) <= limits.caps).all()
        assert (drawn.usage.costs <= limits.budgets).all()
        assert drawn.value > 0.75 * best.value

    def test_is_the_allocation_where_it_is_quite_cold(self) -> None:
        found = crowd(5)
        best = allocate(found, Limits.none(3), CONFIG)
        assert (
            explore(found, Limits.none(3), best, replace(CONFIG, temperature=0)) is best
        )
        cold = replace(CONFIG, temperature=0.001)
        drawn = explore(found, Limits.none(3), best, cold)
        assert drawn.chosen.tolist() == best.chosen.tolist()
        assert drawn.propensity == pytest.approx(np.ones(15))

    def test_draws_the_same_again_and_other_things_with_another_seed(self) -> None:
        found, limits = tight(2, 200, 8, 6)
        best = allocate(found, limits, CONFIG)
        one, two = (explore(found, limits, best, CONFIG) for _ in range(2))
        other = explore(found, limits, best, replace(CONFIG, seed=9))
        assert one.chosen.tolist() == two.chosen.tolist()
        assert one.propensity.tolist() == two.propensity.tolist()
        assert one.chosen.tolist() != other.chosen.tolist()


class TestChancesOf:
    def test_are_the_recorded_ones_where_everything_is_open(self) -> None:
        found, limits = tight(2, 300, 8, 6)
        limits = replace(
            limits, caps=np.full(8, np.inf), budgets=np.full(8, np.inf), diversity=0.1
        )
        drawn = explore(found, limits, allocate(found, limits, CONFIG), CONFIG)
        again = chances_of(
            found,
            limits,
            drawn.prices,
            (drawn.chosen, drawn.ranks),
            temperature=CONFIG.temperature,
        )
        assert again == pytest.approx(drawn.propensity, rel=1e-4)

    def test_are_nothing_for_what_another_model_would_not_show(self) -> None:
        found = crowd(1)
        worthless = replace(found, values=np.array([4, -1, 2], np.float32))
        chances = chances_of(
            worthless,
            Limits.none(3),
            allocate(found, Limits.none(3), CONFIG).prices,
            (np.array([1], np.int64), np.array([1], np.int32)),
            temperature=0.5,
        )
        assert chances.tolist() == [0]
