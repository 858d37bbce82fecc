"""Local times in every zone of the tz database, at every change of its clocks."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from loyalty.core.periods import local_moment
from tests.zones import ZONES, Change, Wall, changes, distinct_zones

A_SECOND = timedelta(seconds=1)
NOTHING = timedelta(0)


def edges(change: Change) -> Iterator[datetime]:
    """Give local times in, at and around what the change skips or repeats."""
    first, last = sorted((change.wall(change.before), change.wall(change.after)))
    middle = first + (last - first) // 2
    yield from (first - A_SECOND, first, first + A_SECOND)
    yield middle.replace(microsecond=500_000)
    yield from (last - A_SECOND, last)


class TestEveryZone:
    def test_has_a_name_and_its_changes(self) -> None:
        # A tz database that lost its history would make all that follows say nothing.
        assert len(ZONES) > 500
        assert sum(len(changes(name)) for name in ZONES) > 20_000
        assert {"Pacific/Apia", "Africa/Casablanca"} <= set(ZONES)

    def test_finds_the_first_showing_or_the_end_of_the_gap(self) -> None:
        walked = 0
        for name in distinct_zones():
            zone, wall = ZoneInfo(name), Wall(name)
            for change in changes(name):
                for local in edges(change):
                    expected = wall.first_at(local)
                    assert local_moment(local, zone) == expected, (name, local)
                    walked += 1
        assert walked > 100_000

    def test_knows_a_gap_from_an_overlap(self) -> None:
        for name in distinct_zones():
            zone = ZoneInfo(name)
            for change in changes(name):
                before, after = change.wall(change.before), change.wall(change.after)
                middle = min(before, after) + abs(change.size) // 2
                moment = local_moment(middle.replace(microsecond=0), zone)
                if change.size > NOTHING:
                    assert moment == change.at, (name, middle)
                else:
                    assert moment < change.at, (name, middle)

    @pytest.mark.parametrize(
        ("name", "local", "moment"),
        [
            # Clocks ahead at midnight: the day begins at one.
            ("Africa/Cairo", "2026-04-24T00:00", "2026-04-23T22:00"),
            ("America/Asuncion", "2024-10-06T00:30", "2024-10-06T04:00"),
            # And back at midnight: 23:30 is shown twice.
            ("America/Havana", "2026-11-01T00:30", "2026-11-01T04:30"),
            # By half an hour.
            ("Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:30"),
            ("Australia/Lord_Howe", "2027-04-04T01:45", "2027-04-03T14:45"),
            # A day that was never there, and one that was there twice.
            ("Pacific/Apia", "2011-12-30T09:00", "2011-12-30T10:00"),
            ("Pacific/Apia", "1892-07-04T12:00", "1892-07-03T23:26:56"),
            # Its daylight time lies below its standard time.
            ("Africa/Casablanca", "2026-03-22T02:30", "2026-03-22T02:00"),
            ("Europe/Dublin", "2026-03-29T01:30", "2026-03-29T01:00"),
            # Offsets of seconds, before there were zones.
            ("Europe/Paris", "1900-01-01T00:00", "1899-12-31T23:50:39"),
            ("Africa/Monrovia", "1971-06-01T12:00", "1971-06-01T12:44:30"),
        ],
    )
    def test_agrees_with_what_is_known(
        self, name: str, local: str, moment: str
    ) -> None:
        found = local_moment(datetime.fromisoformat(local), ZoneInfo(name))

        assert found == datetime.fromisoformat(moment).replace(tzinfo=UTC)
