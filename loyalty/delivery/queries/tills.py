"""What waits at the till for a customer's next visit, and what a receipt told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from loyalty.core.errors import NotFound
from loyalty.core.texts import use_language
from loyalty.customers.queries import records_of
from loyalty.customers.values import Channel, CustomerID
from loyalty.delivery.models import MessageEventRow, MessageRow
from loyalty.delivery.queries.own_words import own_words
from loyalty.delivery.render import Filling, write
from loyalty.delivery.render.letters import as_brief
from loyalty.delivery.values import MessageID, MessageState, ReceiptEvent

_MOST = 5
"""So many messages are told at one visit, the oldest first; the rest wait."""


class TillMessageNotFound(NotFound):
    """No such message waits at the till for this customer."""

    code = "till_message_not_found"


@dataclass(frozen=True, kw_only=True, slots=True)
class TillMessage:
    """A message to be said or printed, in the customer's language."""

    id: MessageID
    key: str
    """By which it is told to have been said."""

    text: str
    offer_id: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Reader:
    """In which language, and on which clock, a message is told."""

    language: str
    zone: str


def waiting_at_till(
    session: Session,
    *,
    customer_id: CustomerID,
    reader: Reader,
    now: datetime,
) -> tuple[TillMessage, ...]:
    """Return what should be told at this visit, the oldest first."""
    rows = (
        select(MessageRow)
        .where(
            MessageRow.customer_id.in_(records_of(session, customer_id=customer_id)),
            MessageRow.channel == Channel.TILL,
            MessageRow.state == MessageState.SENT,
            or_(MessageRow.not_after.is_(None), MessageRow.not_after > now),
        )
        .order_by(MessageRow.id)
        .limit(_MOST)
    )
    return _told(session, session.scalars(rows).all(), reader=reader, now=now)


def printed_on_receipt(
    session: Session,
    *,
    customer_id: CustomerID,
    reader: Reader,
    at: datetime,
) -> tuple[TillMessage, ...]:
    """Return what the receipt of a purchase told, by the moment of the purchase."""
    told = exists().where(
        MessageEventRow.message_id == MessageRow.id,
        MessageEventRow.receipt == ReceiptEvent.DELIVERED,
        MessageEventRow.details["told_at"].astext == at.isoformat(),
    )
    rows = (
        select(MessageRow)
        .where(
            MessageRow.customer_id.in_(records_of(session, customer_id=customer_id)),
            MessageRow.channel == Channel.TILL,
            MessageRow.state == MessageState.DELIVERED,
            told,
        )
        .order_by(MessageRow.id)
        .limit(_MOST)
    )
    return _told(session, session.scalars(rows).all(), reader=reader, now=at)


def _told(
    session: Session, rows: Sequence[MessageRow], *, reader: Reader, now: datetime
) -> tuple[TillMessage, ...]:
    wanted = [(row.customer_id, row.template) for row in rows]
    words = own_words(session, wanted=wanted, now=now)
    with use_language(reader.language):
        return tuple(
            TillMessage(
                id=row.id,
                key=row.handover_key,
                text=as_brief(
                    write(
                        row.template,
                        Filling(
                            parameters=row.parameters,
                            zone=reader.zone,
                            channel=row.channel,
                            words=words.get((row.customer_id, row.template)),
                        ),
                    )
                ),
                offer_id=row.offer_id,
            )
            for row in rows
        )
