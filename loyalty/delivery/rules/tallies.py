"""Which stretches of time are counted by the minute, by the hour, by the day."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from loyalty.delivery.values import TallySpan

LATE_SECONDS = (1, 5, 15, 60, 300, 1800, 7200, 86_400)
"""Bounds of how late a message was handed over."""

MINUTES_LAST = timedelta(hours=6)
HOURS_LAST = timedelta(days=15)
AGAIN = timedelta(minutes=3)
"""So much is counted once more each time: an event is dated when its transaction
works, and seen when it commits."""

_AT_ONCE = timedelta(days=2)
_LENGTHS = {
    TallySpan.MINUTE: timedelta(minutes=1),
    TallySpan.HOUR: timedelta(hours=1),
    TallySpan.DAY: timedelta(days=1),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Stretch:
    """Time to be counted from the events, in steps of one span."""

    span: TallySpan
    since: datetime
    until: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Counted:
    """Up to where the rows of each span reach; None if there are none."""

    minute: datetime | None = None
    hour: datetime | None = None


def start_of(span: TallySpan, moment: datetime) -> datetime:
    """Return when the minute, hour or day (in UTC) of a moment began."""
    begun = moment.replace(second=0, microsecond=0)
    if span is not TallySpan.MINUTE:
        begun = begun.replace(minute=0)
    return begun.replace(hour=0) if span is TallySpan.DAY else begun


def end_of(span: TallySpan, starts_at: datetime) -> datetime:
    """Return when the stretch of a row that starts at this moment ends."""
    return starts_at + _LENGTHS[span]


def next_stretch(
    *, counted: Counted, first_event: datetime, now: datetime
) -> Stretch | None:
    """
    Return what to count next; None when minutes up to now are counted.

    Hours that are past keeping by the minute come first, from the events themselves,
    which finds what committed late. Then come closed minutes, the last few of them
    once more.

    :param counted: where the rows end
    :param first_event: when the first thing ever happened
    """
    edge = start_of(TallySpan.HOUR, now - MINUTES_LAST)
    since = counted.hour or start_of(TallySpan.HOUR, first_event)
    if since < edge:
        # To the end of a day: a day is made of whole ones.
        until = min(edge, start_of(TallySpan.DAY, since + _AT_ONCE))
        return Stretch(span=TallySpan.HOUR, since=since, until=until)
    closed = start_of(TallySpan.MINUTE, now)
    begin = edge if counted.minute is None else counted.minute - AGAIN
    begin = max(begin, edge, start_of(TallySpan.MINUTE, first_event))
    if begin >= closed:
        return None
    return Stretch(span=TallySpan.MINUTE, since=begin, until=closed)
