"""What a named customer would read, for the words that are typed just now."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from flask import make_response, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from loyalty.admin.customers import find
from loyalty.admin.pages import blueprint, field, show
from loyalty.admin.wordings.editing import typed_version
from loyalty.core.clock import utc_now
from loyalty.core.errors import Invalid
from loyalty.core.texts import LANGUAGES, format_decimal, format_language
from loyalty.core.texts import gettext as _
from loyalty.customers.queries import names_of
from loyalty.customers.values import Channel, CustomerID
from loyalty.delivery.rules.text_parts import Measured, measure
from loyalty.offers.queries import best_served
from loyalty.staff.values import Permission
from loyalty.stores.queries import get_programme
from loyalty.templates.queries import get_template
from loyalty.templates.render import flaw_sentence
from loyalty.templates.rules import check_texts, chosen_language
from loyalty.templates.values import Version, WordsFail
from loyalty.usecases.preview_template import Previewed, Reader, preview_template
from loyalty.web.context import database, parts
from loyalty.web.guards import requires

CHANNELS: Final = (
    Channel.EMAIL,
    Channel.SMS,
    Channel.PUSH,
    Channel.TELEGRAM,
    Channel.TILL,
    Channel.LETTER,
)
_MILLION: Final = 1_000_000
_PLACES: Final = 4
MAIL_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'; sandbox"
)
"""Of the mail in its frame: the layout's own styles, and nothing that acts."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """What the preview shows."""

    previewed: Previewed | None = None
    who: str = ""
    problem: str = ""
    written_in: str = ""
    """The language whose words are used instead, where its own are missing."""

    parts: Measured | None = None
    cost: str = ""
    """Of the text message; empty where no price is set."""


@blueprint.post("/templates/<code>/preview")
@requires(Permission.CAMPAIGNS_READ)
def preview(code: str) -> ResponseReturnValue:
    """Show what stands beside the form, on every channel."""
    language = _reading_language()
    with database().transaction() as session:
        version = typed_version(get_template(session, code=code))
        look = _look(session, version, language)
    return show(
        "template_preview.html",
        look=look,
        code=code,
        channels=list(CHANNELS),
        reading=language,
    )


@blueprint.route("/templates/<code>/mail", methods=["GET", "POST"])
@requires(Permission.CAMPAIGNS_READ)
def preview_mail(code: str) -> ResponseReturnValue:
    """Give the mail itself, for its frame: what is typed, or what is kept."""
    language = _reading_language()
    with database().transaction() as session:
        version = typed_version(get_template(session, code=code))
        look = _look(session, version, language)
    found = look.previewed
    page = found.messages[0].html if found else _("It can't be shown: see the words.")
    response = make_response(str(page))
    response.headers["Content-Security-Policy"] = MAIL_POLICY
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


def _reading_language() -> str:
    given = request.values
    asked = given.get("reading") or given.get("language") or ""
    return asked if asked in LANGUAGES else LANGUAGES[0]


def _look(session: Session, version: Version, language: str) -> Look:
    flaws = check_texts(version.texts, version.purpose)
    if flaws:
        return Look(problem=flaw_sentence(flaws[0]))
    try:
        customer = _customer(session)
    except Invalid as error:
        return Look(problem=error.problems[0].message)
    reader = Reader(
        customer_id=customer, language=language, public_url=parts().public_url
    )
    try:
        previewed = preview_template(
            session, version=version, channels=CHANNELS, reader=reader, now=utc_now()
        )
    except WordsFail:
        return Look(problem=_("Far too much text would come of it: shorten the words."))
    used = chosen_language(version.texts, language)
    texting = previewed.messages[CHANNELS.index(Channel.SMS)]
    measured = measure(texting.brief)
    name = names_of(session, customer_ids=[customer]) if customer else {}
    return Look(
        previewed=previewed,
        who=name.get(customer, "") if customer else "",
        written_in="" if used == language else format_language(used),
        parts=measured,
        cost=_cost(session, measured),
    )


def _cost(session: Session, measured: Measured) -> str:
    """Return what the text message costs, as far as the provider's price is known."""
    each = parts().sms_part_cost
    if not each:
        return ""
    currency = get_programme(session).currency
    amount = Decimal(each * measured.parts) / _MILLION
    text = format_decimal(float(amount), _PLACES)
    return _("%(amount)s %(currency)s each", amount=text, currency=currency)


def _customer(session: Session) -> CustomerID | None:
    """Return whom it is shown for; without a name, who has an offer, if anybody."""
    typed = field("who")
    if not typed:
        return best_served(session, now=utc_now())
    found = find(session, typed)
    if found is None:
        message = _("Nobody has this number or address.")
        raise Invalid.field(pointer="/who", message=message, code="nobody_found")
    return found
