"""When points expire: by the calendar, after two warnings, on a day with service."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from loyalty.core.periods import Period
from loyalty.points.rules.expiring import (
    AN_OUTAGE,
    downtime,
    moved_by_outages,
    warned_until,
)
from loyalty.points.rules.lifetimes import last_day

WARSAW = ZoneInfo("Europe/Warsaw")


def at(day: int, hour: int = 0, minute: int = 0) -> datetime:
    """Return a moment of November 2026 on Warsaw's clocks."""
    return datetime(2026, 11, day, hour, minute, tzinfo=WARSAW).astimezone(UTC)


def up(*times: tuple[datetime, datetime]) -> list[Period]:
    return [Period(start=start, until=until) for start, until in times]


class TestDowntime:
    def test_is_what_no_sign_of_life_covers(self) -> None:
        periods = up((at(1), at(10, 9)), (at(10, 10, 30), at(20)))

        found = downtime(date(2026, 11, 10), periods, zone=WARSAW, now=at(15))

        assert found == timedelta(hours=1, minutes=30)

    def test_adds_up_over_a_day(self) -> None:
        periods = up(
            (at(1), at(10, 9)), (at(10, 9, 40), at(10, 12)), (at(10, 12, 40), at(20))
        )

        found = downtime(date(2026, 11, 10), periods, zone=WARSAW, now=at(15))

        assert found == timedelta(minutes=80)

    def test_counts_today_as_far_as_it_has_passed(self) -> None:
        periods = up((at(1), at(10, 9)))

        found = downtime(date(2026, 11, 10), periods, zone=WARSAW, now=at(10, 9, 20))

        assert found == timedelta(minutes=20)

    def test_is_the_whole_of_a_short_day(self) -> None:
        # The clocks go forward on 29 March 2026.
        found = downtime(date(2026, 3, 29), [], zone=WARSAW, now=at(1))

        assert found == timedelta(hours=23)


class TestMovedByOutages:
    def test_leaves_a_day_that_was_up_the_whole_time(self) -> None:
        assert moved_by_outages(
            at(11), up((at(1), at(20))), zone=WARSAW, now=at(12)
        ) == at(11)

    def test_leaves_a_day_with_an_outage_of_an_hour(self) -> None:
        periods = up((at(1), at(10, 9)), (at(10, 10), at(20)))

        assert moved_by_outages(at(11), periods, zone=WARSAW, now=at(12)) == at(11)

    def test_moves_past_a_day_with_a_longer_one(self) -> None:
        periods = up((at(1), at(10, 9)), (at(10, 10, 1), at(20)))

        assert moved_by_outages(at(11), periods, zone=WARSAW, now=at(13)) == at(12)

    def test_moves_past_all_days_of_a_long_outage(self) -> None:
        periods = up((at(1), at(9)), (at(13, 5), at(20)))

        assert moved_by_outages(at(11), periods, zone=WARSAW, now=at(13, 6)) == at(14)

    @given(
        st.lists(st.integers(0, 24 * 20), min_size=2, max_size=12, unique=True),
        st.integers(1, 19),
        st.integers(1, 24 * 20),
    )
    def test_never_moves_back_and_ends_on_a_day_that_was_up(
        self, hours: list[int], day: int, passed: int
    ) -> None:
        first, now = at(1), at(1) + timedelta(hours=passed)
        marks = [first + timedelta(hours=hour) for hour in sorted(hours)]
        periods = up(*zip(marks[::2], marks[1::2], strict=False))

        moved = moved_by_outages(at(day), periods, zone=WARSAW, now=now)

        assert moved >= at(day)
        last = last_day(moved, WARSAW)
        if moved <= now:
            assert downtime(last, periods, zone=WARSAW, now=now) <= AN_OUTAGE


class TestWarnedUntil:
    def test_is_the_end_of_the_day_so_many_days_ahead(self) -> None:
        ahead = timedelta(days=7)

        for moment in (at(12), at(12, 23, 59)):
            assert warned_until(ahead, now=moment, zone=WARSAW) == at(20)
