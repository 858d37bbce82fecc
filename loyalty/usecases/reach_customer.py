"""A customer opens, or closes, a way to be reached: browser, Telegram, post.

Opening one is a yes to offers there: the page shows the sentence beside the button, and
a dated statement keeps it. Closing one takes the yes back.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from loyalty.core.errors import Invalid
from loyalty.core.texts import gettext as _
from loyalty.customers import queries
from loyalty.customers.render import WORDING_VERSION, consent_wording
from loyalty.customers.rules import Address
from loyalty.customers.service.consents import state_consent
from loyalty.customers.service.preferences import set_channels
from loyalty.customers.service.ways import connect_way, disconnect_way
from loyalty.customers.values import (
    CHANNEL_CONTACT,
    Channel,
    Consent,
    CustomerID,
    Profile,
    Purpose,
    Speaker,
)

MOST_LINES: Final = 6
_LONGEST_LINE: Final = 60


def open_way(
    session: Session,
    *,
    customer_id: CustomerID,
    channel: Channel,
    address: str,
    speaker: Speaker,
    now: datetime,
) -> None:
    """
    Reach a customer by this channel from now on, at this address.

    :param address: in the form that the channel takes; checked by the caller
    :raises CustomerNotFound: if there is no such customer
    """
    kind = CHANNEL_CONTACT[channel]
    if kind is None:
        message = f"{channel} needs no address"
        raise ValueError(message)
    connect_way(
        session,
        customer_id=customer_id,
        address=Address(kind=kind, value=address),
        now=now,
    )
    agree(session, customer_id=customer_id, channel=channel, speaker=speaker, now=now)


def agree(
    session: Session,
    *,
    customer_id: CustomerID,
    channel: Channel,
    speaker: Speaker,
    now: datetime,
) -> None:
    """
    Put a channel first in the customer's order, with a yes to offers there.

    Until there is an address for it, messages go by the next.

    :raises CustomerNotFound: if there is no such customer
    """
    profile = queries.get_profile(session, customer_id=customer_id)
    order = profile.preferences.channels
    if channel not in order:
        set_channels(session, customer_id=customer_id, channels=(channel, *order))
    if channel not in profile.marketing_channels:
        _state(session, profile, channel, speaker, given=True, now=now)


def close_way(
    session: Session,
    *,
    customer_id: CustomerID,
    channel: Channel,
    speaker: Speaker,
    now: datetime,
) -> None:
    """
    Forget the address and take the yes to offers back; twice does no harm.

    :raises CustomerNotFound: if there is no such customer
    """
    kind = CHANNEL_CONTACT[channel]
    profile = queries.get_profile(session, customer_id=customer_id)
    if kind is not None:
        disconnect_way(session, customer_id=customer_id, kind=kind)
    if channel in profile.marketing_channels:
        _state(session, profile, channel, speaker, given=False, now=now)


def read_postal_address(lines: Sequence[str], *, pointer: str = "/address") -> str:
    """
    Return a postal address as letters take it.

    :raises Invalid: if it has too few lines, too many or too long ones
    """
    found = [" ".join(line.split()) for line in lines if line.strip()]
    short = len(found) < 2  # noqa: PLR2004  # a name and a place at least
    if short or len(found) > MOST_LINES:
        message = _("Write the name and the address in 2 to %(n)s lines.", n=MOST_LINES)
        raise Invalid.field(pointer=pointer, message=message, code="address_lines")
    if any(len(line) > _LONGEST_LINE or not line.isprintable() for line in found):
        message = _("A line may have %(n)s letters at most.", n=_LONGEST_LINE)
        raise Invalid.field(pointer=pointer, message=message, code="address_long")
    return "\n".join(found)


def _state(
    session: Session,
    profile: Profile,
    channel: Channel,
    speaker: Speaker,
    *,
    given: bool,
    now: datetime,
) -> None:
    said = Consent(
        purpose=Purpose.MARKETING,
        channel=channel,
        given=given,
        wording=consent_wording(Purpose.MARKETING, channel, profile.language),
        wording_version=WORDING_VERSION,
        source=speaker.source,
        actor=speaker.actor,
        at=now,
    )
    state_consent(session, customer_id=profile.id, consent=said)
