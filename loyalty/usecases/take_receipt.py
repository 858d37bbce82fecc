"""Something came back about a message: write it up, and spare the address."""

from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from loyalty.core.errors import Invalid
from loyalty.core.vault import vault_of
from loyalty.customers.queries import contact_that_got, get_profile, standing_record
from loyalty.customers.render import WORDING_VERSION, consent_wording
from loyalty.customers.rules import parse_address
from loyalty.customers.service.consents import state_consent
from loyalty.customers.service.suppression import (
    count_soft_bounce,
    forget_soft_bounces,
    suppress,
)
from loyalty.customers.values import (
    CHANNEL_CONTACT,
    Channel,
    Consent,
    ContactID,
    Purpose,
    Suppression,
)
from loyalty.delivery.service import record_receipt
from loyalty.delivery.service.receipts import Recorded
from loyalty.delivery.values import ProviderReceipt, ReceiptEvent

_ARRIVED: Final = (
    ReceiptEvent.DELIVERED,
    ReceiptEvent.OPENED,
    ReceiptEvent.CLICKED,
)


def take_receipt(
    session: Session,
    *,
    receipt: ProviderReceipt,
    address: str | None = None,
    now: datetime,
) -> Recorded | None:
    """
    Write up what came back; a repetition changes nothing.

    An address where nothing arrives, that returned three messages, or whose owner
    complained is not used again; a complaint also withdraws the consent.

    :param address: whom the provider names; None: whoever the message went to
    :returns: None if no message is known by that name
    """
    recorded = record_receipt(session, receipt=receipt, now=now)
    if recorded is None or not recorded.new or recorded.channel is None:
        return recorded
    contact_id = _contact(session, recorded, address)
    actor = f"provider:{receipt.provider}"
    if receipt.event is ReceiptEvent.COMPLAINED:
        _withdraw(session, recorded, actor=actor, now=now)
    if contact_id is None:
        return recorded
    if receipt.event in _ARRIVED:
        forget_soft_bounces(session, contact_id=contact_id)
    elif receipt.event is ReceiptEvent.BOUNCED and not receipt.hard:
        count_soft_bounce(session, contact_id=contact_id, actor=actor, now=now)
    else:
        complained = receipt.event is ReceiptEvent.COMPLAINED
        why = Suppression.COMPLAINED if complained else Suppression.BOUNCED
        suppress(session, contact_id=contact_id, why=why, actor=actor, now=now)
    return recorded


def _contact(
    session: Session, recorded: Recorded, address: str | None
) -> ContactID | None:
    kind = CHANNEL_CONTACT[recorded.channel] if recorded.channel else None
    if kind is None:
        return None
    lookup = None
    if address is not None:
        try:
            parsed = parse_address(address, region="ZZ")
        except Invalid:
            parsed = None
        if parsed is not None:
            lookup = vault_of(session).blind_index(parsed.kind, parsed.value)
    return contact_that_got(
        session,
        customer_id=recorded.customer_id,
        kind=kind,
        planned_at=recorded.planned_at,
        lookup=lookup,
    )


def _withdraw(
    session: Session, recorded: Recorded, *, actor: str, now: datetime
) -> None:
    """Whoever says "spam" wants no more offers there, even if we asked politely."""
    customer_id = standing_record(session, customer_id=recorded.customer_id)
    profile = get_profile(session, customer_id=customer_id)
    channel = recorded.channel or Channel.INBOX
    if channel not in profile.marketing_channels:
        return
    wording = consent_wording(Purpose.MARKETING, channel, profile.language)
    withdrawn = Consent(
        purpose=Purpose.MARKETING,
        channel=channel,
        given=False,
        wording=wording,
        wording_version=WORDING_VERSION,
        source="complaint",
        actor=actor,
        at=now,
    )
    state_consent(session, customer_id=customer_id, consent=withdrawn)
