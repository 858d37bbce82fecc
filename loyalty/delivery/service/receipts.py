"""What comes back about messages: delivered, bounced, complained, opened, clicked."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from loyalty.customers.values import Channel, CustomerID
from loyalty.delivery.models import MessageEventRow, MessageRow
from loyalty.delivery.rules.receipts import ONCE, state_after_receipt
from loyalty.delivery.service.notes import Note, note
from loyalty.delivery.values import (
    Details,
    MessageID,
    MessageState,
    ProviderReceipt,
)

_LONGEST_DETAIL = 300


@dataclass(frozen=True, kw_only=True, slots=True)
class Recorded:
    """The message that a receipt was about."""

    message_id: MessageID
    customer_id: CustomerID
    channel: Channel | None
    state: MessageState
    planned_at: datetime
    new: bool
    """False when it had been told before: nothing was changed."""


def record_receipt(
    session: Session, *, receipt: ProviderReceipt, now: datetime
) -> Recorded | None:
    """
    Write up what a provider tells of a message; repeated and late ones are harmless.

    A bounce lets the next channel be tried. Whether the address is used again is not
    decided here.

    :returns: None if no message is known by that name. A receipt may be faster than
        our own note of the hand-over: the provider should tell it again later.
    """
    row = session.scalars(
        select(MessageRow).where(_named(receipt)).with_for_update()
    ).one_or_none()
    if row is None:
        return None
    state = state_after_receipt(row.state, receipt.event, attempts=row.attempts)
    if state is None:
        return None
    new = not _told(session, row.id, receipt)
    if new:
        if state is not row.state:
            _move(row, state, now=now)
        session.flush()
        told = Note(
            message_id=row.id,
            customer_id=row.customer_id,
            state=state,
            receipt=receipt.event,
            details=_details(receipt),
        )
        note(session, [told], now=now)
    return Recorded(
        message_id=row.id,
        customer_id=row.customer_id,
        channel=row.channel,
        state=row.state,
        planned_at=row.planned_at,
        new=new,
    )


def _named(receipt: ProviderReceipt) -> ColumnElement[bool]:
    if receipt.handover_key is not None:
        return MessageRow.handover_key == receipt.handover_key
    if receipt.provider_ref is None:
        message = "a receipt names neither a hand-over key nor the provider's own name"
        raise ValueError(message)
    return (MessageRow.provider_ref == receipt.provider_ref) & (
        MessageRow.provider == receipt.provider
    )


def _told(session: Session, message_id: MessageID, receipt: ProviderReceipt) -> bool:
    same = exists().where(
        MessageEventRow.message_id == message_id,
        MessageEventRow.receipt == receipt.event,
    )
    if receipt.event not in ONCE:
        at = receipt.at.isoformat()
        same = same.where(MessageEventRow.details["told_at"].astext == at)
    return bool(session.scalar(select(same)))


def _move(row: MessageRow, state: MessageState, *, now: datetime) -> None:
    row.state = state
    row.finished_at = row.finished_at or now
    row.lease_until = None
    row.ask_at = None
    row.reason = None
    row.fall_back_at = now if state is MessageState.BOUNCED else None


def _details(receipt: ProviderReceipt) -> Details:
    details: Details = {
        "provider": receipt.provider,
        "told_at": receipt.at.isoformat(),
    }
    if receipt.detail is not None:
        details["answer"] = receipt.detail[:_LONGEST_DETAIL]
    if receipt.hard:
        details["hard"] = True
    return details
