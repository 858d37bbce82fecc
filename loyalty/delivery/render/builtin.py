"""The templates that come with the service, and what each needs."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from loyalty.core.texts import current_language, format_date, format_datetime, ngettext
from loyalty.core.texts import gettext as _
from loyalty.customers.values import Channel, ContactID
from loyalty.delivery.render.confirming import confirm_letter
from loyalty.delivery.render.letters import Letter
from loyalty.delivery.values import Details, OwnWords

_REMEMBERED: Final = 1_024


@dataclass(frozen=True, kw_only=True, slots=True)
class Filling:
    """What a template fills in."""

    parameters: Details
    first_name: str | None = None
    zone: str = "UTC"
    url: str | None = None
    """Where the letter's button leads; None where the reader is there already."""

    channel: Channel | None = None
    words: OwnWords | None = None
    """For a marketer's template."""

    sender: str = ""
    """The sender's postal address."""

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


def until_words(filling: Filling) -> str:
    """Return when the offer ends, by the customer's clock."""
    return _until(filling.text("valid_until"), filling.zone, current_language())


# The same for everybody who gets the offer, and Babel takes its time.
@lru_cache(maxsize=_REMEMBERED)
def _until(moment: str, zone: str, language: str) -> str:
    until = datetime.fromisoformat(moment).astimezone(ZoneInfo(zone))
    return format_datetime(until, language=language)


def hello(first_name: str | None) -> str:
    """Return the greeting."""
    return _("Hello %(name)s,", name=first_name) if first_name else _("Hello,")


def _offer(filling: Filling) -> Letter:
    valid = _("Valid until %(until)s.", until=until_words(filling))
    return Letter(
        subject=_("%(shop)s: an offer for you", shop=filling.text("shop")),
        paragraphs=(
            hello(filling.first_name),
            filling.text("sentence"),
            _("Why you: %(why)s", why=filling.text("why")),
            valid,
        ),
        button=_("See the offer"),
        url=filling.url,
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
            hello(filling.first_name),
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
            hello(filling.first_name),
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
        hello=hello(filling.first_name),
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
