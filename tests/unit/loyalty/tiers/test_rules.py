"""How tiers are reached and lost."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.core.errors import Invalid
from loyalty.tiers.rules import check_ladder, distance, measured_since, reached, review
from loyalty.tiers.values import Basis, Change, Held, Ladder, Span, Tier

NOW = datetime(2026, 11, 20, 11, 0, tzinfo=UTC)
WARSAW = ZoneInfo("Europe/Warsaw")
LADDER = Ladder(
    basis=Basis.POINTS,
    span=Span.ROLLING,
    days=365,
    grace_days=90,
    tiers=(
        Tier(code="bronze", name={"en": "Bronze"}, threshold=100),
        Tier(code="silver", name={"en": "Silver"}, threshold=500),
        Tier(code="gold", name={"en": "Gold"}, threshold=2000),
    ),
)
measures = st.integers(-100, 3000)
days = st.integers(0, 200)


def code_of(tier: Tier | None) -> str | None:
    return tier.code if tier else None


class TestTheTierReached:
    @pytest.mark.parametrize(
        ("measure", "code"),
        [(-5, None), (99, None), (100, "bronze"), (499, "bronze"), (2000, "gold")],
    )
    def test_is_the_highest_that_suffices(self, measure: int, code: str | None) -> None:
        found = reached(LADDER, measure)

        assert code_of(found) == code

    @given(measures, measures)
    def test_never_falls_as_the_measure_grows(self, one: int, other: int) -> None:
        low, high = sorted((one, other))
        lower, higher = reached(LADDER, low), reached(LADDER, high)

        assert LADDER.rank(code_of(lower)) <= LADDER.rank(code_of(higher))


class TestTheDistance:
    def test_is_to_the_tier_above_the_one_held(self) -> None:
        assert distance(LADDER, None, 40) is not None
        found = distance(LADDER, "bronze", 420)
        assert found is not None
        assert (found.tier.code, found.missing) == ("silver", 80)

    def test_is_none_at_the_top(self) -> None:
        assert distance(LADDER, "gold", 100) is None

    @given(measures)
    def test_of_the_measure_reaches_the_next(self, measure: int) -> None:
        here = reached(LADDER, measure)
        found = distance(LADDER, code_of(here), measure)
        if found is not None:
            assert reached(LADDER, measure + found.missing) == found.tier


class TestAReview:
    def test_goes_up_at_once_and_over_several_steps(self) -> None:
        assert review(LADDER, Held(), 2000, now=NOW) == (Held(tier="gold"), Change.UP)

    def test_begins_the_grace_period_when_the_measure_falls(self) -> None:
        held, change = review(LADDER, Held(tier="gold"), 120, now=NOW)

        assert held == Held(tier="gold", falls_at=NOW + timedelta(days=90))
        assert change is Change.WARNED

    def test_falls_when_the_grace_period_ends(self) -> None:
        held = Held(tier="gold", falls_at=NOW)
        before = NOW - timedelta(seconds=1)

        assert review(LADDER, held, 120, now=before) == (held, None)
        assert review(LADDER, held, 120, now=NOW) == (Held(tier="bronze"), Change.DOWN)

    def test_ends_the_grace_period_when_the_measure_suffices_again(self) -> None:
        held = Held(tier="gold", falls_at=NOW + timedelta(days=1))

        assert review(LADDER, held, 2000, now=NOW) == (Held(tier="gold"), Change.KEPT)

    def test_without_grace_falls_at_once(self) -> None:
        ladder = replace(LADDER, grace_days=0)

        assert review(ladder, Held(tier="gold"), 0, now=NOW) == (Held(), Change.DOWN)

    def test_settles_a_tier_that_is_no_more(self) -> None:
        held = Held(tier="platinum")

        assert review(LADDER, held, 600, now=NOW) == (
            Held(tier="silver"),
            Change.LADDER,
        )

    @given(st.lists(st.tuples(days, measures), max_size=30))
    def test_never_lowers_a_tier_before_its_grace_is_over(
        self, steps: list[tuple[int, int]]
    ) -> None:
        now, held, fine_at = NOW, Held(), NOW
        for later, measure in steps:
            now += timedelta(days=later)
            before = held
            held, change = review(LADDER, held, measure, now=now)
            found = reached(LADDER, measure)
            level = LADDER.rank(code_of(found))
            fell = LADDER.rank(held.tier) < LADDER.rank(before.tier)
            assert LADDER.rank(held.tier) >= level
            assert fell == (change is Change.DOWN)
            if fell:
                assert now - fine_at >= timedelta(days=90)
            if level >= LADDER.rank(before.tier) or before.falls_at is None or fell:
                fine_at = now

    @given(measures, st.sampled_from([None, "bronze", "silver", "gold"]))
    def test_again_changes_nothing(self, measure: int, tier: str | None) -> None:
        held, _ = review(LADDER, Held(tier=tier), measure, now=NOW)

        assert review(LADDER, held, measure, now=NOW) == (held, None)


class TestTheSpan:
    def test_rolls(self) -> None:
        since = measured_since(LADDER, now=NOW, zone=WARSAW)

        assert since == NOW - timedelta(days=365)

    def test_begins_at_new_year_by_the_programmes_clock(self) -> None:
        ladder = replace(LADDER, span=Span.CALENDAR_YEAR)
        just_after = datetime(2026, 12, 31, 23, 0, tzinfo=UTC)

        assert measured_since(ladder, now=NOW, zone=WARSAW) == datetime(
            2025, 12, 31, 23, 0, tzinfo=UTC
        )
        assert measured_since(ladder, now=just_after, zone=WARSAW) == just_after


class TestALadder:
    def test_that_rises_is_accepted(self) -> None:
        check_ladder(LADDER)
        check_ladder(replace(LADDER, tiers=()))

    def test_names_every_mistake(self) -> None:
        tiers = (
            Tier(code="A b", name={"en": ""}, threshold=-1),
            Tier(code="x", name={"en": "X"}, threshold=10),
            Tier(code="x", name={"en": "Y"}, threshold=10),
        )
        with pytest.raises(Invalid) as refusal:
            check_ladder(replace(LADDER, tiers=tiers, days=0, grace_days=-1))

        assert [problem.pointer for problem in refusal.value.problems] == [
            "/days",
            "/grace_days",
            "/tiers/0/code",
            "/tiers/0/name",
            "/tiers/0/threshold",
            "/tiers/2/code",
            "/tiers/2/threshold",
        ]
