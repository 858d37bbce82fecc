"""Templates, and what a claimed message becomes for its hand-over."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from loyalty.core.links import sign_link
from loyalty.core.texts import format_date, format_datetime, ngettext, use_language
from loyalty.core.texts import gettext as _
from loyalty.core.vault import Vault
from loyalty.customers.values import Channel, ContactID
from loyalty.delivery.render.confirming import code_of, confirm_letter, confirm_token
from loyalty.delivery.render.letters import Letter, as_brief, as_html, as_text
from loyalty.delivery.values import (
    ONLY,
    Claimed,
    Details,
    MessageID,
    MessageKind,
    OutgoingMessage,
    Person,
)

OFFER_PURPOSE = "offer"
UNSUBSCRIBE_PURPOSE = "unsubscribe"
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

    code: str | None = None
    """The code that proves the address; only in the message that goes there."""

    def text(self, name: str) -> str:
        """Return a parameter as text; a missing one is empty."""
        value = self.parameters.get(name)
        return value if isinstance(value, str) else ""

    def records(self, name: str) -> list[dict[str, str]]:
        """Return a parameter as a list of records; a missing one is empty."""
        value = self.parameters.get(name)
        return value if isinstance(value, list) else []


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
    *,
    shop: str,
    card_number: str,
    path: str,
    contact_id: ContactID | None = None,
    asked: tuple[int, str] | None = None,
) -> Details:
    """
    Return what the ``welcome`` template needs.

    :param path: where the customer's page is, as ``/wallet``
    :param contact_id: the address that the mail's button confirms, if it does
    :param asked: the statement that waits for the button, and its wording
    """
    parameters: Details = {"shop": shop, "card_number": card_number, "path": path}
    if contact_id is not None:
        parameters["confirm"] = contact_id
    if asked is not None:
        parameters["statement"], parameters["wording"] = asked
    return parameters


def expiring_parameters(
    *, shop: str, expiries: Iterable[tuple[date, int]], path: str
) -> Details:
    """
    Return what the ``expiring`` template needs.

    :param expiries: last days, the first to come first, and how many points each has
    :param path: where the customer's points are, as ``/wallet/purchases``
    """
    days = list(expiries)
    return {
        "shop": shop,
        "points": sum(points for _, points in days),
        "expiries": [
            {"last_day": day.isoformat(), "points": str(points)} for day, points in days
        ],
        "path": path,
    }


def compose_wallet_link(
    person: Person, *, shop: str, url: str, language: str, handover_key: str
) -> OutgoingMessage:
    """Render the mail with the link that opens the customer's pages once."""
    with use_language(language):
        letter = Letter(
            subject=_("%(shop)s: your link", shop=shop),
            paragraphs=(
                _hello(person.first_name),
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
        code=code_of(vault, claim.parameters),
    )
    with use_language(claim.language):
        letter = write(claim.template, filling)
        return OutgoingMessage(
            id=claim.id,
            kind=claim.kind,
            address=_address(claim, person),
            subject=letter.subject,
            text=as_text(letter, unsubscribe_url=unsubscribe),
            html=as_html(letter, unsubscribe_url=unsubscribe),
            language=claim.language,
            handover_key=claim.handover_key,
            unsubscribe_url=unsubscribe,
            customer_id=claim.customer_id,
            brief=as_brief(letter),
            url=letter.url,
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
        payload = {"c": claim.customer_id, "m": claim.id, "o": claim.offer_id}
        ends = claim.not_after or now + _OFFER_LASTS
        return f"{public_url}/o/{sign_link(vault, OFFER_PURPOSE, payload, ends)}"
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
    card = [_("Card number: %(number)s", number=number)] if number else []
    wording = filling.text("wording")
    if wording:
        card.append(_("The button also confirms what you said: “%(it)s”", it=wording))
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


def _expiring(filling: Filling) -> Letter:
    points = filling.parameters.get("points")
    return Letter(
        subject=ngettext(
            "%(n)s of your points expires soon",
            "%(n)s of your points expire soon",
            points if isinstance(points, int) else 0,
        ),
        paragraphs=(
            _hello(filling.first_name),
            *(
                ngettext(
                    "%(n)s point is good until the end of %(day)s.",
                    "%(n)s points are good until the end of %(day)s.",
                    int(expiry["points"]),
                    day=format_date(
                        date.fromisoformat(expiry["last_day"]), style="full"
                    ),
                )
                for expiry in filling.records("expiries")
            ),
            _("Spend them at any till before that: they are money off what you buy."),
        ),
        button=_("See your points"),
        url=filling.url,
        small_print=(
            _("You get this message because points of yours expire. It is no offer."),
        ),
    )


def _confirm(filling: Filling) -> Letter:
    return confirm_letter(
        filling.parameters,
        hello=_hello(filling.first_name),
        url=filling.url,
        code=filling.code,
    )


TEMPLATES: Mapping[str, Callable[[Filling], Letter]] = {
    "confirm": _confirm,
    "expiring": _expiring,
    "offer": _offer,
    "welcome": _welcome,
}
"""Every template there is, by the name that messages carry."""
