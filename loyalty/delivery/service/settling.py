"""Messages in doubt whose provider can be asked what it got."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from loyalty.customers.values import Channel
from loyalty.delivery.models import MessageRow
from loyalty.delivery.rules.sending import ASK_FOR, state_after_crash
from loyalty.delivery.service.notes import Note, note, refund
from loyalty.delivery.values import (
    Answer,
    Details,
    MessageID,
    MessageState,
    Reason,
    Receipt,
)

AT_ONCE: Final = 100
_ASK_AGAIN: Final = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """A message in doubt, by the name that its provider may know it by."""

    message_id: MessageID
    fence: int
    channel: Channel
    handover_key: str


def take_questions(
    session: Session, *, channels: Collection[Channel], now: datetime
) -> tuple[Question, ...]:
    """
    Return messages in doubt that are to be asked about, and move their turn on.

    :param channels: those that can be asked; a message of another is settled here,
        as its channel's policy says
    """
    rows = session.scalars(
        select(MessageRow)
        .where(MessageRow.ask_at <= now, MessageRow.state == MessageState.UNKNOWN)
        .order_by(MessageRow.ask_at)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    ).all()
    questions = []
    for row in rows:
        row.ask_at = now + _ASK_AGAIN
        if row.channel is not None and row.channel in channels:
            questions.append(
                Question(
                    message_id=row.id,
                    fence=row.fence,
                    channel=row.channel,
                    handover_key=row.handover_key,
                )
            )
        else:
            _by_policy(session, row, now=now)
    session.flush()
    return tuple(questions)


def settle(
    session: Session, *, question: Question, answer: Answer | None, now: datetime
) -> None:
    """
    Write up what a provider knows of a message in doubt.

    What it has is sent. What it certainly never got goes again. When it can't say, it
    is asked again for an hour; after that the channel's policy decides.
    """
    row = session.scalars(
        select(MessageRow)
        .where(
            MessageRow.id == question.message_id,
            MessageRow.fence == question.fence,
            MessageRow.state == MessageState.UNKNOWN,
        )
        .with_for_update()
    ).one_or_none()
    if row is None:
        return
    if answer is None:
        if row.finished_at is None or now - row.finished_at >= ASK_FOR:
            _by_policy(session, row, now=now)
            session.flush()
        return
    if answer.accepted:
        _take_as_sent(row, answer.receipt or Receipt())
        row.ask_at = None
        _tell(session, row, now=now, details={"asked": True})
    else:
        _plan_again(session, row, now=now)


def _by_policy(session: Session, row: MessageRow, *, now: datetime) -> None:
    row.ask_at = None
    if row.channel is None:
        return
    after = state_after_crash(MessageState.SENDING, row.kind, row.channel)
    if after is MessageState.PLANNED:
        _plan_again(session, row, now=now)


def _take_as_sent(row: MessageRow, receipt: Receipt) -> None:
    row.state = MessageState.DELIVERED if receipt.final else MessageState.SENT
    row.provider_ref = receipt.provider_ref
    row.parts = receipt.parts
    row.cost = (row.cost or 0) + receipt.cost
    row.failure = None


def _plan_again(session: Session, row: MessageRow, *, now: datetime) -> None:
    if row.reserved_week is not None:
        refund(session, [(row.customer_id, row.reserved_week)])
    row.state = MessageState.PLANNED
    row.due_at = now
    row.finished_at = row.ask_at = row.reserved_week = None
    _tell(session, row, now=now, details={})


def _tell(
    session: Session, row: MessageRow, *, now: datetime, details: Details
) -> None:
    session.flush()
    told = Note(
        message_id=row.id,
        customer_id=row.customer_id,
        state=row.state,
        reason=Reason.ASKED,
        details=details,
    )
    note(session, [told], now=now)
