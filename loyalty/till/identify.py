"""Who stands at the till: one field for phone, e-mail, card number or scan."""

from http import HTTPStatus

from flask import Blueprint, Response, flash, request
from flask.typing import ResponseReturnValue

from loyalty.core.clock import utc_now
from loyalty.core.errors import Invalid, LoyaltyError
from loyalty.core.texts import gettext as _
from loyalty.core.texts import normalise_digits
from loyalty.staff.values import Permission
from loyalty.till.counter import clear, current_counter, here, put
from loyalty.till.members import member_of
from loyalty.usecases.confirm_address import confirm_with_code
from loyalty.usecases.identify_customer import NobodyFound, identify_customer
from loyalty.usecases.measure_enrolments import enrolments_today
from loyalty.web.context import database
from loyalty.web.errors import STATUS_BY_KIND
from loyalty.web.guards import requires
from loyalty.web.surface import redirect_to, render

blueprint = Blueprint("identify", __name__)


@blueprint.get("")
@requires(Permission.TILL_SERVE)
def show() -> ResponseReturnValue:
    """Show the field, and below it the member who stands here."""
    return _page()


@blueprint.post("/identify")
@requires(Permission.TILL_SERVE)
def identify() -> ResponseReturnValue:
    """Find the member and attach them to what lies on the counter."""
    text = request.form.get("text", "")
    now = utc_now()
    try:
        with database().transaction() as db:
            found = identify_customer(db, text=text, now=now)
    except NobodyFound as unknown:
        return _page(text=text, unknown=str(unknown), status=HTTPStatus.NOT_FOUND)
    except LoyaltyError as refusal:
        status = next(
            status
            for kind, status in STATUS_BY_KIND.items()
            if isinstance(refusal, kind)
        )
        return _page(text=text, problem=_words(refusal), status=status)
    counter = current_counter()
    put(counter.attached(found.profile.id))
    return redirect_to("/till/basket" if counter.lines else "/till")


@blueprint.post("/confirm")
@requires(Permission.TILL_SERVE)
def confirm() -> ResponseReturnValue:
    """Confirm the member's address with the code that they say; guesses are counted."""
    customer_id = current_counter().customer_id
    if customer_id is None:
        return redirect_to("/till")
    typed = normalise_digits(request.form.get("code", ""))
    with database().transaction() as db:
        done = confirm_with_code(
            db, customer_id=customer_id, typed=typed, now=utc_now()
        )
    flash(
        _("This is not the code, or it has ended. The customer can ask for a new one.")
        if done is None
        else _("Confirmed: offers reach the customer there from now on.")
    )
    return redirect_to("/till")


@blueprint.post("/leave")
@requires(Permission.TILL_SERVE)
def leave() -> ResponseReturnValue:
    """Take the member off the counter; the basket stays."""
    put(current_counter().attached(None))
    return redirect_to("/till/basket" if current_counter().lines else "/till")


@blueprint.post("/next")
@requires(Permission.TILL_SERVE)
def next_customer() -> ResponseReturnValue:
    """Clear the counter."""
    clear()
    return redirect_to("/till")


def _page(
    *,
    text: str = "",
    problem: str | None = None,
    unknown: str | None = None,
    status: HTTPStatus = HTTPStatus.OK,
) -> Response:
    now = utc_now()
    counter = current_counter()
    failed = problem is not None or unknown is not None
    with database().transaction() as db:
        store = here(db)
        member = (
            None
            if counter.customer_id is None or failed
            else member_of(db, customer_id=counter.customer_id, store=store, now=now)
        )
        today = enrolments_today(db, store=store, now=now)
    return render(
        "till/identify.html",
        status=status,
        text=text,
        problem=problem,
        unknown=unknown,
        member=member,
        lines=len(counter.lines),
        today=today,
    )


def _words(refusal: LoyaltyError) -> str:
    if isinstance(refusal, Invalid):
        return " ".join(problem.message for problem in refusal.problems)
    return str(refusal)
