"""One's own account: browsers, authenticator, recovery codes, password, language."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qs, urlsplit

from flask import Blueprint, Response, flash, make_response, request, session
from flask.typing import ResponseReturnValue

from loyalty.core.clock import machine_now
from loyalty.core.errors import Invalid, LoyaltyError
from loyalty.core.texts import gettext as _
from loyalty.staff import queries
from loyalty.staff.service import factors, members, sessions
from loyalty.staff.values import StaffSessionID
from loyalty.usecases import sign_in_staff
from loyalty.web.codes import qr_code
from loyalty.web.context import database, parts
from loyalty.web.guards import requires_staff
from loyalty.web.language import COOKIE as LANGUAGE_COOKIE
from loyalty.web.people import current_staff, drop_cookie, presence
from loyalty.web.protection import limiter
from loyalty.web.surface import redirect_to, render

blueprint = Blueprint("account", __name__, url_prefix="/staff/account")

_HERE: Final = "/staff/account"


def _account() -> str:
    return f"account:{current_staff().id}"


@blueprint.get("")
@requires_staff
def show() -> ResponseReturnValue:
    """Show everything there is to change."""
    return _page()


@blueprint.post("/sessions/<int:session_id>/end")
@requires_staff
def end_session(session_id: int) -> ResponseReturnValue:
    """End one of one's own sign-ins."""
    with database().transaction() as db:
        sessions.end_session(
            db,
            staff_id=current_staff().id,
            session_id=StaffSessionID(session_id),
            now=machine_now(),
        )
    flash(_("That browser is signed out."))
    return redirect_to(_HERE)


@blueprint.post("/sessions/end-others")
@requires_staff
def end_others() -> ResponseReturnValue:
    """End all of one's own sign-ins but this one."""
    found = presence()
    with database().transaction() as db:
        sessions.end_all_sessions(
            db,
            staff_id=current_staff().id,
            now=machine_now(),
            but=found.session.id if found else None,
        )
    flash(_("All other browsers are signed out."))
    return redirect_to(_HERE)


@blueprint.post("/authenticator")
@requires_staff
@limiter.limit("10 per 15 minutes", key_func=_account)
def begin_authenticator() -> ResponseReturnValue:
    """Make a seed and show its QR code, after the password."""
    return _after_password(_begin)


@blueprint.post("/authenticator/confirm")
@requires_staff
@limiter.limit("10 per 15 minutes", key_func=_account)
def confirm_authenticator() -> ResponseReturnValue:
    """Put the authenticator in force and show the recovery codes, once."""
    try:
        with database().transaction() as db:
            codes = factors.confirm_totp(
                db,
                staff_id=current_staff().id,
                code=request.form.get("code", "").strip(),
                now=machine_now(),
            )
    except LoyaltyError as refusal:
        return _page(problem=str(refusal), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return render("staff/recovery_codes.html", codes=codes)


@blueprint.post("/authenticator/remove")
@requires_staff
@limiter.limit("10 per 15 minutes", key_func=_account)
def remove_authenticator() -> ResponseReturnValue:
    """Take the authenticator out of force, after the password."""
    return _after_password(_remove)


@blueprint.post("/recovery-codes")
@requires_staff
@limiter.limit("10 per 15 minutes", key_func=_account)
def renew_codes() -> ResponseReturnValue:
    """Replace the recovery codes and show the new ones, after the password."""
    return _after_password(_renew)


@blueprint.post("/password")
@requires_staff
@limiter.limit("10 per 15 minutes", key_func=_account)
def change_password() -> ResponseReturnValue:
    """Change the password; every browser signs in anew, this one too."""
    try:
        sign_in_staff.change_password(
            database(),
            member=current_staff(),
            old=request.form.get("old", ""),
            new=request.form.get("new", ""),
            now=machine_now(),
        )
    except LoyaltyError as refusal:
        return _page(problem=_text(refusal), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    session.clear()
    flash(_("Your password is changed. Sign in with the new one."))
    return redirect_to("/staff/sign-in")


@blueprint.post("/language")
@requires_staff
def change_language() -> ResponseReturnValue:
    """Choose the language of one's pages."""
    with database().transaction() as db:
        members.set_language(
            db,
            staff_id=current_staff().id,
            language=request.form.get("language", ""),
        )
    response = make_response(redirect_to(_HERE))
    # The account speaks from now on, not what the browser once asked for.
    drop_cookie(response, LANGUAGE_COOKIE)
    return response


def _after_password(act: Callable[[], ResponseReturnValue]) -> ResponseReturnValue:
    try:
        sign_in_staff.check_password(
            database(),
            member=current_staff(),
            password=request.form.get("password", ""),
        )
        return act()
    except LoyaltyError as refusal:
        return _page(problem=_text(refusal), status=HTTPStatus.UNPROCESSABLE_ENTITY)


def _begin() -> ResponseReturnValue:
    with database().transaction() as db:
        factors.begin_totp(db, staff_id=current_staff().id)
    return redirect_to(_HERE)


def _remove() -> ResponseReturnValue:
    member = current_staff()
    with database().transaction() as db:
        factors.remove_totp(
            db, staff_id=member.id, actor=member.actor, now=machine_now()
        )
    flash(_("The authenticator is removed."))
    return redirect_to(_HERE)


def _renew() -> ResponseReturnValue:
    with database().transaction() as db:
        codes = factors.renew_recovery_codes(db, staff_id=current_staff().id)
    return render("staff/recovery_codes.html", codes=codes)


def _page(
    *, problem: str | None = None, status: HTTPStatus = HTTPStatus.OK
) -> Response:
    found = presence()
    member = current_staff()
    with database().transaction() as db:
        waiting = factors.pending_totp(db, staff_id=member.id)
        left = queries.count_recovery_codes(db, staff_id=member.id)
        browsers = queries.list_sessions(
            db, staff_id=member.id, limits=parts().staff_limits, now=machine_now()
        )
    return render(
        "staff/account.html",
        status=status,
        member=member,
        here=found.session.id if found else None,
        browsers=browsers,
        codes_left=left,
        qr=qr_code(waiting, label=_("QR code of the new authenticator"))
        if waiting
        else None,
        seed=_seed(waiting) if waiting else None,
        problem=problem,
    )


def _seed(address: str) -> str:
    return parse_qs(urlsplit(address).query)["secret"][0]


def _text(refusal: LoyaltyError) -> str:
    if isinstance(refusal, Invalid):
        return " ".join(problem.message for problem in refusal.problems)
    return str(refusal)
