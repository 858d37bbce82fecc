import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.models.uplift import (
    FEWEST,
    Effect,
    Trial,
    Uplift,
    cells_of,
    difference,
    shrunk,
)

KINDS = ("coupon", "points")
PLACE = {kind: number for number, kind in enumerate(KINDS)}
ANYWAY = (0.02, 0.1, 0.4)
"""A probability in each band."""


def simulate(
    effects: np.ndarray, *, customers: int, seed: int, chosen_by_odds: bool = False
) -> Trial:
    """
    Draw a trial in which it is known how much each cell (kinds, bands) adds.

    :param chosen_by_odds: offers go rather to who would buy anyway, as ours do
    """
    chance = np.random.default_rng(seed)
    who = np.repeat(np.arange(customers), 4)
    held_out = chance.random(customers) < 0.3
    kind = chance.integers(len(KINDS), size=len(who))
    band = chance.integers(len(ANYWAY), size=len(who))
    treated = ~held_out[who]
    if chosen_by_odds:
        share = np.array([0.1, 0.4, 0.9])[band]
        kept = ~treated | (chance.random(len(who)) < share)
        who, kind, band, treated = who[kept], kind[kept], band[kept], treated[kept]
    odds = np.array(ANYWAY)[band] + treated * effects[kind, band]
    cells = cells_of([KINDS[k] for k in kind], np.array(ANYWAY)[band], PLACE)
    return Trial(
        cells=cells,
        strata=cells,
        customers=who.astype(np.int64),
        treated=treated,
        bought=chance.random(len(who)) < odds,
    )


class TestUplift:
    @pytest.mark.parametrize("chosen_by_odds", [False, True])
    def test_finds_what_was_put_in(self, *, chosen_by_odds: bool) -> None:
        truth = np.array([[0.1, 0.1, 0.02], [0.3, 0.2, 0.0]])
        trial = simulate(truth, customers=30_000, seed=1, chosen_by_odds=chosen_by_odds)
        found = Uplift.fit(trial, KINDS)
        assert found is not None
        assert np.abs(found.cells - truth).max() < 0.03

    def test_gives_every_cell_the_pooled_effect_where_they_do_not_differ(
        self,
    ) -> None:
        trial = simulate(np.full((2, 3), 0.1), customers=1_500, seed=2)
        found = Uplift.fit(trial, KINDS)
        assert found is not None
        raw = [difference(trial, trial.cells == cell)[0] for cell in range(6)]
        assert np.abs(found.cells - 0.1).mean() < np.abs(np.array(raw) - 0.1).mean()

    def test_has_the_truth_in_19_of_20_intervals(self) -> None:
        inside = 0
        for seed in range(60):
            trial = simulate(np.full((2, 3), 0.05), customers=900, seed=seed)
            found = Uplift.fit(trial, KINDS)
            assert found is not None
            inside += found.pooled.low <= 0.05 <= found.pooled.high
        assert inside >= 53

    def test_says_nothing_of_too_few_customers(self) -> None:
        trial = simulate(np.full((2, 3), 0.1), customers=FEWEST, seed=3)
        assert Uplift.fit(trial, KINDS) is None

    def test_gives_another_kind_the_pooled_effect(self) -> None:
        trial = simulate(np.full((2, 3), 0.1), customers=2_000, seed=4)
        found = Uplift.fit(trial, KINDS)
        assert found is not None
        places = np.array([[0, 1]], np.int32)
        added = found.of(["gift", None], np.full((1, 2), 0.3, np.float32), places)
        assert added.tolist() == [[np.float32(found.pooled.mean)] * 2]

    @given(st.floats(0, 1, width=32), st.floats(-1, 1))
    def test_never_leads_to_a_probability_above_one_or_below_zero(
        self, anyway: float, effect: float
    ) -> None:
        effects = np.full((2, 3), effect)
        pooled = Effect(mean=0.1, low=0, high=0.2, pairs=9)
        strong = Uplift(kinds=KINDS, cells=effects, pooled=pooled)
        odds, first = np.array([[anyway]], np.float32), np.zeros((1, 1), np.int32)
        added = strong.of(["coupon"], odds, first)
        assert 0 <= anyway + added[0, 0] <= 1 + 1e-6


class TestDifference:
    def test_compares_within_strata_only(self) -> None:
        # The treated are mostly in the stratum in which everybody buys.
        trial = Trial(
            cells=np.zeros(8, np.int32),
            strata=np.array([0, 0, 0, 0, 1, 1, 1, 1], np.int32),
            customers=np.arange(8),
            treated=np.array([True, True, True, False, True, False, False, False]),
            bought=np.array([True, True, True, True, False, False, False, False]),
        )
        mean, variance = difference(trial, np.ones(8, bool))
        assert mean == 0
        assert variance == 0

    def test_says_nothing_without_both_groups(self) -> None:
        trial = simulate(np.full((2, 3), 0.1), customers=50, seed=6)
        assert difference(trial, trial.treated) == (0, np.inf)


class TestShrunk:
    def test_trusts_cells_as_far_as_they_differ_more_than_by_chance(self) -> None:
        means = np.array([0.0, 0.2, 0.4, 0.9])
        exact = shrunk(means, np.full(4, 1e-6), 0.3)
        assert np.allclose(exact, means, atol=1e-4)
        noise = shrunk(means, np.full(4, 10.0), 0.3)
        assert np.allclose(noise, 0.3)

    def test_of_a_cell_that_nothing_is_known_of_is_the_pooled_mean(self) -> None:
        found = shrunk(np.array([0.1, 0.5, 0.0]), np.array([1e-6, 1e-6, np.inf]), 0.3)
        assert found[2] == 0.3
