"""Messages as support and customers see them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from loyalty.core.errors import NotFound
from loyalty.core.paging import Page, page_of
from loyalty.core.texts import use_language
from loyalty.customers.queries import records_of
from loyalty.customers.values import Channel, CustomerID
from loyalty.delivery.models import MessageEventRow, MessageRow
from loyalty.delivery.queries.own_words import own_words
from loyalty.delivery.render import Filling, Letter, write
from loyalty.delivery.values import (
    WENT_OUT,
    Details,
    MessageID,
    MessageKind,
    MessageState,
    OwnWords,
    Reason,
    ReceiptEvent,
)

_INBOX_PAGE = 20


class MessageNotFound(NotFound):
    """There is no such message, or it is another customer's."""

    code = "message_not_found"


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """A message as a line in a list."""

    id: MessageID
    customer_id: CustomerID
    kind: MessageKind
    channel: Channel | None
    template: str
    subject: str
    """What it is about, as ``offer:12``."""

    offer_id: int | None
    campaign_id: int | None
    state: MessageState
    due_at: datetime
    planned_at: datetime
    finished_at: datetime | None
    attempts: int
    reason: Reason | None
    failure: str | None
    planned_why: Details
    not_after: datetime | None = None
    provider: str | None = None
    parts: int | None = None
    cost: int | None = None
    """In millionths of the currency's unit."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """One thing that happened to a message."""

    message_id: MessageID
    at: datetime
    state: MessageState
    reason: Reason | None
    details: Details
    receipt: ReceiptEvent | None = None
    """What came back, where that is what happened."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Story:
    """A message and all that happened to it, the oldest first."""

    delivery: Delivery
    events: tuple[Event, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class InboxItem:
    """A message on the customer's page."""

    id: MessageID
    at: datetime
    channel: Channel | None
    offer_id: int | None
    letter: Letter


@dataclass(frozen=True, kw_only=True, slots=True)
class Filter:
    """Which deliveries; None and empty mean any."""

    states: Collection[MessageState] = ()
    channel: Channel | None = None
    kind: MessageKind | None = None
    customer_id: CustomerID | None = None
    campaign_id: int | None = None
    offer_id: int | None = None


def story(session: Session, *, message_id: MessageID) -> Story:
    """
    Return what happened to a message.

    :raises MessageNotFound: if there is none
    """
    row = session.get(MessageRow, message_id)
    if row is None:
        message = f"There is no message {message_id}."
        raise MessageNotFound(message)
    events = select(MessageEventRow).where(MessageEventRow.message_id == message_id)
    return Story(delivery=delivery_of(row), events=_events(session, events))


def timeline(
    session: Session, *, customer_id: CustomerID, at_most: int = 100
) -> tuple[Story, ...]:
    """Return a customer's messages with their events, the newest first."""
    records = records_of(session, customer_id=customer_id)
    rows = session.scalars(
        select(MessageRow)
        .where(MessageRow.customer_id.in_(records))
        .order_by(MessageRow.id.desc())
        .limit(at_most)
    ).all()
    ids = [row.id for row in rows]
    events = _events(
        session, select(MessageEventRow).where(MessageEventRow.message_id.in_(ids))
    )
    return tuple(
        Story(
            delivery=delivery_of(row),
            events=tuple(event for event in events if event.message_id == row.id),
        )
        for row in rows
    )


def list_deliveries(
    session: Session,
    *,
    wanted: Filter,
    cursor: str | None = None,
    size: int = 50,
) -> Page[Delivery]:
    """Return deliveries, the newest plan first."""
    rows = select(MessageRow).order_by(MessageRow.id.desc()).limit(size + 1)
    if cursor is not None and cursor.isascii() and cursor.isdigit():
        rows = rows.where(MessageRow.id < int(cursor))
    for column, value in _conditions(wanted).items():
        rows = rows.where(getattr(MessageRow, column) == value)
    if wanted.states:
        rows = rows.where(MessageRow.state.in_(wanted.states))
    items = [delivery_of(row) for row in session.scalars(rows)]
    return page_of(items, size=size, cursor=lambda item: str(item.id))


def count_by_state(session: Session, *, wanted: Filter) -> dict[MessageState, int]:
    """Return how many deliveries are in each state; absent ones have none."""
    counts = select(MessageRow.state, func.count()).group_by(MessageRow.state)
    for column, value in _conditions(wanted).items():
        counts = counts.where(getattr(MessageRow, column) == value)
    if wanted.states:
        counts = counts.where(MessageRow.state.in_(wanted.states))
    return dict(session.execute(counts).all())


def inbox(
    session: Session,
    *,
    customer_id: CustomerID,
    language: str,
    zone: str,
    now: datetime,
    cursor: str | None = None,
) -> Page[InboxItem]:
    """Return what was sent to a customer on any channel, the newest first."""
    records = records_of(session, customer_id=customer_id)
    rows = (
        select(MessageRow)
        .where(
            MessageRow.customer_id.in_(records),
            MessageRow.state.in_(WENT_OUT | {MessageState.UNKNOWN}),
        )
        .order_by(MessageRow.id.desc())
        .limit(_INBOX_PAGE + 1)
    )
    if cursor is not None and cursor.isascii() and cursor.isdigit():
        rows = rows.where(MessageRow.id < int(cursor))
    found = session.scalars(rows).all()
    wanted = [(row.customer_id, row.template) for row in found]
    words = own_words(session, wanted=wanted, now=now)
    with use_language(language):
        items = [_item(row, zone, words) for row in found]
    return page_of(items, size=_INBOX_PAGE, cursor=lambda item: str(item.id))


def _conditions(wanted: Filter) -> dict[str, object]:
    names = ("channel", "kind", "customer_id", "campaign_id", "offer_id")
    values = {name: getattr(wanted, name) for name in names}
    return {name: value for name, value in values.items() if value is not None}


def _events(session: Session, events: Select[MessageEventRow]) -> tuple[Event, ...]:
    return tuple(
        Event(
            message_id=row.message_id,
            at=row.at,
            state=row.state,
            reason=row.reason,
            details=row.details,
            receipt=row.receipt,
        )
        for row in session.scalars(events.order_by(MessageEventRow.id))
    )


def delivery_of(row: MessageRow) -> Delivery:
    """Return a row as a line in a list."""
    return Delivery(
        id=row.id,
        customer_id=row.customer_id,
        kind=row.kind,
        channel=row.channel,
        template=row.template,
        subject=row.subject,
        offer_id=row.offer_id,
        campaign_id=row.campaign_id,
        state=row.state,
        due_at=row.due_at,
        planned_at=row.planned_at,
        finished_at=row.finished_at,
        attempts=row.attempts,
        reason=row.reason,
        failure=row.failure,
        planned_why=row.planned_why,
        not_after=row.not_after,
        provider=row.provider,
        parts=row.parts,
        cost=row.cost,
    )


def _item(
    row: MessageRow, zone: str, words: Mapping[tuple[CustomerID, str], OwnWords]
) -> InboxItem:
    filling = Filling(
        parameters=row.parameters,
        zone=zone,
        channel=Channel.INBOX,
        words=words.get((row.customer_id, row.template)),
    )
    return InboxItem(
        id=row.id,
        at=row.finished_at or row.due_at,
        channel=row.channel,
        offer_id=row.offer_id,
        letter=write(row.template, filling),
    )
