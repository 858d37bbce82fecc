"""Reading the links that messages carry."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from loyalty.core.links import LinkInvalid, read_link, read_short
from loyalty.core.vault import Vault, vault_of
from loyalty.customers.values import Channel, CustomerID
from loyalty.delivery.models import MessageRow
from loyalty.delivery.render import (
    OFFER_PURPOSE,
    OPENED_PURPOSE,
    UNSUBSCRIBE_PURPOSE,
)
from loyalty.delivery.values import MessageID


@dataclass(frozen=True, kw_only=True, slots=True)
class OfferLink:
    """What ``/o/<token>`` opens: one offer of one customer, nothing else."""

    customer_id: CustomerID
    offer_id: int
    message: "LinkedMessage"


@dataclass(frozen=True, kw_only=True, slots=True)
class LinkedMessage:
    """The message that carried a link."""

    id: MessageID
    customer_id: CustomerID
    handover_key: str
    sent_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class UnsubscribeLink:
    """What ``/u/<token>`` ends: marketing to one customer on one channel."""

    customer_id: CustomerID
    channel: Channel
    message_id: MessageID


def read_offer_link(session: Session, *, token: str, now: datetime) -> OfferLink:
    """
    Return what an offer link opens.

    The link names a message and nothing else: where it leads is read here, so that
    nobody can make one lead elsewhere.

    :raises LinkInvalid: if it is none of ours
    :raises LinkExpired: if the offer's time is over
    """
    row = _message(session, read_short(vault_of(session), OFFER_PURPOSE, token, now))
    if row.offer_id is None:
        message = "This link leads to no offer."
        raise LinkInvalid(message)
    return OfferLink(
        customer_id=row.customer_id, offer_id=row.offer_id, message=_linked(row)
    )


def read_opened_link(session: Session, *, token: str, now: datetime) -> LinkedMessage:
    """
    Return the message whose picture was asked for.

    :raises LinkInvalid: if it is none of ours
    :raises LinkExpired: if its time is over
    """
    number = read_short(vault_of(session), OPENED_PURPOSE, token, now)
    return _linked(_message(session, number))


def read_unsubscribe_link(
    session: Session, *, token: str, now: datetime
) -> UnsubscribeLink:
    """
    Return what an unsubscribe link ends; reading it changes nothing.

    :raises LinkInvalid: if it is none of ours
    :raises LinkExpired: after a year
    """
    vault = vault_of(session)
    short = _read_short_opt_out(vault, token, now)
    if short is not None:
        channel, number = short
        row = _message(session, number)
        return UnsubscribeLink(
            customer_id=row.customer_id, channel=channel, message_id=row.id
        )
    values = read_link(vault, UNSUBSCRIBE_PURPOSE, token, now)
    named = values["h"]
    if named not in set(Channel):
        message = "This link is for a channel that is no more."
        raise LinkInvalid(message)
    return UnsubscribeLink(
        customer_id=CustomerID(int(values["c"])),
        channel=Channel(named),
        message_id=MessageID(int(values["m"])),
    )


def _read_short_opt_out(
    vault: Vault, token: str, now: datetime
) -> tuple[Channel, int] | None:
    """Return the channel whose key proves a short token; a mail's is a long one."""
    for channel in Channel:
        try:
            purpose = f"{UNSUBSCRIBE_PURPOSE} {channel}"
            return channel, read_short(vault, purpose, token, now)
        except LinkInvalid:
            continue
    return None


def _message(session: Session, number: int) -> MessageRow:
    row = session.scalar(select(MessageRow).where(MessageRow.id == number))
    if row is None:
        message = "The message that this link was in is gone."
        raise LinkInvalid(message)
    return row


def _linked(row: MessageRow) -> LinkedMessage:
    return LinkedMessage(
        id=row.id,
        customer_id=row.customer_id,
        handover_key=row.handover_key,
        sent_at=row.finished_at,
    )
