"""Reading the links that messages carry."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from loyalty.core.links import LinkInvalid, read_link
from loyalty.core.vault import vault_of
from loyalty.customers.values import Channel, CustomerID
from loyalty.delivery.render import OFFER_PURPOSE, UNSUBSCRIBE_PURPOSE
from loyalty.delivery.values import MessageID


@dataclass(frozen=True, kw_only=True, slots=True)
class OfferLink:
    """What ``/o/<token>`` opens: one offer of one customer, nothing else."""

    customer_id: CustomerID
    offer_id: int
    message_id: MessageID


@dataclass(frozen=True, kw_only=True, slots=True)
class UnsubscribeLink:
    """What ``/u/<token>`` ends: marketing to one customer on one channel."""

    customer_id: CustomerID
    channel: Channel
    message_id: MessageID


def read_offer_link(session: Session, *, token: str, now: datetime) -> OfferLink:
    """
    Return what an offer link opens.

    :raises LinkInvalid: if it is none of ours
    :raises LinkExpired: if the offer's time is over
    """
    values = read_link(vault_of(session), OFFER_PURPOSE, token, now)
    return OfferLink(
        customer_id=CustomerID(int(values["c"])),
        offer_id=int(values["o"]),
        message_id=MessageID(int(values["m"])),
    )


def read_unsubscribe_link(
    session: Session, *, token: str, now: datetime
) -> UnsubscribeLink:
    """
    Return what an unsubscribe link ends; reading it changes nothing.

    :raises LinkInvalid: if it is none of ours
    :raises LinkExpired: after a year
    """
    values = read_link(vault_of(session), UNSUBSCRIBE_PURPOSE, token, now)
    channel = values["h"]
    if channel not in set(Channel):
        message = "This link is for a channel that is no more."
        raise LinkInvalid(message)
    return UnsubscribeLink(
        customer_id=CustomerID(int(values["c"])),
        channel=Channel(channel),
        message_id=MessageID(int(values["m"])),
    )
