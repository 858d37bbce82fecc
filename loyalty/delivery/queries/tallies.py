"""What happened over time, from the counted rows alone."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from loyalty.delivery.models import BooksRow, TallyRow
from loyalty.delivery.rules.tallies import LATE_SECONDS
from loyalty.delivery.values import Books, MessageState, TallySpan


@dataclass(frozen=True, kw_only=True, slots=True)
class Happened:
    """How often something happened to messages of one channel and provider."""

    channel: str
    provider: str
    what: str
    reason: str
    count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Lateness:
    """How long after they were due messages went out, since counting began."""

    channel: str
    provider: str
    count: int
    seconds: float
    within: Sequence[tuple[int, int]]
    """How many within so many seconds."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Checked:
    """The books as the last check found them, and when that was."""

    at: datetime
    books: Books


def happened(session: Session, *, since: datetime | None = None) -> list[Happened]:
    """Return what happened since a moment, or ever."""
    keys = (TallyRow.channel, TallyRow.provider, TallyRow.what, TallyRow.reason)
    counts = (
        select(*keys, func.sum(TallyRow.count).label("times"))
        .where(TallyRow.what != "")
        .group_by(*keys)
        .order_by(*keys)
    )
    if since is not None:
        counts = counts.where(TallyRow.starts_at >= since)
    return [
        Happened(
            channel=row.channel,
            provider=row.provider,
            what=row.what,
            reason=row.reason,
            count=int(row.times),
        )
        for row in session.execute(counts)
    ]


def over_time(
    session: Session, *, since: datetime, until: datetime, step: timedelta
) -> Sequence[tuple[datetime, Mapping[str, int]]]:
    """
    Return how often each thing happened in each step, the quiet ones too.

    :param step: a whole number of minutes up to six hours back, of hours before
    """
    began = func.date_bin(step, TallyRow.starts_at, since).label("began")
    rows = session.execute(
        select(began, TallyRow.what, func.sum(TallyRow.count).label("times"))
        .where(
            TallyRow.starts_at >= since, TallyRow.starts_at < until, TallyRow.what != ""
        )
        .group_by(began, TallyRow.what)
    )
    found: defaultdict[datetime, dict[str, int]] = defaultdict(dict)
    for row in rows:
        found[row.began][row.what] = int(row.times)
    steps = -(-(until - since) // step)
    return [(since + n * step, found[since + n * step]) for n in range(steps)]


def lateness(session: Session) -> list[Lateness]:
    """Return how late messages went out, by channel and provider."""
    within = [func.sum(TallyRow.late[n + 1]) for n in range(len(LATE_SECONDS))]
    rows = session.execute(
        select(
            TallyRow.channel,
            TallyRow.provider,
            func.sum(TallyRow.count),
            func.sum(TallyRow.late_ms),
            *within,
        )
        .where(TallyRow.what == MessageState.SENT.value)
        .group_by(TallyRow.channel, TallyRow.provider)
        .order_by(TallyRow.channel, TallyRow.provider)
    )
    return [
        Lateness(
            channel=channel,
            provider=provider,
            count=int(count),
            seconds=int(late_ms) / 1000,
            within=[
                (most, int(one or 0))
                for most, one in zip(LATE_SECONDS, bounds, strict=True)
            ],
        )
        for channel, provider, count, late_ms, *bounds in rows
    ]


def counted_until(session: Session) -> datetime | None:
    """Return up to where events are counted; None before the first count."""
    last = session.scalar(
        select(func.max(TallyRow.starts_at)).where(TallyRow.span == TallySpan.MINUTE)
    )
    return None if last is None else last + timedelta(minutes=1)


def last_books(session: Session) -> Checked | None:
    """Return what the last check of the books found; None before the first."""
    row = session.get(BooksRow, "last")
    if row is None:
        return None
    return Checked(
        at=row.checked_at,
        books=Books(
            planned=row.planned,
            by_state={MessageState(name): n for name, n in row.by_state.items()},
            problems=tuple(row.problems),
        ),
    )
