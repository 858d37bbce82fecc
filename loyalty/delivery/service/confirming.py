"""Asking a customer to show, from the address itself, that it is theirs.

One message with a link (mail) or a code (text message, and mail too, for whoever stands
at the till). It proves the address and, where a yes to offers waits for it, makes that
yes count. Nobody is reminded: who wants another message asks for one.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from loyalty.core.errors import Invalid
from loyalty.core.texts import gettext as _
from loyalty.customers.render import WORDING_VERSION, consent_wording
from loyalty.customers.service.codes import make_code
from loyalty.customers.service.consents import state_consent
from loyalty.customers.values import (
    CHANNEL_CONTACT,
    Channel,
    Consent,
    Contact,
    Profile,
    Purpose,
    Speaker,
)
from loyalty.delivery.render import confirm_parameters
from loyalty.delivery.service.planning import plan_message
from loyalty.delivery.values import DeliveryPolicy, MessageKind, NewMessage
from loyalty.stores.queries import get_programme

Asked = tuple[int, str]
"""A statement that waits for its confirmation, and its wording."""

CONFIRMED_BY_MESSAGE = (Channel.EMAIL, Channel.SMS)
"""The channels whose addresses somebody types, and may mistype."""


def used_contact(profile: Profile, channel: Channel) -> Contact | None:
    """Return the address that messages on a channel go to: verified ones first."""
    kind = CHANNEL_CONTACT[channel]
    working = [
        contact
        for contact in profile.contacts
        if contact.kind is kind
        and contact.suppressed_at is None
        and not (contact.landline and channel is Channel.SMS)
    ]
    return min(working, key=lambda one: (one.verified_at is None, one.id), default=None)


def ask_for_offers(
    session: Session,
    *,
    profile: Profile,
    channel: Channel,
    speaker: Speaker,
    policy: DeliveryPolicy,
    now: datetime,
) -> None:
    """
    Note that the customer wants offers on a channel, and have it confirmed from there.

    :raises Invalid: if there is no address to confirm it from
    :raises TooManyCodes: if the address got three such messages today
    """
    contact = used_contact(profile, channel)
    if contact is None:
        message = _("There is no address that could confirm it: add one first.")
        raise Invalid.field(pointer="/marketing", message=message, code="no_address")
    asked = Consent(
        purpose=Purpose.MARKETING,
        channel=channel,
        given=False,
        asked=True,
        contact_id=contact.id,
        wording=consent_wording(Purpose.MARKETING, channel, profile.language),
        wording_version=WORDING_VERSION,
        source=speaker.source,
        actor=speaker.actor,
        at=now,
    )
    statement = state_consent(session, customer_id=profile.id, consent=asked)
    send_confirmation(
        session,
        profile=profile,
        contact=contact,
        asked=(statement, asked.wording),
        policy=policy,
        now=now,
    )


def send_confirmation(
    session: Session,
    *,
    profile: Profile,
    contact: Contact,
    asked: Asked | None = None,
    policy: DeliveryPolicy,
    now: datetime,
) -> None:
    """
    Send the message that confirms an address, to that address and no other.

    :param asked: the statement that waits for it, and its wording
    :raises Invalid: if addresses of this kind are not confirmed by a message
    :raises TooManyCodes: if the address got three such messages today
    """
    channel = next(
        (one for one in CONFIRMED_BY_MESSAGE if CHANNEL_CONTACT[one] is contact.kind),
        None,
    )
    if channel is None:
        message = _("Such an address is not confirmed by a message.")
        raise Invalid.field(pointer="/contact", message=message, code="no_message")
    code = make_code(
        session,
        customer_id=profile.id,
        contact_id=contact.id,
        consent_id=asked and asked[0],
        now=now,
    )
    plan_message(
        session,
        message=NewMessage(
            customer_id=profile.id,
            kind=MessageKind.SERVICE,
            template="confirm",
            parameters=confirm_parameters(
                shop=get_programme(session).name,
                contact_id=contact.id,
                channel=channel,
                nonce=code.nonce,
                asked=asked,
            ),
            subject="event:confirm",
            occasion=f"code:{code.id}",
            not_after=code.expires_at,
        ),
        policy=policy,
        now=now,
    )
