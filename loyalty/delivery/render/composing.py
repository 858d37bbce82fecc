"""Templates, and what a claimed message becomes for its hand-over."""

from dataclasses import replace
from datetime import datetime, timedelta

from loyalty.core.links import sign_link, sign_short
from loyalty.core.texts import gettext as _
from loyalty.core.texts import use_language
from loyalty.core.vault import Vault
from loyalty.customers.values import Channel, ContactID
from loyalty.delivery.render.builtin import TEMPLATES, Filling, hello
from loyalty.delivery.render.confirming import code_of, confirm_token
from loyalty.delivery.render.letters import Letter, as_brief, as_html, as_text
from loyalty.delivery.render.own import own_letter
from loyalty.delivery.values import (
    ONLY,
    Claimed,
    MessageID,
    MessageKind,
    OutgoingMessage,
    Person,
)
from loyalty.templates.values import is_own

OFFER_PURPOSE = "offer"
OPENED_PURPOSE = "opened"
UNSUBSCRIBE_PURPOSE = "unsubscribe"
_UNSUBSCRIBE_LASTS = timedelta(days=365)
_OFFER_LASTS = timedelta(days=30)


def compose_wallet_link(
    person: Person, *, shop: str, url: str, language: str, handover_key: str
) -> OutgoingMessage:
    """Render the mail with the link that opens the customer's pages once."""
    with use_language(language):
        letter = Letter(
            subject=_("%(shop)s: your link", shop=shop),
            paragraphs=(
                hello(person.first_name),
                _("This link opens your card. It works once, for ten minutes."),
            ),
            button=_("Open your card"),
            url=url,
            small_print=(
                _("You did not ask for it? Then somebody mistyped their address."),
            ),
        )
        return OutgoingMessage(
            id=MessageID(0),
            kind=MessageKind.SERVICE,
            address=person.addresses.get(Channel.EMAIL),
            subject=letter.subject,
            text=as_text(letter),
            html=as_html(letter),
            language=language,
            handover_key=handover_key,
            brief=as_brief(letter),
            url=letter.url,
        )


def write(template: str, filling: Filling) -> Letter:
    """
    Write a letter in the language in use: a built-in template or a marketer's own.

    The terms in full and the sender's address are appended to either.

    :raises KeyError: if there is no such template
    :raises WordsFail: if a marketer's words can't be filled in
    """
    if is_own(template):
        if filling.words is None:
            raise KeyError(template)
        letter = own_letter(filling.words, filling)
    else:
        letter = TEMPLATES[template](filling)
    small = list(letter.small_print)
    terms = filling.text("terms")
    if terms:
        small.insert(0, _("Terms: %(terms)s", terms=terms))
    if filling.sender:
        shop = filling.text("shop")
        small.append(", ".join(part for part in (shop, filling.sender) if part))
    return replace(letter, small_print=tuple(small), has_terms=bool(terms))


def compose(
    claim: Claimed,
    person: Person,
    *,
    vault: Vault,
    public_url: str,
    now: datetime,
) -> OutgoingMessage:
    """Render a claimed message for its hand-over, in the customer's language."""
    marketing = claim.kind is MessageKind.MARKETING
    unsubscribe = _unsubscribe_url(claim, vault, public_url, now) if marketing else None
    tracked = marketing and person.measured
    filling = Filling(
        parameters=claim.parameters,
        first_name=person.first_name,
        zone=person.zone,
        url=_button_url(claim, vault, public_url, now),
        channel=claim.channel,
        words=claim.words,
        sender=claim.sender,
        code=code_of(vault, claim.parameters),
    )
    with use_language(claim.language):
        letter = write(claim.template, filling)
        return OutgoingMessage(
            id=claim.id,
            kind=claim.kind,
            address=_address(claim, person),
            subject=letter.subject,
            text=as_text(letter, unsubscribe_url=unsubscribe, channel=claim.channel),
            html=as_html(
                letter,
                unsubscribe_url=unsubscribe,
                channel=claim.channel,
                opened_url=_opened_url(claim, vault, public_url, now)
                if tracked
                else None,
            ),
            language=claim.language,
            handover_key=claim.handover_key,
            unsubscribe_url=unsubscribe,
            customer_id=claim.customer_id,
            brief=""
            if claim.channel is Channel.EMAIL  # which shows the letter itself
            else as_brief(letter, link_shown=claim.channel is not Channel.PUSH),
            url=letter.url,
            tracked=tracked,
        )


def _address(claim: Claimed, person: Person) -> str | None:
    """Return the address it goes to: what confirms one goes there and nowhere else."""
    contact_id = claim.parameters.get("confirm")
    if ONLY in claim.parameters and isinstance(contact_id, int):
        return person.contacts.get(ContactID(contact_id))
    return person.addresses.get(claim.channel)


def _button_url(
    claim: Claimed, vault: Vault, public_url: str, now: datetime
) -> str | None:
    if claim.offer_id is not None:
        ends = claim.not_after or now + _OFFER_LASTS
        return f"{public_url}/o/{sign_short(vault, OFFER_PURPOSE, claim.id, ends)}"
    contact_id = claim.parameters.get("confirm")
    if claim.channel is Channel.EMAIL and isinstance(contact_id, int):
        statement = claim.parameters.get("statement")
        token = confirm_token(
            vault,
            customer_id=claim.customer_id,
            contact_id=ContactID(contact_id),
            statement=statement if isinstance(statement, int) else None,
            now=now,
        )
        return f"{public_url}/v/{token}"
    path = claim.parameters.get("path")
    return f"{public_url}{path}" if isinstance(path, str) else None


def _opened_url(claim: Claimed, vault: Vault, public_url: str, now: datetime) -> str:
    token = sign_short(vault, OPENED_PURPOSE, claim.id, now + _OFFER_LASTS)
    return f"{public_url}/o/{token}.gif"


def _unsubscribe_url(
    claim: Claimed, vault: Vault, public_url: str, now: datetime
) -> str:
    ends = now + _UNSUBSCRIBE_LASTS
    if claim.channel is not Channel.EMAIL:
        purpose = f"{UNSUBSCRIBE_PURPOSE} {claim.channel}"
        return f"{public_url}/u/{sign_short(vault, purpose, claim.id, ends)}"
    payload: dict[str, int | str] = {
        "c": claim.customer_id,
        "h": claim.channel.value,
        "m": claim.id,
    }
    return f"{public_url}/u/{sign_link(vault, UNSUBSCRIBE_PURPOSE, payload, ends)}"
