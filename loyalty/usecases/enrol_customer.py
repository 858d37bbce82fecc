"""Enrolling a customer at the till: one field, a phone number or an e-mail address."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from loyalty.cards import queries as cards
from loyalty.cards.rules import grouped
from loyalty.cards.service import issue_card
from loyalty.cards.values import Card
from loyalty.core.errors import Invalid
from loyalty.core.texts import LANGUAGES
from loyalty.customers import queries as customers
from loyalty.customers.render import WORDING_VERSION, consent_wording
from loyalty.customers.rules import Address, parse_address
from loyalty.customers.service.consents import state_consent
from loyalty.customers.service.people import (
    AddressTaken,
    Person,
    add_contact,
    add_customer,
)
from loyalty.customers.service.preferences import set_channels
from loyalty.customers.values import (
    Channel,
    Consent,
    ContactID,
    ContactKind,
    CustomerID,
    Profile,
    Purpose,
)
from loyalty.delivery.render import welcome_parameters
from loyalty.delivery.service import plan_message
from loyalty.delivery.service.confirming import Asked, send_confirmation
from loyalty.delivery.values import DeliveryPolicy, MessageKind, NewMessage
from loyalty.stores.queries import get_programme
from loyalty.stores.values import Programme, Store
from loyalty.webhooks import service as webhooks
from loyalty.webhooks.values import EventType

_LONGEST_NAME = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class Enrolment:
    """What the cashier typed; only the contact is needed."""

    contact: str
    first_name: str = ""
    language: str = "en"
    personal_offers: bool = False
    """The customer said yes aloud to offers chosen from purchases."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Enrolled:
    """Who stands at the till now, and whether they were a member before."""

    profile: Profile
    card: Card
    already_member: bool
    landline: bool
    """The number can't get text messages: offer a printed card."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _New:
    """Somebody who is a member since a moment ago."""

    customer_id: CustomerID
    contact_id: ContactID
    channel: Channel | None


def enrol_customer(
    session: Session,
    *,
    enrolment: Enrolment,
    store: Store,
    policy: DeliveryPolicy,
    actor: str,
    now: datetime,
) -> Enrolled:
    """
    Make somebody a member, or find the member whose address it is.

    :raises Invalid: naming the field that can't be read
    """
    programme = get_programme(session)
    address = parse_address(enrolment.contact, region=programme.phone_region)
    _check(enrolment)
    known = customers.find_by_address(session, address=address)
    if known is not None:
        return _result(session, known, address, already_member=True)
    person = Person(
        language=enrolment.language,
        time_zone=store.time_zone.key,
        home_store=store.id,
        first_name=enrolment.first_name.strip() or None,
    )
    try:
        customer_id, contact_id = _add(session, person, address, actor=actor, now=now)
    except AddressTaken:
        # Another till enrolled the same person just now.
        known = customers.find_by_address(session, address=address)
        if known is None:
            raise
        return _result(session, known, address, already_member=True)
    card = issue_card(
        session,
        customer_id=customer_id,
        prefix=programme.card_prefix,
        actor=actor,
        now=now,
    )
    new = _New(
        customer_id=customer_id, contact_id=contact_id, channel=_channel_of(address)
    )
    set_channels(session, customer_id=customer_id, channels=_order(new.channel))
    _greet(session, new, (enrolment, card, actor), policy=policy, now=now)
    webhooks.record(
        session,
        EventType.CUSTOMER_ENROLLED,
        {"customer": customer_id, "store": store.code},
        now=now,
    )
    return _result(session, customer_id, address, already_member=False)


def _check(enrolment: Enrolment) -> None:
    if enrolment.language not in LANGUAGES:
        message = f"Choose one of {', '.join(LANGUAGES)}."
        raise Invalid.field(pointer="/language", message=message, code="unknown")
    if len(enrolment.first_name) > _LONGEST_NAME:
        message = f"A first name has at most {_LONGEST_NAME} characters."
        raise Invalid.field(pointer="/first_name", message=message, code="too_long")


def _add(
    session: Session, person: Person, address: Address, *, actor: str, now: datetime
) -> tuple[CustomerID, ContactID]:
    """Add the customer with the address, or neither if the address is taken."""
    with session.begin_nested():
        customer_id = add_customer(session, person=person, actor=actor, now=now)
        contact_id = add_contact(
            session, customer_id=customer_id, address=address, now=now
        )
    return customer_id, contact_id


def _channel_of(address: Address) -> Channel | None:
    if address.kind is ContactKind.EMAIL:
        return Channel.EMAIL
    return None if address.landline else Channel.SMS


def _order(channel: Channel | None) -> tuple[Channel, ...]:
    return (Channel.INBOX,) if channel is None else (channel, Channel.INBOX)


def _greet(
    session: Session,
    new: _New,
    said: tuple[Enrolment, Card, str],
    *,
    policy: DeliveryPolicy,
    now: datetime,
) -> None:
    """Write down what was agreed to, and send the welcome that confirms the address."""
    enrolment, card, actor = said
    asked = None
    if enrolment.personal_offers:
        asked = _agree(session, new, enrolment, actor=actor, now=now)
    welcome = _welcome(get_programme(session), new, card, asked)
    plan_message(session, message=welcome, policy=policy, now=now)
    if enrolment.personal_offers and new.channel is Channel.SMS:
        # A welcome by text message has no button: the number is proved by a code.
        profile = customers.get_profile(session, customer_id=new.customer_id)
        contact = profile.contact(ContactKind.PHONE)
        if contact is not None:
            send_confirmation(
                session,
                profile=profile,
                contact=contact,
                asked=asked,
                policy=policy,
                now=now,
            )


def _agree(
    session: Session, new: _New, enrolment: Enrolment, *, actor: str, now: datetime
) -> Asked | None:
    """Write down what was agreed to; return what the address has still to confirm."""
    asked = None
    confirmed = get_programme(session).double_opt_in
    said: list[tuple[Purpose, Channel | None]] = [(Purpose.PERSONALISATION, None)]
    said += [(Purpose.MARKETING, way) for way in _order(new.channel)]
    for purpose, way in said:
        waits = way is not None and way in confirmed
        consent = Consent(
            purpose=purpose,
            channel=way,
            given=not waits,
            asked=waits,
            contact_id=new.contact_id if waits else None,
            wording=consent_wording(purpose, way, enrolment.language),
            wording_version=WORDING_VERSION,
            source="till",
            actor=actor,
            at=now,
        )
        number = state_consent(session, customer_id=new.customer_id, consent=consent)
        asked = (number, consent.wording) if waits else asked
    return asked


def _welcome(
    programme: Programme, new: _New, card: Card, asked: Asked | None
) -> NewMessage:
    return NewMessage(
        customer_id=new.customer_id,
        kind=MessageKind.SERVICE,
        template="welcome",
        parameters=welcome_parameters(
            shop=programme.name,
            card_number=grouped(card.number),
            path="/wallet",
            contact_id=new.contact_id,
            asked=asked if new.channel is Channel.EMAIL else None,
        ),
        subject="event:enrolled",
    )


def _result(
    session: Session, customer_id: CustomerID, address: Address, *, already_member: bool
) -> Enrolled:
    return Enrolled(
        profile=customers.get_profile(session, customer_id=customer_id),
        card=cards.list_cards(session, customer_id=customer_id)[0],
        already_member=already_member,
        landline=address.landline,
    )
