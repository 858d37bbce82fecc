"""New members: one field, one key, and the card is there."""

from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any, Final

from flask import Blueprint, Response, request, session
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy.orm import Session

from loyalty.cards.queries import main_card
from loyalty.cards.render import code128_svg, qr_svg
from loyalty.cards.rules import grouped
from loyalty.core.clock import machine_now, utc_now
from loyalty.core.errors import Invalid, LoyaltyError
from loyalty.core.links import read_link, sign_link
from loyalty.core.texts import gettext as _
from loyalty.core.texts import normalise_digits
from loyalty.customers.queries import get_profile
from loyalty.customers.service.links import make_link
from loyalty.customers.values import CustomerID
from loyalty.delivery.rules.policy import policy_of
from loyalty.sharing.queries import ReferralNotFound
from loyalty.sharing.service import NotAFriend, claim
from loyalty.staff.values import Permission
from loyalty.stores.queries import get_programme
from loyalty.till.counter import current_counter, here, put
from loyalty.till.members import Member, member_of
from loyalty.usecases.enrol_customer import Enrolled, Enrolment, enrol_customer
from loyalty.usecases.identify_customer import identify_customer
from loyalty.usecases.measure_enrolments import (
    Enrolments,
    enrolments_today,
    note_enrolment,
)
from loyalty.web.context import database, parts
from loyalty.web.guards import requires
from loyalty.web.people import current_staff
from loyalty.web.surface import redirect_to, render

blueprint = Blueprint("enrol", __name__)

_OPENED: Final = "till page opened"
_OPEN_AT_MOST: Final = timedelta(hours=1)
_RESULT: Final = "enrolled"


@blueprint.get("/enrol")
@requires(Permission.TILL_SERVE)
def show() -> ResponseReturnValue:
    """Show the empty form."""
    return _form(Enrolment(contact="", language=_first_language()))


@blueprint.post("/enrol/form")
@requires(Permission.TILL_SERVE)
def show_filled() -> ResponseReturnValue:
    """Show the form with the address that nobody has yet."""
    contact = request.form.get("contact", "")
    return _form(Enrolment(contact=contact, language=_first_language()))


@blueprint.post("/enrol/check")
@requires(Permission.TILL_SERVE)
def check() -> ResponseReturnValue:
    """Say whether somebody has the address, while it is being typed."""
    text = request.form.get("contact", "")
    member = None
    with database().transaction() as db:
        try:
            found = identify_customer(db, text=text, now=utc_now())
        except LoyaltyError:
            # Half an address is no mistake, and nobody's is what one hopes for.
            pass
        else:
            member = _member(db, found.profile.id)
    return render("till/known.html", known=member)


@blueprint.post("/enrol")
@requires(Permission.TILL_SERVE)
def enrol() -> ResponseReturnValue:
    """Make a member, or find the one whose address it is."""
    form = request.form
    enrolment = Enrolment(
        contact=form.get("contact", ""),
        first_name=form.get("first_name", ""),
        language=form.get("language", ""),
        personal_offers="personal_offers" in form,
    )
    try:
        with database().transaction() as db:
            enrolled = _enrol(db, enrolment)
    except Invalid as refusal:
        return _form(
            enrolment,
            problems={p.pointer.lstrip("/"): p.message for p in refusal.problems},
            status=HTTPStatus.UNPROCESSABLE_ENTITY,
        )
    put(current_counter().attached(enrolled.profile.id))
    session[_RESULT] = {
        "customer": enrolled.profile.id,
        "known": enrolled.already_member,
        "landline": enrolled.landline,
    }
    return redirect_to("/till/enrolled")


@blueprint.get("/enrolled")
@requires(Permission.TILL_SERVE)
def show_enrolled() -> ResponseReturnValue:
    """Show the new card, and a QR code that opens the wallet once."""
    result: dict[str, Any] | None = session.get(_RESULT)
    if result is None:
        return redirect_to("/till/enrol")
    customer_id = CustomerID(result["customer"])
    with database().transaction() as db:
        member = _member(db, customer_id)
        today = _today(db)
        token = make_link(db, customer_id=customer_id, now=machine_now())
    address = f"{parts().public_url}/w/{token}"
    return render(
        "till/enrolled.html",
        member=member,
        known=result["known"],
        landline=result["landline"],
        qr=_drawing(qr_svg(address, label=_("QR code that opens the wallet"))),
        today=today,
    )


@blueprint.get("/card")
@requires(Permission.TILL_SERVE)
def print_card() -> ResponseReturnValue:
    """Show the card of the member at the counter, ready for the printer."""
    customer_id = current_counter().customer_id
    if customer_id is None:
        return redirect_to("/till")
    with database().transaction() as db:
        profile = get_profile(db, customer_id=customer_id)
        card = main_card(db, customer_id=customer_id)
    if card is None:
        return redirect_to("/till")
    number = card.number
    return render(
        "till/card.html",
        name=profile.display_name,
        number=grouped(number),
        qr=_drawing(qr_svg(number, label=_("QR code of the card number"))),
        bars=_drawing(code128_svg(number, label=_("Barcode of the card number"))),
    )


def _enrol(db: Session, enrolment: Enrolment) -> Enrolled:
    now = utc_now()
    store = here(db)
    actor = current_staff().actor
    enrolled = enrol_customer(
        db,
        enrolment=enrolment,
        store=store,
        policy=policy_of(get_programme(db), parts().channels),
        actor=actor,
        now=now,
    )
    if not enrolled.already_member:
        note_enrolment(
            db,
            customer_id=enrolled.profile.id,
            store=store,
            seconds=_seconds(request.form.get("opened", "")),
            actor=actor,
            now=now,
        )
        _note_friend(db, enrolled.profile.id, now)
    return enrolled


def _note_friend(db: Session, friend: CustomerID, now: datetime) -> None:
    """Note who brought the new member, where a code was given."""
    code = request.form.get("brought_by", "").strip()
    if not code:
        return
    try:
        claim(db, friend=friend, code=normalise_digits(code), now=now)
    except (ReferralNotFound, NotAFriend):
        message = _("This friend's code does not count: correct it, or leave it empty.")
        raise Invalid.field(pointer="/brought_by", message=message) from None


def _form(
    enrolment: Enrolment,
    *,
    problems: dict[str, str] | None = None,
    status: HTTPStatus = HTTPStatus.OK,
) -> Response:
    with database().transaction() as db:
        today = _today(db)
    return render(
        "till/enrol.html",
        status=status,
        enrolment=enrolment,
        problems=problems or {},
        brought_by=request.form.get("brought_by", ""),
        opened=request.form.get("opened") or _opened(),
        today=today,
    )


def _today(db: Session) -> Enrolments:
    return enrolments_today(db, store=here(db), now=utc_now())


def _member(db: Session, customer_id: CustomerID) -> Member:
    return member_of(db, customer_id=customer_id, store=here(db), now=utc_now())


def _first_language() -> str:
    with database().transaction() as db:
        return get_programme(db).languages[0]


def _opened() -> str:
    now = machine_now()
    moment = {"t": int(now.timestamp())}
    return sign_link(parts().vault, _OPENED, moment, now + _OPEN_AT_MOST)


def _seconds(opened: str) -> int | None:
    now = machine_now()
    try:
        values = read_link(parts().vault, _OPENED, opened, now)
    except LoyaltyError:
        return None
    began = datetime.fromtimestamp(int(values["t"]), UTC)
    return round((now - began).total_seconds())


def _drawing(svg: str) -> Markup:
    # Drawn from numbers and our own words by loyalty.cards.render.
    return Markup(svg)  # noqa: S704
