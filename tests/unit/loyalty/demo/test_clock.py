"""The demo's clock."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.demo.clock import advance, clock_file, demo_clock

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def noon() -> datetime:
    return NOON


class TestDemoClock:
    def test_is_the_machines_before_anybody_moved_it(self, tmp_path: Path) -> None:
        assert demo_clock(clock_file(tmp_path), machine=noon)() == NOON

    def test_follows_a_move_made_by_someone_else(self, tmp_path: Path) -> None:
        path = clock_file(tmp_path)
        now = demo_clock(path, machine=noon)
        before = now()

        advance(path, NOON + 30 * HOUR, machine=noon)

        assert before == NOON
        assert now() == NOON + 30 * HOUR

    def test_runs_on_after_a_move(self, tmp_path: Path) -> None:
        path = clock_file(tmp_path)
        advance(path, NOON + HOUR, machine=noon)

        now = demo_clock(path, machine=lambda: NOON + 2 * HOUR)

        assert now() == NOON + 3 * HOUR

    def test_begins_anew_when_the_file_is_removed(self, tmp_path: Path) -> None:
        path = clock_file(tmp_path)
        advance(path, NOON + HOUR, machine=noon)
        now = demo_clock(path, machine=noon)
        moved = now()

        path.unlink()

        assert (moved, now()) == (NOON + HOUR, NOON)


class TestAdvance:
    def test_says_what_the_clock_shows_now(self, tmp_path: Path) -> None:
        path = clock_file(tmp_path)

        assert advance(path, NOON + HOUR, machine=noon) == NOON + HOUR

    def test_never_goes_back(self, tmp_path: Path) -> None:
        path = clock_file(tmp_path)
        advance(path, NOON + 2 * HOUR, machine=noon)

        shown = advance(path, NOON + HOUR, machine=noon)

        assert shown == NOON + 2 * HOUR
        assert demo_clock(path, machine=noon)() == NOON + 2 * HOUR

    def test_stands_as_long_as_told_and_then_runs(self, tmp_path: Path) -> None:
        path = clock_file(tmp_path)

        advance(path, NOON + 5 * HOUR, standing=HOUR, machine=noon)

        real = [NOON + passed * HOUR for passed in (0, 0.5, 1, 2)]
        now = demo_clock(path, machine=iter(real).__next__)
        assert [now() for _ in real] == [NOON + ahead * HOUR for ahead in (5, 5, 5, 6)]

    def test_can_be_let_run_before_that(self, tmp_path: Path) -> None:
        path = clock_file(tmp_path)
        advance(path, NOON + 5 * HOUR, standing=HOUR, machine=noon)

        advance(path, NOON, machine=noon)

        assert demo_clock(path, machine=lambda: NOON + HOUR)() == NOON + 6 * HOUR

    @given(hours=st.lists(st.integers(min_value=-100, max_value=100), max_size=8))
    def test_shows_the_latest_moment_it_was_ever_moved_to(
        self, tmp_path_factory: pytest.TempPathFactory, hours: list[int]
    ) -> None:
        path = clock_file(tmp_path_factory.mktemp("clock"))

        for ahead in hours:
            advance(path, NOON + ahead * HOUR, machine=noon)

        now = demo_clock(path, machine=noon)
        assert now() == NOON + max([0, *hours]) * HOUR
