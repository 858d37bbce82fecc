"""Sending many messages again that did not go out, a batch at a time."""

from datetime import datetime

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from loyalty.core.audit import record
from loyalty.core.errors import Invalid
from loyalty.core.jobs import enqueue
from loyalty.delivery.models import MessageRow, ReplayRow
from loyalty.delivery.queries.replays import (
    Wanted,
    conditions,
    count_replayable,
    wanted_of,
)
from loyalty.delivery.service.replaying import NotReplayable, replay
from loyalty.delivery.values import MessageID, MessageState

_BATCH = 200
REPLAYABLE = (
    MessageState.FAILED,
    MessageState.SUPPRESSED,
    MessageState.EXPIRED,
    MessageState.UNKNOWN,
)


def ask_replay(session: Session, *, wanted: Wanted, actor: str, now: datetime) -> int:
    """
    Ask for many messages to be planned once more; return the number of the replay.

    What may not go again is counted as refused when its turn comes.

    :raises Invalid: if messages in that state never go again, or there are none
    """
    if wanted.state not in REPLAYABLE:
        message = "Only failed, suppressed, expired and unknown messages go again."
        raise Invalid.field(pointer="/state", message=message, code="not_replayable")
    total = count_replayable(session, wanted=wanted)
    if not total:
        message = "No message ended like this in this time."
        raise Invalid.field(pointer="/state", message=message, code="nothing_there")
    row = ReplayRow(
        asked_by=actor,
        asked_at=now,
        state=wanted.state,
        reason=wanted.reason and wanted.reason.value,
        channel=wanted.channel and wanted.channel.value,
        since=wanted.since,
        until=wanted.until,
        total=total,
    )
    session.add(row)
    session.flush()
    record(
        session,
        now=now,
        actor=actor,
        action="delivery.replay_many",
        subject=f"replay:{row.id}",
        after={"state": wanted.state.value, "reason": row.reason, "total": total},
    )
    enqueue(session, "replay_messages")
    return row.id


def stop_replay(session: Session, *, replay_id: int, actor: str, now: datetime) -> None:
    """End a replay where it is; what was planned stays planned."""
    row = session.get(ReplayRow, replay_id, with_for_update=True)
    if row is not None and row.finished_at is None:
        row.finished_at = now
        record(
            session,
            now=now,
            actor=actor,
            action="delivery.replay_stop",
            subject=f"replay:{replay_id}",
            after={"planned": row.planned, "refused": row.refused},
        )


def replay_batch(session: Session, *, now: datetime) -> bool:
    """
    Plan the next messages of the oldest replay; return whether there was one.

    The row says how far it is, so that whoever takes over goes on from there; one
    that another worker is at is left to it.
    """
    row = session.scalars(
        select(ReplayRow)
        .where(ReplayRow.finished_at.is_(None))
        .order_by(ReplayRow.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).one_or_none()
    if row is None:
        return False
    place = tuple_(MessageRow.finished_at, MessageRow.id)
    batch = (
        select(MessageRow.id, MessageRow.finished_at)
        .where(*conditions(wanted_of(row)))
        .order_by(MessageRow.finished_at, MessageRow.id)
        .limit(_BATCH)
    )
    if row.reached_at is not None:
        batch = batch.where(place > tuple_(row.reached_at, row.reached_id))
    found = session.execute(batch).all()
    for message_id, ended in found:
        try:
            replay(
                session, message_id=MessageID(message_id), actor=row.asked_by, now=now
            )
        except NotReplayable:
            row.refused += 1
        else:
            row.planned += 1
        row.reached_at, row.reached_id = ended, message_id
    if len(found) < _BATCH:
        row.finished_at = now
    session.flush()
    return True
