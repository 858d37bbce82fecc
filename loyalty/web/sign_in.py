"""Staff sign in and out, and say which store they work in."""

from datetime import timedelta
from http import HTTPStatus
from typing import Final, cast

from flask import Blueprint, Response, make_response, request, session
from flask.typing import ResponseReturnValue
from flask_limiter.util import get_remote_address

from loyalty.core.clock import machine_now
from loyalty.core.errors import Refused
from loyalty.staff.rules import may, scope_of
from loyalty.staff.service.sessions import choose_store, end_session
from loyalty.staff.values import Permission, StaffID, StaffMember
from loyalty.stores.queries import list_stores
from loyalty.usecases import sign_in_staff
from loyalty.usecases.sign_in_staff import CodeNeeded, SignedIn
from loyalty.web.context import database
from loyalty.web.guards import NotAllowed, open_to_all, requires_staff
from loyalty.web.people import (
    STAFF_COOKIE,
    current_staff,
    current_store,
    drop_cookie,
    presence,
    set_staff_cookie,
)
from loyalty.web.protection import limiter
from loyalty.web.surface import redirect_to, render, safe_next

blueprint = Blueprint("sign_in", __name__, url_prefix="/staff")

_PENDING: Final = "pending"
_PENDING_LIFETIME: Final = timedelta(minutes=5)
_DOOR: Final = "/staff/sign-in"


def _account() -> str:
    return request.form.get("email", "").strip().lower() or "nobody"


def _account_here() -> str:
    return f"{_account()}|{get_remote_address()}"


def _pending_account() -> str:
    return f"code:{(session.get(_PENDING) or {}).get('staff', 0)}"


@blueprint.get("/sign-in")
@open_to_all("one signs in here")
def show() -> ResponseReturnValue:
    """Show the form, or go on when somebody is signed in already."""
    found = presence()
    if found is not None:
        return redirect_to(_first_page(found.member))
    return _form(request.args.get("next"))


@blueprint.post("/sign-in")
@open_to_all("one signs in here")
@limiter.limit("10 per 15 minutes", key_func=_account_here)
@limiter.limit("50 per hour", key_func=_account)
@limiter.limit("100 per 15 minutes", key_func=get_remote_address)
def sign_in() -> ResponseReturnValue:
    """Check address and password."""
    wanted = request.form.get("next")
    try:
        outcome = sign_in_staff.sign_in(
            database(),
            email=request.form.get("email", ""),
            password=request.form.get("password", ""),
            browser=request.user_agent.string,
            now=machine_now(),
        )
    except Refused as refusal:
        return _form(wanted, problem=str(refusal))
    if isinstance(outcome, CodeNeeded):
        session.clear()
        session[_PENDING] = {
            "staff": outcome.staff_id,
            "until": (machine_now() + _PENDING_LIFETIME).timestamp(),
            "next": wanted,
        }
        return redirect_to("/staff/code")
    return enter(outcome, wanted)


@blueprint.get("/code")
@open_to_all("the second step of signing in")
def show_code() -> ResponseReturnValue:
    """Ask for the code of an authenticator."""
    if _pending() is None:
        return redirect_to(_DOOR)
    return render("staff/code.html", problem=None)


@blueprint.post("/code")
@open_to_all("the second step of signing in")
@limiter.limit("10 per 15 minutes", key_func=_pending_account)
def check_code() -> ResponseReturnValue:
    """Check the code, once."""
    staff_id = _pending()
    if staff_id is None:
        return redirect_to(_DOOR)
    try:
        outcome = sign_in_staff.sign_in_with_code(
            database(),
            staff_id=staff_id,
            code=request.form.get("code", ""),
            browser=request.user_agent.string,
            now=machine_now(),
        )
    except Refused as refusal:
        return render(
            "staff/code.html",
            status=HTTPStatus.UNPROCESSABLE_ENTITY,
            problem=str(refusal),
        )
    return enter(outcome, session[_PENDING].get("next"))


@blueprint.post("/sign-out")
@requires_staff
def sign_out() -> ResponseReturnValue:
    """End this browser's sign-in, here and in the database."""
    found = presence()
    if found is not None:
        with database().transaction() as db:
            end_session(
                db,
                staff_id=found.member.id,
                session_id=found.session.id,
                now=machine_now(),
            )
    session.clear()
    response = make_response(redirect_to(_DOOR))
    drop_cookie(response, STAFF_COOKIE)
    return response


@blueprint.get("/store")
@requires_staff
def show_stores() -> ResponseReturnValue:
    """Ask which store somebody works in today."""
    scope = scope_of(current_staff(), Permission.TILL_SERVE)
    with database().transaction() as db:
        stores = [store for store in list_stores(db) if scope.covers(store.id)]
    return render(
        "staff/store.html",
        stores=stores,
        chosen=current_store(),
        next=safe_next(request.args.get("next"), otherwise=""),
    )


@blueprint.post("/store")
@requires_staff
def work_in_store() -> ResponseReturnValue:
    """Remember the store for this sign-in."""
    found = presence()
    store_id = request.form.get("store", type=int)
    member = current_staff()
    allowed = scope_of(member, Permission.TILL_SERVE).covers(store_id)
    if found is None or store_id is None or not allowed:
        raise NotAllowed
    with database().transaction() as db:
        choose_store(db, session_id=found.session.id, store_id=store_id)
    return redirect_to(
        safe_next(request.form.get("next"), otherwise=_first_page(member))
    )


def enter(outcome: SignedIn, wanted: str | None = None) -> Response:
    """Hand the session to the browser, with a new token for its forms."""
    session.clear()
    page = safe_next(wanted, otherwise=_first_page(outcome.member))
    response = make_response(redirect_to(page))
    set_staff_cookie(response, outcome.token)
    return response


def _form(wanted: str | None, *, problem: str | None = None) -> Response:
    return render(
        "staff/sign_in.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK,
        problem=problem,
        email=request.form.get("email", ""),
        next=safe_next(wanted, otherwise=""),
    )


def _pending() -> StaffID | None:
    waiting = cast("dict[str, float]", session.get(_PENDING) or {})
    if waiting.get("until", 0) < machine_now().timestamp():
        return None
    return StaffID(int(waiting["staff"]))


def _first_page(member: StaffMember) -> str:
    if may(member, Permission.PROMOTIONS_READ):
        return "/admin"
    return "/till" if may(member, Permission.TILL_SERVE) else "/staff/account"
