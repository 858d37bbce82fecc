"""The customer's addresses, and what they said about offers, as a plain history."""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from flask import Blueprint, Response, flash, request
from flask.typing import ResponseReturnValue
from flask_limiter.util import get_remote_address
from sqlalchemy.orm import Session

from loyalty.core.clock import utc_now
from loyalty.core.errors import Invalid
from loyalty.core.texts import gettext as _
from loyalty.core.texts import normalise_digits
from loyalty.customers.queries import list_consents
from loyalty.customers.render import channel_name, statement_words
from loyalty.customers.rules import masked, parse_address
from loyalty.customers.service.codes import TooManyCodes
from loyalty.customers.service.people import (
    AddressTaken,
    LastAddress,
    add_contact,
    remove_contact,
)
from loyalty.customers.values import ContactID, ContactKind, Profile
from loyalty.delivery.rules.policy import policy_of
from loyalty.delivery.service.confirming import send_confirmation
from loyalty.portal.views import here_profile, zone_of
from loyalty.stores.queries import get_programme
from loyalty.usecases.confirm_address import confirm_with_code
from loyalty.web.context import database, parts
from loyalty.web.guards import requires_customer
from loyalty.web.protection import limiter
from loyalty.web.surface import redirect_to, render

blueprint = Blueprint("addresses", __name__, url_prefix="/wallet/preferences")

_HERE = "/wallet/preferences/addresses"
_TYPED = (ContactKind.EMAIL, ContactKind.PHONE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """One statement of the customer's."""

    at: datetime
    words: str
    wording: str
    version: str
    source: str


@blueprint.get("/addresses")
@requires_customer
def show() -> ResponseReturnValue:
    """Show the addresses and how each stands."""
    with database().transaction() as db:
        return _page(here_profile(db))


@blueprint.post("/addresses")
@requires_customer
@limiter.limit("10 per hour", key_func=get_remote_address)
def add() -> ResponseReturnValue:
    """Add an address; it says the same whether or not somebody else has it."""
    text = request.form.get("contact", "")
    try:
        with database().transaction() as db:
            profile = here_profile(db)
            region = get_programme(db).phone_region
            address = parse_address(text, region=region)
            contact_id = add_contact(
                db, customer_id=profile.id, address=address, now=utc_now()
            )
            _send(db, contact_id)
    except Invalid as refusal:
        problem = refusal.problems[0].message
        with database().transaction() as db:
            return _page(here_profile(db), problem=problem, text=text)
    except AddressTaken:
        # Whose it is, is nobody's business.
        pass
    flash(_("If the address can be used, a message is on its way there."))
    return redirect_to(_HERE)


@blueprint.post("/addresses/<int:contact_id>/confirm")
@requires_customer
def ask(contact_id: int) -> ResponseReturnValue:
    """Send the message that confirms an address again."""
    try:
        with database().transaction() as db:
            _send(db, ContactID(contact_id))
    except TooManyCodes as refusal:
        with database().transaction() as db:
            return _page(here_profile(db), problem=str(refusal))
    flash(_("A message is on its way there."))
    return redirect_to(_HERE)


@blueprint.post("/addresses/<int:contact_id>/remove")
@requires_customer
def remove(contact_id: int) -> ResponseReturnValue:
    """Take an address away."""
    try:
        with database().transaction() as db:
            profile = here_profile(db)
            remove_contact(
                db,
                customer_id=profile.id,
                contact_id=ContactID(contact_id),
                now=utc_now(),
            )
    except LastAddress as refusal:
        with database().transaction() as db:
            return _page(here_profile(db), problem=str(refusal))
    flash(_("The address is gone."))
    return redirect_to(_HERE)


@blueprint.post("/code")
@requires_customer
def confirm_code() -> ResponseReturnValue:
    """Confirm an address with the code that was sent there; guesses are counted."""
    typed = normalise_digits(request.form.get("code", ""))
    with database().transaction() as db:
        profile = here_profile(db)
        done = confirm_with_code(db, customer_id=profile.id, typed=typed, now=utc_now())
    if done is None:
        with database().transaction() as db:
            message = _("This is not the code, or it has ended. Ask for a new one.")
            return _page(here_profile(db), problem=message)
    if done.channel is None:
        flash(_("Confirmed."))
    else:
        channel = channel_name(done.channel)
        flash(_("Confirmed: offers reach you by %(channel)s.", channel=channel))
    return redirect_to("/wallet/preferences")


@blueprint.get("/history")
@requires_customer
def history() -> ResponseReturnValue:
    """Show what the customer agreed to and withdrew, the latest first."""
    with database().transaction() as db:
        profile = here_profile(db)
        zone = zone_of(profile)
        said = [
            Said(
                at=one.at.astimezone(zone),
                words=statement_words(one),
                wording=one.wording,
                version=one.wording_version,
                source=one.source,
            )
            for one in reversed(list_consents(db, customer_id=profile.id))
        ]
    return render("portal/history.html", said=said)


def _send(db: Session, contact_id: ContactID) -> None:
    """Send a confirmation to one of the customer's own addresses, and to no other."""
    profile = here_profile(db)
    for contact in profile.contacts:
        if contact.id == contact_id and contact.verified_at is None:
            send_confirmation(
                db,
                profile=profile,
                contact=contact,
                policy=policy_of(get_programme(db), parts().channels),
                now=utc_now(),
            )


def _page(profile: Profile, *, problem: str | None = None, text: str = "") -> Response:
    return render(
        "portal/addresses.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK,
        contacts=[
            (contact, masked(contact.value, contact.kind))
            for contact in profile.contacts
            if contact.kind in _TYPED
        ],
        problem=problem,
        text=text,
    )
