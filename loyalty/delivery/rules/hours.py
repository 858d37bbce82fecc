"""When somebody may be reached: windows without quiet hours, as periods."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from loyalty.core.periods import (
    Period,
    WeeklyWindow,
    at_minute,
    business_day,
    in_weekly_windows,
    local_moment,
)

_A_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Open:
    """A stretch of permitted time within one week of the customer's calendar."""

    start: datetime
    until: datetime
    week: date
    """The Monday on which its week begins."""


def week_of(moment: datetime, zone: ZoneInfo) -> date:
    """Return the Monday of the moment's week on the zone's calendar."""
    day = business_day(moment, zone)
    return day - timedelta(days=day.weekday())


def permitted(
    moment: datetime,
    *,
    windows: Iterable[WeeklyWindow],
    quiet: Iterable[WeeklyWindow],
    zone: ZoneInfo,
) -> bool:
    """Test whether the moment lies in a window and outside quiet hours."""
    return in_weekly_windows(windows, moment, zone) and not in_weekly_windows(
        quiet, moment, zone
    )


def open_periods(
    *,
    windows: Iterable[WeeklyWindow],
    quiet: Iterable[WeeklyWindow],
    zone: ZoneInfo,
    start: datetime,
    until: datetime,
) -> Iterator[Open]:
    """
    Give the permitted stretches between two moments, in order of their start.

    Each lies in one window, outside all quiet hours and inside one calendar week.
    A window that the clocks skip altogether gives none.
    """
    windows, quiet = tuple(windows), tuple(quiet)
    day = business_day(start, zone) - _A_DAY
    # Where clocks go back over midnight, the day of the end is not the last one.
    last = business_day(until, zone) + _A_DAY
    while day <= last:
        closed = [
            period
            for near in (day - _A_DAY, day, day + _A_DAY)
            for period in _on(quiet, near, zone)
        ]
        pieces = [
            piece
            for period in _on(windows, day, zone)
            for part in _without(period, closed)
            for piece in _by_week(_clip(part, start, until), zone)
        ]
        yield from sorted(pieces, key=lambda piece: (piece.start, piece.until))
        day += _A_DAY


def _on(
    windows: Iterable[WeeklyWindow], day: date, zone: ZoneInfo
) -> list[tuple[datetime, datetime]]:
    found = (window.on(day, zone) for window in windows)
    return [_bounds(period) for period in found if period is not None]


def _bounds(period: Period) -> tuple[datetime, datetime]:
    if period.start is None or period.until is None:  # a window has both ends
        message = "a weekly window without an end"
        raise ValueError(message)
    return period.start, period.until


def _without(
    period: tuple[datetime, datetime], closed: Iterable[tuple[datetime, datetime]]
) -> Iterator[tuple[datetime, datetime]]:
    start, until = period
    for shut_from, shut_until in sorted(closed):
        if shut_until <= start or shut_from >= until or shut_from >= shut_until:
            continue
        if start < shut_from:
            yield start, shut_from
        start = max(start, shut_until)
    if start < until:
        yield start, until


def _clip(
    period: tuple[datetime, datetime], start: datetime, until: datetime
) -> tuple[datetime, datetime]:
    return max(period[0], start), min(period[1], until)


def _by_week(period: tuple[datetime, datetime], zone: ZoneInfo) -> Iterator[Open]:
    start, until = period
    while start < until:
        monday = week_of(start, zone)
        turn = local_moment(at_minute(monday + timedelta(weeks=1), 0), zone)
        end = min(until, turn)
        if end <= start:  # a zone whose clocks go back over midnight of a Monday
            end = until
        yield Open(start=start, until=end, week=monday)
        start = end
