"""The week as a grid: seven days of blocks of two hours."""

from collections.abc import Iterable, Sequence
from typing import Final

from loyalty.core.periods import MINUTES_A_DAY, WeeklyWindow

_BLOCK: Final = 120
_FIRST: Final = 6 * 60
PARTS: Final = tuple(
    (start, start + _BLOCK) for start in range(_FIRST, MINUTES_A_DAY, _BLOCK)
)
"""The blocks that can be chosen, as minutes of the day; the night is quiet anyway."""

_DAYS: Final = 7


def cells_of(windows: Iterable[WeeklyWindow]) -> frozenset[str]:
    """Return the blocks that a customer's hours touch, as ``day:from-until``."""
    return frozenset(
        f"{day}:{start}-{until}"
        for window in windows
        for day in window.days
        for start, until in PARTS
        if window.start < until and start < window.until
    )


def windows_of(cells: Sequence[str]) -> tuple[WeeklyWindow, ...]:
    """
    Return the hours that the chosen blocks make, neighbours joined.

    What names no block of the grid is left out.
    """
    chosen = set(cells)
    windows: list[WeeklyWindow] = []
    for day in range(_DAYS):
        for start, until in PARTS:
            if f"{day}:{start}-{until}" not in chosen:
                continue
            last = windows[-1] if windows else None
            if last and last.days == {day} and last.until == start:
                windows[-1] = _window(day, last.start, until)
            else:
                windows.append(_window(day, start, until))
    return tuple(windows)


def _window(day: int, start: int, until: int) -> WeeklyWindow:
    return WeeklyWindow(days=frozenset({day}), start=start, until=until)
