"""What the links in mails lead to: one offer, no more offers, a confirmed address.

Opening a link changes nothing, because mail programs open links by themselves; a
button does it. Only the unsubscribe address also takes the one-click request that
a mail program sends for its reader (RFC 8058), which can't know our tokens.
"""

from base64 import b64decode
from contextlib import suppress
from http import HTTPStatus
from typing import Final

from flask import Blueprint, Response, flash, make_response, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from loyalty.core.clock import machine_now, utc_now
from loyalty.core.errors import LoyaltyError
from loyalty.core.links import LinkExpired, LinkInvalid
from loyalty.core.texts import gettext as _
from loyalty.core.texts import use_language
from loyalty.customers.queries import get_profile, standing_record, wording_of
from loyalty.customers.render import channel_name
from loyalty.customers.values import Speaker
from loyalty.delivery.queries.links import (
    LinkedMessage,
    UnsubscribeLink,
    read_offer_link,
    read_opened_link,
    read_unsubscribe_link,
)
from loyalty.delivery.values import ReceiptEvent
from loyalty.offers.queries import OfferNotFound, get_offer
from loyalty.offers.values import OfferID
from loyalty.portal.views import offer_cards, zone_of
from loyalty.usecases.change_preferences import resume_marketing, withdraw_marketing
from loyalty.usecases.confirm_address import confirm_address, read_confirm_link
from loyalty.usecases.count_visit import count_visit
from loyalty.web.context import database
from loyalty.web.guards import csrf_exempt, open_to_all
from loyalty.web.language import chosen_language
from loyalty.web.people import set_wallet_cookie
from loyalty.web.surface import redirect_to, render

blueprint = Blueprint("mail_links", __name__)
_DOT: Final = b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")


@blueprint.get("/o/<token>")
@open_to_all("the signed link shows one offer and nothing else")
def show_offer(token: str) -> ResponseReturnValue:
    """Show the offer that a mail was about."""
    now = utc_now()
    try:
        with database().transaction() as db:
            link = read_offer_link(db, token=token, now=now)
            offer = get_offer(
                db, offer_id=OfferID(link.offer_id), customer_id=link.customer_id
            )
            _count(db, link.message, ReceiptEvent.CLICKED)
            profile = get_profile(db, customer_id=link.customer_id)
            with use_language(_language(profile.language)):
                zone = zone_of(profile)
                card = offer_cards(db, [offer], zone=zone, now=now)[0]
                return render("portal/offer_by_link.html", offer=card)
    except (LinkInvalid, LinkExpired, OfferNotFound) as problem:
        return _dead(problem, "offer")


@blueprint.get("/o/<token>.gif")
@open_to_all("the signed address says that one mail was opened, and shows nothing")
def show_opened(token: str) -> ResponseReturnValue:
    """Give the picture of one dot that mails carry whose reader agreed to it."""
    with suppress(LinkInvalid, LinkExpired), database().transaction() as db:
        message = read_opened_link(db, token=token, now=utc_now())
        _count(db, message, ReceiptEvent.OPENED)
    response = make_response(_DOT)
    response.headers["Content-Type"] = "image/gif"
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/u/<token>")
@open_to_all("the signed link ends one channel's offers and nothing else")
def show_unsubscribe(token: str) -> ResponseReturnValue:
    """Show the button that ends offers on one channel."""
    try:
        with database().transaction() as db:
            link = read_unsubscribe_link(db, token=token, now=utc_now())
    except (LinkInvalid, LinkExpired) as problem:
        return _dead(problem, "unsubscribe")
    return render(
        "portal/unsubscribe.html",
        token=token,
        channel=channel_name(link.channel),
        done=False,
    )


@blueprint.post("/u/<token>")
@open_to_all("the signed link ends one channel's offers and nothing else")
@csrf_exempt("a mail program's one-click request knows no token (RFC 8058)")
def unsubscribe(token: str) -> ResponseReturnValue:
    """End offers on one channel, at once; doing it again changes nothing."""
    try:
        with database().transaction() as db:
            link = read_unsubscribe_link(db, token=token, now=utc_now())
            withdraw_marketing(
                db,
                customer_id=link.customer_id,
                channels=[link.channel],
                speaker=Speaker(actor=f"customer:{link.customer_id}", source="link"),
                now=utc_now(),
            )
    except (LinkInvalid, LinkExpired) as problem:
        return _dead(problem, "unsubscribe")
    if request.form.get("List-Unsubscribe") == "One-Click":
        return make_response("", HTTPStatus.OK)
    return _unsubscribed(token, link)


@blueprint.post("/u/<token>/undo")
@open_to_all("the signed link takes back what it ended and nothing else")
def undo_unsubscribe(token: str) -> ResponseReturnValue:
    """Take back what the button ended; a stop that was said elsewhere stands."""
    try:
        with database().transaction() as db:
            link = read_unsubscribe_link(db, token=token, now=utc_now())
            resume_marketing(
                db,
                customer_id=link.customer_id,
                channels=[link.channel],
                speaker=Speaker(actor=f"customer:{link.customer_id}", source="link"),
                now=utc_now(),
            )
    except (LinkInvalid, LinkExpired) as problem:
        return _dead(problem, "unsubscribe")
    return _unsubscribed(token, link, undone=True)


def _unsubscribed(
    token: str, link: UnsubscribeLink, *, undone: bool = False
) -> Response:
    """Say how things stand now, which is not always what was asked for."""
    with database().transaction() as db:
        customer_id = standing_record(db, customer_id=link.customer_id)
        profile = get_profile(db, customer_id=customer_id)
    return render(
        "portal/unsubscribe.html",
        token=token,
        channel=channel_name(link.channel),
        done=True,
        undone=undone,
        welcome=link.channel in profile.marketing_channels,
    )


@blueprint.get("/v/<token>")
@open_to_all("the signed link confirms one address")
def show_confirm(token: str) -> ResponseReturnValue:
    """Show the button that confirms an address."""
    try:
        with database().transaction() as db:
            link = read_confirm_link(db, token=token, now=utc_now())
            wording = wording_of(db, statement=link.statement)
    except LoyaltyError as problem:
        return _dead(problem, "confirm")
    return render("portal/confirm.html", token=token, wording=wording)


@blueprint.post("/v/<token>")
@open_to_all("the signed link confirms one address")
def confirm(token: str) -> ResponseReturnValue:
    """Confirm the address; the first time the wallet opens as well."""
    try:
        with database().transaction() as db:
            done = confirm_address(
                db, token=token, now=utc_now(), machine_now=machine_now()
            )
    except LoyaltyError as problem:
        return _dead(problem, "confirm")
    if done.channel is not None:
        words = _(
            "Confirmed: offers reach you by %(channel)s.",
            channel=channel_name(done.channel),
        )
        flash(words)
    response = make_response(redirect_to("/wallet"))
    if done.browser is not None:
        set_wallet_cookie(response, done.browser)
    return response


def _count(db: Session, message: LinkedMessage, event: ReceiptEvent) -> None:
    count_visit(
        db,
        message=message,
        event=event,
        method=request.method,
        headers={name.lower(): value for name, value in request.headers.items()},
        now=utc_now(),
    )


def _language(of_customer: str) -> str:
    """Return the customer's language, unless this browser asked for another."""
    asked = request.args.get("lang") or request.cookies.get("lang")
    return chosen_language() if asked else of_customer


def _dead(problem: LoyaltyError, what: str) -> Response:
    expired = isinstance(problem, LinkExpired)
    return render(
        "portal/dead_link.html",
        status=HTTPStatus.GONE if expired else HTTPStatus.NOT_FOUND,
        expired=expired,
        what=what,
    )
