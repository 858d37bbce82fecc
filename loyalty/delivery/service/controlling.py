"""Pausing, resuming and cancelling, by people."""

from datetime import datetime

from sqlalchemy import delete, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from loyalty.core.audit import record
from loyalty.core.errors import Invalid, Refused
from loyalty.customers.values import Channel
from loyalty.delivery.models import MessageRow, PauseRow
from loyalty.delivery.service.notes import Note, note
from loyalty.delivery.values import MessageID, MessageState, Reason


class TooLateToCancel(Refused):
    """The message is being handed over, or has ended."""

    code = "too_late_to_cancel"


def pause(session: Session, *, scope: str, actor: str, now: datetime) -> None:
    """
    Let nothing of this scope leave, from the next group of messages on.

    :param scope: ``all``, ``channel:email`` or ``campaign:12``
    :raises Invalid: if it is none of these
    """
    _check_scope(scope)
    session.execute(
        postgresql.insert(PauseRow)
        .values(scope=scope, paused_at=now, paused_by=actor)
        .on_conflict_do_nothing()
    )
    record(session, now=now, actor=actor, action="delivery.pause", subject=scope)


def resume(session: Session, *, scope: str, actor: str, now: datetime) -> None:
    """Let what was paused under this scope leave again; late messages are checked."""
    session.execute(delete(PauseRow).where(PauseRow.scope == scope))
    record(session, now=now, actor=actor, action="delivery.resume", subject=scope)


def cancel(
    session: Session, *, message_id: MessageID, actor: str, now: datetime
) -> None:
    """
    End a planned message without sending it.

    :raises TooLateToCancel: if it is not waiting any more
    """
    row = session.execute(
        update(MessageRow)
        .where(MessageRow.id == message_id, MessageRow.state == MessageState.PLANNED)
        .values(state=MessageState.CANCELLED, reason=Reason.CANCELLED, finished_at=now)
        .returning(MessageRow.customer_id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if row is None:
        message = "This message is not waiting any more."
        raise TooLateToCancel(message)
    cancelled = Note(
        message_id=message_id,
        customer_id=row.customer_id,
        state=MessageState.CANCELLED,
        reason=Reason.CANCELLED,
        details={"actor": actor},
    )
    note(session, [cancelled], now=now)


def _check_scope(scope: str) -> None:
    kind, _, name = scope.partition(":")
    known = (
        scope == "all"
        or (kind == "channel" and name in set(Channel))
        or (kind == "campaign" and name.isascii() and name.isdigit())
    )
    if not known:
        message = "Pause all, a channel or a campaign."
        raise Invalid.field(pointer="/scope", message=message, code="scope_unknown")
