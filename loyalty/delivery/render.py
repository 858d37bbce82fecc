"""The messages' words, once, as plain text and as HTML.

A template writes a :class:`Letter`; the text part, the HTML part and the customer's
inbox all show the same one. Personal values come in only when a message is handed
over or read, so that nothing of a person is stored with a planned message.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from zoneinfo import ZoneInfo

from loyalty.core.links import sign_link
from loyalty.core.texts import direction, format_datetime, use_language
from loyalty.core.texts import gettext as _
from loyalty.core.vault import Vault
from loyalty.customers.values import Channel, ContactID, CustomerID
from loyalty.delivery.values import (
    Claimed,
    Details,
    MessageID,
    MessageKind,
    OutgoingMessage,
    Person,
)

OFFER_PURPOSE = "offer"
UNSUBSCRIBE_PURPOSE = "unsubscribe"
CONFIRM_PURPOSE = "confirm"
_CONFIRM_LASTS = timedelta(days=7)
_UNSUBSCRIBE_LASTS = timedelta(days=365)
_OFFER_LASTS = timedelta(days=30)


@dataclass(frozen=True, kw_only=True, slots=True)
class Filling:
    """What a template fills in."""

    parameters: Details
    first_name: str | None = None
    zone: str = "UTC"
    url: str | None = None
    """Where the letter's button leads; None where the reader is there already."""

    def text(self, name: str) -> str:
        """Return a parameter as text; a missing one is empty."""
        value = self.parameters.get(name)
        return value if isinstance(value, str) else ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Letter:
    """A message's words, in the language in use."""

    subject: str
    paragraphs: tuple[str, ...]
    button: str | None = None
    url: str | None = None
    small_print: tuple[str, ...] = ()


def offer_parameters(
    *, shop: str, sentence: str, why: str, terms: str, valid_until: datetime
) -> Details:
    """
    Return what the ``offer`` template needs, in the customer's language.

    :param sentence: the promotion in one plain sentence
    :param why: why this customer gets it
    :param terms: the terms in full
    """
    return {
        "shop": shop,
        "sentence": sentence,
        "why": why,
        "terms": terms,
        "valid_until": valid_until.isoformat(),
    }


def welcome_parameters(
    *, shop: str, card_number: str, path: str, contact_id: ContactID | None = None
) -> Details:
    """
    Return what the ``welcome`` template needs.

    :param path: where the customer's page is, as ``/wallet``
    :param contact_id: the address that the mail's button confirms, if it does
    """
    parameters: Details = {"shop": shop, "card_number": card_number, "path": path}
    return parameters if contact_id is None else {**parameters, "confirm": contact_id}


def confirm_token(
    vault: Vault, *, customer_id: CustomerID, contact_id: ContactID, now: datetime
) -> str:
    """Return the token of a link that confirms an address to which it is sent."""
    payload = {"c": customer_id, "k": contact_id}
    return sign_link(vault, CONFIRM_PURPOSE, payload, now + _CONFIRM_LASTS)


def compose_wallet_link(
    person: Person, *, shop: str, url: str, language: str, handover_key: str
) -> OutgoingMessage:
    """Render the mail with the link that opens the customer's pages once."""
    with use_language(language):
        letter = Letter(
            subject=_("%(shop)s: your link", shop=shop),
            paragraphs=(
                _hello(person.first_name),
                _(
                    "Here is the link that you asked for. It works once, for ten minutes."
                ),
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
        )


def write(template: str, filling: Filling) -> Letter:
    """
    Write a letter in the language in use.

    :raises KeyError: if there is no such template
    """
    return TEMPLATES[template](filling)


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
    filling = Filling(
        parameters=claim.parameters,
        first_name=person.first_name,
        zone=person.zone,
        url=_button_url(claim, vault, public_url, now),
    )
    with use_language(claim.language):
        letter = write(claim.template, filling)
        return OutgoingMessage(
            id=claim.id,
            kind=claim.kind,
            address=person.addresses.get(claim.channel),
            subject=letter.subject,
            text=as_text(letter, unsubscribe_url=unsubscribe),
            html=as_html(letter, unsubscribe_url=unsubscribe),
            language=claim.language,
            handover_key=claim.handover_key,
            unsubscribe_url=unsubscribe,
        )


def as_text(letter: Letter, *, unsubscribe_url: str | None = None) -> str:
    """Return the letter as plain text."""
    parts = list(letter.paragraphs)
    if letter.button and letter.url:
        parts.append(f"{letter.button}:\n{letter.url}")
    parts += letter.small_print
    if unsubscribe_url:
        parts.append(f"{_('No more offers by e-mail')}:\n{unsubscribe_url}")
    return "\n\n".join(parts) + "\n"


def as_html(letter: Letter, *, unsubscribe_url: str | None = None) -> str:
    """Return the letter as a small HTML document with inline styles only."""
    body = [
        f'<p style="{_STYLES["p"]}">{escape(text)}</p>' for text in letter.paragraphs
    ]
    if letter.button and letter.url:
        link = f'<a href="{escape(letter.url)}" style="{_STYLES["button"]}">'
        body.append(f"<p>{link}{escape(letter.button)}</a></p>")
    small = [escape(text) for text in letter.small_print]
    if unsubscribe_url:
        words = escape(_("No more offers by e-mail"))
        small.append(f'<a href="{escape(unsubscribe_url)}">{words}</a>')
    body += [f'<p style="{_STYLES["small"]}">{text}</p>' for text in small]
    return _PAGE.format(
        direction=direction(),
        title=escape(letter.subject),
        style=_STYLES["body"],
        body="\n".join(body),
    )


def _button_url(
    claim: Claimed, vault: Vault, public_url: str, now: datetime
) -> str | None:
    if claim.offer_id is not None:
        payload = {"c": claim.customer_id, "m": claim.id, "o": claim.offer_id}
        ends = claim.not_after or now + _OFFER_LASTS
        return f"{public_url}/o/{sign_link(vault, OFFER_PURPOSE, payload, ends)}"
    contact_id = claim.parameters.get("confirm")
    if claim.channel is Channel.EMAIL and isinstance(contact_id, int):
        token = confirm_token(
            vault,
            customer_id=claim.customer_id,
            contact_id=ContactID(contact_id),
            now=now,
        )
        return f"{public_url}/v/{token}"
    path = claim.parameters.get("path")
    return f"{public_url}{path}" if isinstance(path, str) else None


def _unsubscribe_url(
    claim: Claimed, vault: Vault, public_url: str, now: datetime
) -> str:
    payload: dict[str, int | str] = {
        "c": claim.customer_id,
        "h": claim.channel.value,
        "m": claim.id,
    }
    ends = now + _UNSUBSCRIBE_LASTS
    return f"{public_url}/u/{sign_link(vault, UNSUBSCRIBE_PURPOSE, payload, ends)}"


def _hello(first_name: str | None) -> str:
    return _("Hello %(name)s,", name=first_name) if first_name else _("Hello,")


def _offer(filling: Filling) -> Letter:
    until = datetime.fromisoformat(filling.text("valid_until"))
    local = until.astimezone(ZoneInfo(filling.zone))
    valid = _("Valid until %(until)s.", until=format_datetime(local))
    return Letter(
        subject=_("%(shop)s: an offer for you", shop=filling.text("shop")),
        paragraphs=(
            _hello(filling.first_name),
            filling.text("sentence"),
            _("Why you: %(why)s", why=filling.text("why")),
            valid,
        ),
        button=_("See the offer"),
        url=filling.url,
        small_print=(_("Terms: %(terms)s", terms=filling.text("terms")),),
    )


def _welcome(filling: Filling) -> Letter:
    shop, number = filling.text("shop"), filling.text("card_number")
    card = (_("Card number: %(number)s", number=number),) if number else ()
    return Letter(
        subject=_("Welcome to %(shop)s", shop=shop) if shop else _("Welcome"),
        paragraphs=(
            _hello(filling.first_name),
            _("You are a member now, and your card is ready."),
            *card,
        ),
        button=_("Open your card"),
        url=filling.url,
        small_print=(
            _("You get this message because you joined. It is not advertising."),
        ),
    )


TEMPLATES: Mapping[str, Callable[[Filling], Letter]] = {
    "offer": _offer,
    "welcome": _welcome,
}
"""Every template there is, by the name that messages carry."""

_STYLES = {
    "body": "font-family:sans-serif;font-size:16px;line-height:1.5;color:#1c2421;"
    "background:#ffffff;max-width:34em;margin:0 auto;padding:16px",
    "p": "margin:0 0 16px",
    "button": "display:inline-block;padding:12px 20px;border-radius:8px;"
    "background:#0b6e4f;color:#ffffff;text-decoration:none",
    "small": "margin:0 0 8px;font-size:13px;color:#51605a",
}

_PAGE = """<!doctype html>
<html dir="{direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
</head>
<body style="{style}">
{body}
</body>
</html>
"""
