"""What could be planned once more, and how far replays are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, literal, select
from sqlalchemy.orm import Session

from loyalty.core.errors import NotFound
from loyalty.customers.values import Channel
from loyalty.delivery.models import MessageRow, ReplayRow
from loyalty.delivery.values import MessageState, Reason

MOST_COUNTED = 100_000
"""More messages than this are "at least" so many."""


class ReplayNotFound(NotFound):
    """There is no such replay."""

    code = "replay_not_found"


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """Messages that ended in one way in a stretch of time; None is any."""

    state: MessageState
    reason: Reason | None = None
    channel: Channel | None = None
    since: datetime
    until: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Replay:
    """Many messages planned once more, and how far that is."""

    id: int
    asked_by: str
    asked_at: datetime
    wanted: Wanted
    total: int
    planned: int
    refused: int
    finished_at: datetime | None

    @property
    def done(self) -> int:
        """How many were looked at."""
        return self.planned + self.refused


def conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    """Return what a message must meet; the time is found by its index."""
    found = [
        MessageRow.finished_at >= wanted.since,
        MessageRow.finished_at < wanted.until,
        MessageRow.state == wanted.state,
    ]
    if wanted.reason is not None:
        found.append(MessageRow.reason == wanted.reason)
    if wanted.channel is not None:
        found.append(MessageRow.channel == wanted.channel)
    return found


def count_replayable(session: Session, *, wanted: Wanted) -> int:
    """Return how many messages ended like this, counted to ``MOST_COUNTED``."""
    some = select(literal(1)).select_from(MessageRow).where(*conditions(wanted))
    counted = some.limit(MOST_COUNTED).subquery()
    return session.scalar(select(func.count()).select_from(counted)) or 0


def get_replay(session: Session, *, replay_id: int) -> Replay:
    """
    Return how far a replay is.

    :raises ReplayNotFound: if there is none
    """
    row = session.get(ReplayRow, replay_id, populate_existing=True)
    if row is None:
        message = f"There is no replay {replay_id}."
        raise ReplayNotFound(message)
    return _replay(row)


def list_replays(session: Session, *, limit: int = 5) -> Sequence[Replay]:
    """Return the latest replays, the newest first."""
    rows = session.scalars(select(ReplayRow).order_by(ReplayRow.id.desc()).limit(limit))
    return [_replay(row) for row in rows]


def _replay(row: ReplayRow) -> Replay:
    return Replay(
        id=row.id,
        asked_by=row.asked_by,
        asked_at=row.asked_at,
        wanted=wanted_of(row),
        total=row.total,
        planned=row.planned,
        refused=row.refused,
        finished_at=row.finished_at,
    )


def wanted_of(row: ReplayRow) -> Wanted:
    """Return what a stored replay asks for."""
    return Wanted(
        state=row.state,
        reason=None if row.reason is None else Reason(row.reason),
        channel=None if row.channel is None else Channel(row.channel),
        since=row.since,
        until=row.until,
    )
