"""Into the wallet and out of it: ask for a link, open it, close the pages."""

from http import HTTPStatus

from flask import Blueprint, Response, make_response, request
from flask.typing import ResponseReturnValue
from flask_limiter.util import get_remote_address

from loyalty.core.clock import machine_now
from loyalty.customers.service.links import LinkNotValid, end_customer_session
from loyalty.usecases.open_wallet import open_with_link, request_link
from loyalty.web.context import database
from loyalty.web.guards import open_to_all, requires_customer
from loyalty.web.people import (
    WALLET_COOKIE,
    customer_presence,
    drop_cookie,
    set_wallet_cookie,
)
from loyalty.web.protection import limiter
from loyalty.web.surface import redirect_to, render

blueprint = Blueprint("doors", __name__)


def _contact() -> str:
    return f"wallet:{request.form.get('contact', '').strip().lower()}"


@blueprint.get("/w/<token>")
@open_to_all("the link itself opens the wallet")
def show_link(token: str) -> ResponseReturnValue:
    """Show a button: looking at a link, as mail programs do, does not use it up."""
    return render("portal/open.html", token=token)


@blueprint.post("/w/<token>")
@open_to_all("the link itself opens the wallet")
@limiter.limit("30 per 15 minutes", key_func=get_remote_address)
def open_link(token: str) -> ResponseReturnValue:
    """Use the link up and open the wallet in this browser."""
    try:
        with database().transaction() as db:
            browser = open_with_link(db, token=token, now=machine_now())
    except LinkNotValid as refusal:
        return _ask(problem=str(refusal), status=HTTPStatus.CONFLICT)
    response = make_response(redirect_to("/wallet"))
    set_wallet_cookie(response, browser)
    return response


@blueprint.get("/wallet/open")
@blueprint.get("/wallet/sign-in")
@open_to_all("one asks for a link here")
def show_door() -> ResponseReturnValue:
    """Ask for the address to which the link shall go."""
    if customer_presence() is not None:
        return redirect_to("/wallet")
    return _ask()


@blueprint.post("/wallet/sign-in")
@open_to_all("one asks for a link here")
@limiter.limit("5 per 15 minutes", key_func=_contact)
@limiter.limit("30 per 15 minutes", key_func=get_remote_address)
def ask_for_link() -> ResponseReturnValue:
    """Have a link sent, and say the same whether or not anybody has the address."""
    contact = request.form.get("contact", "")
    with database().transaction() as db:
        request_link(db, contact=contact)
    return render("portal/asked.html")


@blueprint.post("/wallet/close")
@requires_customer
def close() -> ResponseReturnValue:
    """Close the wallet in this browser."""
    token = request.cookies.get(WALLET_COOKIE, "")
    with database().transaction() as db:
        end_customer_session(db, token=token, now=machine_now())
    response = make_response(redirect_to("/wallet/sign-in"))
    drop_cookie(response, WALLET_COOKIE)
    return response


def _ask(*, problem: str | None = None, status: HTTPStatus = HTTPStatus.OK) -> Response:
    return render("portal/sign_in.html", problem=problem, status=status)
