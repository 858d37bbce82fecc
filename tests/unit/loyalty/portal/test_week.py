from hypothesis import given
from hypothesis import strategies as st

from loyalty.core.periods import WeeklyWindow
from loyalty.portal.week import PARTS, cells_of, windows_of

CELLS = [f"{day}:{start}-{until}" for day in range(7) for start, until in PARTS]


class TestTheWeekAsAGrid:
    @given(st.sets(st.sampled_from(CELLS)))
    def test_says_again_what_was_ticked(self, cells: set[str]) -> None:
        assert cells_of(windows_of(sorted(cells))) == cells

    @given(st.sets(st.sampled_from(CELLS)))
    def test_joins_neighbours(self, cells: set[str]) -> None:
        windows = windows_of(sorted(cells))
        ends = {(day, window.until) for window in windows for day in window.days}
        starts = {(day, window.start) for window in windows for day in window.days}
        assert not ends & starts

    def test_ticks_every_block_that_hours_touch(self) -> None:
        window = WeeklyWindow(days=frozenset({2}), start=17 * 60, until=19 * 60)
        assert cells_of([window]) == {"2:960-1080", "2:1080-1200"}

    def test_leaves_out_what_is_no_block(self) -> None:
        assert windows_of(["9:0-1", "x", "0:361-480", ""]) == ()
