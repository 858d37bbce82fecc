"""
Every change of every zone's clocks, read from the files of the tz database.

``zoneinfo`` does not say when clocks change. The files do (RFC 9636, "TZif"); only what
is tested against is read here: the moments at which a zone's offset from UTC becomes
another. Beyond the last that a file lists, the zone itself is asked, to 2040.
"""

import struct
import zoneinfo
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import resources
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

_HEADER = struct.Struct(">4s1s15x6l")
_NO_PLACES = {"localtime", "posixrules", "Factory"}
_A_SECOND = timedelta(seconds=1)
_THREE_DAYS = timedelta(days=3)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EARLIEST = datetime(1800, 1, 2, tzinfo=UTC)
LATEST = datetime(2040, 1, 1, tzinfo=UTC)

ZONES = tuple(sorted(zoneinfo.available_timezones() - _NO_PLACES))
"""Every name that a customer may choose, links among them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """A moment from which a zone's clocks show another offset."""

    at: datetime
    before: timedelta
    after: timedelta

    @property
    def size(self) -> timedelta:
        """How far the clocks go ahead; below zero they go back."""
        return self.after - self.before

    def wall(self, offset: timedelta) -> datetime:
        """Return what a clock with that offset shows at the change."""
        return (self.at + offset).replace(tzinfo=None)


@cache
def changes(name: str) -> tuple[Change, ...]:
    """Return a zone's changes from 1800 until 2040, in their order."""
    listed = _changes_of(_read(name))
    last = listed[-1].at if listed else EARLIEST
    return (*listed, *_asked(ZoneInfo(name), max(last, _EPOCH)))


@cache
def distinct_zones() -> tuple[str, ...]:
    """Return one name for each set of zones that have always shown the same time."""
    by_changes: dict[tuple[object, ...], str] = {}
    for name in ZONES:
        first = EARLIEST.astimezone(ZoneInfo(name)).utcoffset()
        by_changes.setdefault((first, changes(name)), name)
    return tuple(by_changes.values())


class Wall:
    """What a zone's clocks have shown, by the list of its changes alone."""

    def __init__(self, name: str) -> None:
        """Note a zone's changes."""
        self._changes = changes(name)
        self._at = [change.at for change in self._changes]
        self._first = _offset(ZoneInfo(name), EARLIEST)

    def offset(self, moment: datetime) -> timedelta:
        """Return how far the clocks are ahead of UTC."""
        place = bisect_right(self._at, moment)
        return self._changes[place - 1].after if place else self._first

    def first_at(self, local: datetime) -> datetime:
        """Return the first moment that shows the time, or a later one if none does."""
        aware = local.replace(tzinfo=UTC)
        start = bisect_left(self._at, aware - _THREE_DAYS)
        near = self._changes[start : bisect_right(self._at, aware + _THREE_DAYS)]
        offsets = {self.offset(aware - _THREE_DAYS)}
        offsets |= {change.after for change in near}
        shown = [
            aware - offset
            for offset in offsets
            if self.offset(aware - offset) == offset
        ]
        if shown:
            return min(shown)
        (gap,) = (
            change
            for change in near
            if change.wall(change.before) <= local < change.wall(change.after)
        )
        return gap.at


def _read(name: str) -> bytes:
    for folder in zoneinfo.TZPATH:
        path = Path(folder) / name
        if path.is_file():
            return path.read_bytes()
    return resources.files("tzdata").joinpath("zoneinfo", name).read_bytes()


def _changes_of(data: bytes) -> tuple[Change, ...]:
    # The first block has 32-bit times, for old readers; the second has all.
    start = _HEADER.size + _block_size(data, 0, time_size=4)
    times, offsets = _block(data, start)
    changes = [
        Change(at=at, before=before, after=after)
        for at, (before, after) in zip(times, pairwise(offsets), strict=True)
        if before != after and EARLIEST <= at < LATEST
    ]
    return tuple(changes)


def _block_size(data: bytes, start: int, *, time_size: int) -> int:
    _, _, utc, standard, leaps, times, kinds, letters = _HEADER.unpack_from(data, start)
    each_time, each_leap = time_size + 1, time_size + 4
    size: int = times * each_time + kinds * 6 + letters + leaps * each_leap
    size += standard + utc
    return size


def _block(data: bytes, start: int) -> tuple[list[datetime], list[timedelta]]:
    """Return the moments of change, and the offsets before, between and after them."""
    _, _, _, _, _, count, kinds, _ = _HEADER.unpack_from(data, start)
    place = start + _HEADER.size
    times = struct.unpack_from(f">{count}q", data, place)
    indexes = struct.unpack_from(f">{count}B", data, place + 8 * count)
    place += 9 * count
    offsets = [
        timedelta(seconds=struct.unpack_from(">l", data, place + 6 * kind)[0])
        for kind in range(kinds)
    ]
    return (
        [_moment(seconds) for seconds in times],
        [offsets[0], *(offsets[index] for index in indexes)],
    )


def _moment(seconds: int) -> datetime:
    # Some files begin with the Big Bang, which Python's calendar does not know.
    low = (EARLIEST - _EPOCH) // _A_SECOND - 1
    return _EPOCH + timedelta(seconds=max(seconds, low))


def _asked(zone: ZoneInfo, after: datetime) -> Iterator[Change]:
    step = timedelta(days=7)
    moment = after
    while moment < LATEST:
        if _offset(zone, moment) != _offset(zone, moment + step):
            first, last = moment, moment + step
            while last - first > _A_SECOND:
                middle = first + (last - first) // 2
                middle = middle.replace(microsecond=0)
                if _offset(zone, middle) == _offset(zone, moment):
                    first = middle
                else:
                    last = middle
            yield Change(
                at=last, before=_offset(zone, first), after=_offset(zone, last)
            )
        moment += step


def _offset(zone: ZoneInfo, moment: datetime) -> timedelta:
    offset = moment.astimezone(zone).utcoffset()
    assert offset is not None
    return offset
