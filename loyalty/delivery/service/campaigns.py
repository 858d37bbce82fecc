"""Cancelling what a campaign has planned, and planning it again."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from loyalty.delivery.models import MessageRow
from loyalty.delivery.service.notes import Note, note
from loyalty.delivery.values import MessageState, Reason


def cancel_campaign(
    session: Session, *, campaign_id: int, actor: str, now: datetime, at_most: int
) -> int:
    """
    End planned messages of a campaign without sending them, and say how many.

    :param at_most: so many; as many again may be left
    """
    planned = [
        MessageRow.campaign_id == campaign_id,
        MessageRow.state == MessageState.PLANNED,
    ]
    ended = {
        "state": MessageState.CANCELLED,
        "reason": Reason.CANCELLED,
        "finished_at": now,
    }
    return _turn(session, planned, ended, actor=actor, now=now, at_most=at_most)


def revive_campaign(
    session: Session,
    *,
    campaign_id: int,
    since: datetime,
    actor: str,
    now: datetime,
    at_most: int,
) -> int:
    """
    Plan messages of a campaign again that were cancelled since then.

    Those that have lost their point meanwhile stay cancelled. The others are due when
    they were; the last look before sending finds those another hour that may not go.
    """
    cancelled = [
        MessageRow.campaign_id == campaign_id,
        MessageRow.state == MessageState.CANCELLED,
        MessageRow.reason == Reason.CANCELLED,
        MessageRow.finished_at >= since,
        MessageRow.not_after > now,
    ]
    again = {"state": MessageState.PLANNED, "reason": None, "finished_at": None}
    return _turn(session, cancelled, again, actor=actor, now=now, at_most=at_most)


def _turn(
    session: Session,
    which: list[ColumnElement[bool]],
    columns: Mapping[str, object],
    *,
    actor: str,
    now: datetime,
    at_most: int,
) -> int:
    some = (
        select(MessageRow.id)
        .where(*which)
        .limit(at_most)
        .with_for_update(skip_locked=True)
        .cte("some")
    )
    rows = session.execute(
        update(MessageRow)
        .where(MessageRow.id == some.c.id, *which)
        .values(**columns)
        .returning(
            MessageRow.id, MessageRow.customer_id, MessageRow.state, MessageRow.reason
        )
        .execution_options(synchronize_session=False)
    ).all()
    notes = [
        Note(
            message_id=row.id,
            customer_id=row.customer_id,
            state=row.state,
            reason=row.reason,
            details={"actor": actor, "campaign": True},
        )
        for row in rows
    ]
    if notes:
        note(session, notes, now=now)
    return len(rows)
