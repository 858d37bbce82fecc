"""Periods and local time."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.core.periods import (
    Period,
    WeeklyWindow,
    business_day,
    day_period,
    in_weekly_windows,
    local_moment,
    minutes_of,
    minutes_text,
    next_in_weekly_windows,
)

WARSAW = ZoneInfo("Europe/Warsaw")
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)  # a Friday
HOUR = timedelta(hours=1)
naive = datetime.fromisoformat


def window(days: set[int], start: str, until: str) -> WeeklyWindow:
    return WeeklyWindow(
        days=frozenset(days), start=minutes_of(start), until=minutes_of(until)
    )


class TestPeriod:
    def test_contains_its_start_and_not_its_end(self) -> None:
        period = Period(start=NOON, until=NOON + HOUR)

        assert period.contains(NOON)
        assert not period.contains(NOON + HOUR)

    def test_is_open_where_nothing_is_said(self) -> None:
        assert Period(start=None, until=None).contains(NOON)

    def test_overlaps_only_when_a_moment_is_shared(self) -> None:
        first = Period(start=None, until=NOON)

        assert not first.overlaps(Period(start=NOON, until=None))
        assert first.overlaps(Period(start=NOON - HOUR, until=None))


class TestLocalMoment:
    def test_moves_a_skipped_time_to_the_first_moment_after_the_gap(self) -> None:
        # 29 March 2026, 02:00 to 03:00 do not exist in Warsaw.
        expected = datetime(2026, 3, 29, 1, tzinfo=UTC)

        assert local_moment(naive("2026-03-29T02:00"), WARSAW) == expected
        assert local_moment(naive("2026-03-29T02:59"), WARSAW) == expected
        assert local_moment(naive("2026-03-29T03:00"), WARSAW) == expected

    def test_takes_the_first_occurrence_of_an_ambiguous_time(self) -> None:
        moment = local_moment(naive("2026-10-25T02:30"), WARSAW)

        assert moment == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)

    def test_jumps_over_a_day_that_a_zone_skipped(self) -> None:
        apia = ZoneInfo("Pacific/Apia")

        moment = local_moment(naive("2011-12-30T12:00"), apia)

        assert moment.astimezone(apia).replace(tzinfo=None) == naive("2011-12-31T00:00")

    def test_refuses_a_time_with_a_zone(self) -> None:
        with pytest.raises(ValueError, match="zone"):
            local_moment(NOON, WARSAW)

    @given(
        st.datetimes(naive("2000-01-01T00:00"), naive("2035-01-01T00:00")),
        st.sampled_from(["Europe/Warsaw", "America/St_Johns", "Asia/Tehran"]),
    )
    def test_shows_the_same_time_or_the_first_after_a_gap(
        self, local: datetime, zone_name: str
    ) -> None:
        zone = ZoneInfo(zone_name)

        shown = local_moment(local, zone).astimezone(zone).replace(tzinfo=None)

        assert shown == local or (shown > local and shown - local <= HOUR)


class TestDays:
    def test_are_23_or_25_hours_long_when_the_clocks_change(self) -> None:
        for day, hours in ((date(2026, 3, 29), 23), (date(2026, 10, 25), 25)):
            period = day_period(day, WARSAW)
            assert period.start is not None
            assert period.until is not None
            assert period.until - period.start == hours * HOUR

    def test_belong_to_the_zone(self) -> None:
        late = datetime(2026, 11, 30, 23, tzinfo=UTC)

        assert business_day(late, WARSAW) == date(2026, 12, 1)

    def test_need_an_aware_moment(self) -> None:
        with pytest.raises(ValueError, match="without a zone"):
            business_day(naive("2026-01-01T00:00"), WARSAW)


class TestWeeklyWindow:
    def test_is_half_open_in_local_time(self) -> None:
        happy = window({4}, "16:00", "18:00")

        assert happy.contains(datetime(2026, 11, 20, 15, 0, tzinfo=UTC), WARSAW)
        assert not happy.contains(datetime(2026, 11, 20, 17, 0, tzinfo=UTC), WARSAW)
        assert not happy.contains(datetime(2026, 11, 19, 15, 0, tzinfo=UTC), WARSAW)

    def test_ends_on_the_next_day_when_it_ends_at_or_before_its_start(self) -> None:
        night = window({4}, "22:00", "02:00")

        assert night.contains(datetime(2026, 11, 21, 0, 59, tzinfo=UTC), WARSAW)
        assert not night.contains(datetime(2026, 11, 21, 1, 0, tzinfo=UTC), WARSAW)

    def test_may_end_at_24_00(self) -> None:
        evening = window({4}, "20:00", "24:00")

        assert evening.contains(datetime(2026, 11, 20, 22, 59, tzinfo=UTC), WARSAW)
        assert not evening.contains(datetime(2026, 11, 20, 23, 0, tzinfo=UTC), WARSAW)

    def test_goes_on_when_clocks_go_back_to_the_day_before(self) -> None:
        # In Casey it was 02:00 on Friday, and then 23:00 on Thursday again.
        casey, friday = ZoneInfo("Antarctica/Casey"), window({4}, "00:30", "23:00")
        again = datetime(2010, 3, 4, 15, 10, tzinfo=UTC)

        assert again.astimezone(casey).replace(tzinfo=None) == naive("2010-03-04T23:10")
        assert friday.contains(again, casey)

    def test_is_empty_inside_a_gap(self) -> None:
        gap = window({6}, "02:15", "02:45")
        after = datetime(2026, 3, 29, 1, 0, tzinfo=UTC)

        assert not gap.contains(after, WARSAW)
        assert next_in_weekly_windows([gap], after, WARSAW) == datetime(
            2026, 4, 5, 0, 15, tzinfo=UTC
        )

    def test_says_when_it_is_next_open(self) -> None:
        happy = window({4}, "16:00", "18:00")

        assert next_in_weekly_windows([happy], NOON, WARSAW) == NOON + 3 * HOUR
        inside = NOON + 4 * HOUR
        assert next_in_weekly_windows([happy], inside, WARSAW) == inside
        assert next_in_weekly_windows([], NOON, WARSAW) is None

    @given(
        st.datetimes(
            naive("2026-01-01T00:00"), naive("2027-01-01T00:00"), timezones=st.just(UTC)
        )
    )
    def test_contains_the_moment_at_which_it_is_next_open(self, now: datetime) -> None:
        windows = [window({0, 6}, "22:30", "03:15"), window({2}, "09:00", "12:00")]

        opened = next_in_weekly_windows(windows, now, WARSAW)

        assert opened is not None
        assert opened >= now
        assert in_weekly_windows(windows, opened, WARSAW)
        assert (opened == now) == in_weekly_windows(windows, now, WARSAW)


class TestMinutes:
    def test_are_read_and_written(self) -> None:
        assert minutes_of("24:00") == 1440
        assert minutes_text(minutes_of("09:05")) == "09:05"

    @pytest.mark.parametrize("text", ["24:01", "9:00", "12:60", "noon", "12.00", ""])
    def test_refuse_what_is_no_time(self, text: str) -> None:
        with pytest.raises(ValueError, match="not a time"):
            minutes_of(text)
