"""Plans keep to everybody's hours, in every zone, over every change of clocks."""

from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loyalty.core.periods import WeeklyWindow
from loyalty.customers.values import Channel, CustomerID
from loyalty.delivery.rules.hours import open_periods, week_of
from loyalty.delivery.rules.planning import plan
from loyalty.delivery.values import (
    DeliveryPolicy,
    MessageKind,
    NewMessage,
    Plan,
    Recipient,
)

FIRST = datetime(2025, 1, 1, tzinfo=UTC)
LAST = datetime(2028, 1, 1, tzinfo=UTC)
AN_HOUR = timedelta(hours=1)
ZONES = tuple(sorted(available_timezones() - {"localtime", "posixrules", "Factory"}))
SAMPLE = (
    "Africa/Casablanca",  # back for Ramadan
    "America/Havana",  # at midnight
    "America/Nuuk",  # on Saturday evening
    "America/St_Johns",  # half an hour off
    "Asia/Beirut",  # at midnight
    "Asia/Gaza",
    "Asia/Tehran",
    "Atlantic/Azores",  # over midnight
    "Australia/Lord_Howe",  # by half an hour
    "Europe/Berlin",
    "Europe/Dublin",  # winter is its daylight time
    "Pacific/Chatham",  # three quarters off
    "Pacific/Kiritimati",
    "America/Santiago",
    "UTC",
)
"""Each odd in its own way; every zone is walked beside this file."""


@cache
def transitions(name: str) -> tuple[datetime, ...]:
    """Return the hours in which the zone's offset changes."""
    zone = ZoneInfo(name)
    found, hour = [], FIRST
    while hour < LAST:
        after = hour + timedelta(days=7)
        if hour.astimezone(zone).utcoffset() != after.astimezone(zone).utcoffset():
            while hour < after:
                offset = hour.astimezone(zone).utcoffset()
                if offset != (hour + AN_HOUR).astimezone(zone).utcoffset():
                    found.append(hour)
                hour += AN_HOUR
        hour = after
    return tuple(found)


windows = st.builds(
    lambda days, start, length: WeeklyWindow(
        days=days, start=start, until=min(start + length, 1440)
    ),
    st.frozensets(st.integers(0, 6), min_size=1),
    st.integers(0, 1439),
    st.integers(1, 600),
)
quiet_hours = st.builds(
    lambda start, until: WeeklyWindow(
        days=frozenset(range(7)), start=start, until=until
    ),
    st.integers(0, 1439),
    st.integers(1, 1440),
)


def wall_minutes(moment: datetime, zone: ZoneInfo) -> tuple[int, int]:
    local = moment.astimezone(zone)
    return local.weekday(), local.hour * 60 + local.minute


def on_the_wall(window: WeeklyWindow, moment: datetime, zone: ZoneInfo) -> bool:
    """Test by the clock on the wall alone, without the code under test."""
    day, minute = wall_minutes(moment, zone)
    if window.start < window.until:
        return day in window.days and window.start <= minute < window.until
    return (day in window.days and minute >= window.start) or (
        (day - 1) % 7 in window.days and minute < window.until
    )


def clocks_change_near(moment: datetime, zone: ZoneInfo) -> bool:
    day = timedelta(hours=26)
    return (moment - day).astimezone(zone).utcoffset() != (moment + day).astimezone(
        zone
    ).utcoffset()


class TestOpenPeriods:
    @pytest.mark.parametrize("name", SAMPLE)
    @settings(max_examples=15, deadline=None)
    @given(
        opening=st.lists(windows, min_size=1, max_size=3),
        quiet=st.lists(quiet_hours, max_size=1),
        place=st.integers(0, 1000),
        hours=st.integers(-72, 12),
    )
    def test_lie_in_a_window_outside_quiet_hours_and_in_one_week(
        self,
        name: str,
        opening: list[WeeklyWindow],
        quiet: list[WeeklyWindow],
        place: int,
        hours: int,
    ) -> None:
        zone = ZoneInfo(name)
        changes = transitions(name) or (FIRST + timedelta(days=90),)
        start = changes[place % len(changes)] + timedelta(hours=hours)
        until = start + timedelta(days=8)

        for period in open_periods(
            windows=opening, quiet=quiet, zone=zone, start=start, until=until
        ):
            assert start <= period.start < period.until <= until
            assert period.week == week_of(period.start, zone)
            last = period.until - timedelta(seconds=1)
            for moment in (period.start, last):
                assert any(window.contains(moment, zone) for window in opening)
                assert not any(window.contains(moment, zone) for window in quiet)
                if not clocks_change_near(moment, zone):
                    assert any(on_the_wall(window, moment, zone) for window in opening)
                    assert not any(on_the_wall(w, moment, zone) for w in quiet)


class TestPlan:
    @settings(max_examples=150, deadline=None)
    @given(
        name=st.sampled_from(ZONES),
        opening=st.lists(windows, max_size=3),
        quiet=st.lists(quiet_hours, max_size=1),
        now=st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 1)),  # noqa: DTZ001
        ends=st.integers(1, 14 * 24),
    )
    def test_keeps_windows_quiet_hours_and_the_end(
        self,
        name: str,
        opening: list[WeeklyWindow],
        quiet: list[WeeklyWindow],
        now: datetime,
        ends: int,
    ) -> None:
        zone = ZoneInfo(name)
        moment = now.replace(tzinfo=UTC)
        end = moment + timedelta(hours=ends)
        policy = DeliveryPolicy(quiet=tuple(quiet))
        customer = Recipient(
            customer_id=CustomerID(1),
            zone=name,
            language="en",
            windows=tuple(opening),
            consents=frozenset({Channel.EMAIL}),
        )
        message = NewMessage(
            customer_id=CustomerID(1),
            kind=MessageKind.MARKETING,
            template="offer",
            subject="offer:1",
            not_after=end,
        )

        outcome = plan(message, customer, policy, moment)

        if isinstance(outcome, Plan):
            due = outcome.due_at
            assert moment <= due < end
            hours = opening or policy.windows
            assert any(window.contains(due, zone) for window in hours)
            assert not any(window.contains(due, zone) for window in quiet)
