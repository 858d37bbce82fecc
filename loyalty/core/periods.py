"""Periods, weekly windows and the business day of a place's time zone.

Periods are half open: they contain their start and not their end. Local times
become moments in one function: a local time that the clocks skip is the first
moment after the gap, and one that they show twice means its first occurrence.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

DAY_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""The days of the week as documents name them, by ``date.weekday()``."""

MINUTES_A_DAY = 24 * 60
_A_DAY = timedelta(days=1)
_A_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Period:
    """From a moment (included) until another (not included); None is open."""

    start: datetime | None
    until: datetime | None

    def contains(self, moment: datetime) -> bool:
        """Test whether the moment lies inside."""
        return (self.start is None or self.start <= moment) and (
            self.until is None or moment < self.until
        )

    def overlaps(self, other: "Period") -> bool:
        """Test whether some moment lies in both."""
        return (
            self.start is None or other.until is None or self.start < other.until
        ) and (other.start is None or self.until is None or other.start < self.until)


@dataclass(frozen=True, kw_only=True, slots=True)
class WeeklyWindow:
    """
    The same hours on some days of the week, in local time.

    ``days`` are those on which a window begins (0 is Monday); ``start`` and
    ``until`` are minutes since midnight, ``until`` up to 1440. When ``until`` is at
    or below ``start`` the window ends on the next day.
    """

    days: frozenset[int]
    start: int
    until: int

    def on(self, day: date, zone: tzinfo) -> Period | None:
        """Return the window that begins on that day, if one does."""
        if day.weekday() not in self.days:
            return None
        last = day if self.until > self.start else day + _A_DAY
        return Period(
            start=local_moment(at_minute(day, self.start), zone),
            until=local_moment(at_minute(last, self.until), zone),
        )

    def contains(self, moment: datetime, zone: tzinfo) -> bool:
        """
        Test whether the moment lies in the window of today, yesterday or tomorrow.

        Where clocks go back over midnight, tomorrow's window may have begun before
        the last hour of today was shown again.
        """
        today = business_day(moment, zone)
        periods = (
            self.on(day, zone) for day in (today, today - _A_DAY, today + _A_DAY)
        )
        return any(period is not None and period.contains(moment) for period in periods)


def in_weekly_windows(
    windows: Iterable[WeeklyWindow], moment: datetime, zone: tzinfo
) -> bool:
    """Test whether the moment lies in any of the windows."""
    return any(window.contains(moment, zone) for window in windows)


def next_in_weekly_windows(
    windows: Iterable[WeeklyWindow], moment: datetime, zone: tzinfo
) -> datetime | None:
    """Return the first moment, not before the given one, inside a window (UTC)."""
    today = business_day(moment, zone)
    # Eight days on from today holds every weekday once even when a day's window has
    # just closed; a ninth is for a window that the clocks emptied.
    days = [today + timedelta(days=ahead) for ahead in range(-1, 15)]
    moments = [
        max(period.start, moment)
        for window in windows
        for day in days
        if (period := window.on(day, zone)) is not None
        and period.start is not None
        and period.until is not None
        and period.start < period.until
        and moment < period.until
    ]
    return min(moments).astimezone(UTC) if moments else None


def minutes_of(text: str) -> int:
    """
    Read ``"HH:MM"``, up to ``"24:00"``, as minutes since midnight.

    :raises ValueError: if it is not such a time
    """
    hours, colon, minutes = text.partition(":")
    well_formed = colon and all(
        len(part) == len("00") and part.isascii() and part.isdigit()
        for part in (hours, minutes)
    )
    if well_formed and int(minutes) < len(range(60)):
        result = int(hours) * 60 + int(minutes)
        if result <= MINUTES_A_DAY:
            return result
    message = f"{text!r} is not a time from 00:00 to 24:00"
    raise ValueError(message)


def minutes_text(minutes: int) -> str:
    """Write minutes since midnight as ``"HH:MM"``."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def at_minute(day: date, minutes: int) -> datetime:
    """Return the naive local time so many minutes after a day's midnight."""
    return datetime.combine(day, time()) + timedelta(minutes=minutes)


def local_moment(local: datetime, zone: tzinfo) -> datetime:
    """
    Return the moment (UTC) at which clocks in the zone show a naive local time.

    A skipped local time becomes the first moment after the gap; an ambiguous one
    its first occurrence.

    :raises ValueError: if the local time carries a zone
    """
    if local.tzinfo is not None:
        message = "a local time with a zone"
        raise ValueError(message)
    moment = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == local:
        return moment
    # In a gap: reading it with the offset after the change gives a moment before
    # the change, reading it with the one before it gives a moment after.
    before = local.replace(tzinfo=zone, fold=1).astimezone(UTC)
    after = moment.replace(microsecond=0)
    new_offset = after.astimezone(zone).utcoffset()
    before = before.replace(microsecond=0)
    while after - before > _A_SECOND:
        middle = before + (after - before) // _A_SECOND // 2 * _A_SECOND
        if middle.astimezone(zone).utcoffset() == new_offset:
            after = middle
        else:
            before = middle
    return after


def business_day(moment: datetime, zone: tzinfo) -> date:
    """
    Return the date in the zone at that moment.

    :raises ValueError: if the moment is naive
    """
    if moment.tzinfo is None:
        message = "a moment without a zone"
        raise ValueError(message)
    return moment.astimezone(zone).date()


def day_period(day: date, zone: tzinfo) -> Period:
    """Return the day's first moment until the next day's, 23 to 25 hours apart."""
    return Period(
        start=local_moment(at_minute(day, 0), zone),
        until=local_moment(at_minute(day + _A_DAY, 0), zone),
    )
