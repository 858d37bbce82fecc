"""How long points last, by the calendar of the programme's zone."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.core.errors import Invalid
from loyalty.points.rules.lifetimes import expires_at, last_day, matures_at
from loyalty.stores.rules import check_points_rule
from loyalty.stores.values import Lifetime, PointsRule

WARSAW = ZoneInfo("Europe/Warsaw")


def rule(**changes: object) -> PointsRule:
    values: dict[str, object] = {
        "points": 1,
        "per": Decimal(1),
        "lifetime_days": 365,
        "version": 1,
        **changes,
    }
    return PointsRule(**values)  # type: ignore[arg-type]  # fields by name


def local(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=WARSAW)  # type: ignore[misc,arg-type]  # a date's parts


class TestExpiresAt:
    def test_is_the_end_of_the_last_day(self) -> None:
        found = expires_at(rule(), earned_at=local(2026, 11, 20, 23, 30), zone=WARSAW)

        assert found == local(2027, 11, 21)
        assert last_day(found, WARSAW).isoformat() == "2027-11-20"

    def test_counts_days_on_the_programmes_clocks(self) -> None:
        # Past midnight in Warsaw, before it in UTC.
        earned = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)

        found = expires_at(rule(), earned_at=earned, zone=WARSAW)

        assert found == local(2027, 11, 22)

    @pytest.mark.parametrize(
        ("years", "until"), [(0, (2027, 1, 1)), (1, (2028, 1, 1)), (2, (2029, 1, 1))]
    )
    def test_of_a_fixed_date_is_the_end_of_that_day(
        self, years: int, until: tuple[int, int, int]
    ) -> None:
        fixed = rule(lifetime=Lifetime.FIXED_DATE, fixed_years=years)

        found = expires_at(fixed, earned_at=local(2026, 3, 1), zone=WARSAW)

        assert found == local(*until)

    def test_of_29_february_is_the_28th_in_other_years(self) -> None:
        fixed = rule(lifetime=Lifetime.FIXED_DATE, fixed_month=2, fixed_day=29)

        assert expires_at(fixed, earned_at=local(2026, 3, 1), zone=WARSAW) == local(
            2027, 3, 1
        )
        assert expires_at(fixed, earned_at=local(2027, 3, 1), zone=WARSAW) == local(
            2028, 3, 1
        )

    def test_leaves_time_for_two_warnings(self) -> None:
        fixed = rule(lifetime=Lifetime.FIXED_DATE, fixed_years=0)

        found = expires_at(fixed, earned_at=local(2026, 12, 20), zone=WARSAW)

        assert found == local(2027, 1, 21)

    @given(
        st.sampled_from(Lifetime),
        st.integers(0, 20 * 365 * 24),
        st.integers(0, 60),
        st.integers(31, 800),
    )
    def test_is_a_local_midnight_a_month_or_more_after_they_can_be_spent(
        self, lifetime: Lifetime, hours: int, delay: int, days: int
    ) -> None:
        how = rule(lifetime=lifetime, delay_days=delay, lifetime_days=days)
        earned = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(hours=hours)

        found = expires_at(how, earned_at=earned, zone=WARSAW)

        assert found.astimezone(WARSAW).hour == 0
        ready = matures_at(how, earned_at=earned, zone=WARSAW)
        assert found - ready >= timedelta(days=30)


class TestMaturesAt:
    def test_is_at_once_without_a_delay(self) -> None:
        earned = local(2026, 11, 20, 12)

        assert matures_at(rule(), earned_at=earned, zone=WARSAW) == earned

    def test_is_the_beginning_of_a_day(self) -> None:
        found = matures_at(
            rule(delay_days=14), earned_at=local(2026, 11, 20, 12), zone=WARSAW
        )

        assert found == local(2026, 12, 4)


class TestCheckPointsRule:
    def test_names_every_setting_at_fault(self) -> None:
        with pytest.raises(Invalid) as raised:
            check_points_rule(
                rule(lifetime_days=30, delay_days=-1, fixed_month=2, fixed_day=30)
            )

        assert [problem.pointer for problem in raised.value.problems] == [
            "/points_rule/lifetime_days",
            "/points_rule/delay_days",
            "/points_rule/fixed_day",
        ]

    def test_takes_the_rule_that_a_programme_begins_with(self) -> None:
        check_points_rule(rule())
