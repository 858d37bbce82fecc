"""The demo's first page, its bar, its mailbox and its clock. Never in production."""

import re
from http import HTTPStatus
from pathlib import Path
from typing import Final

from flask import Blueprint, Flask, abort, make_response, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup, escape

from loyalty.core.clock import machine_now, utc_now
from loyalty.core.errors import NotFound
from loyalty.core.jobs import enqueue
from loyalty.core.texts import gettext as _
from loyalty.customers.service.links import open_customer_session
from loyalty.demo.beginning import ask_to_begin_anew, is_asked_to_begin_anew
from loyalty.demo.mailbox import list_mails, read_mail
from loyalty.demo.progress import Stage, announce, progress_file, read_progress
from loyalty.demo.staff import SIGN_INS
from loyalty.offers.queries import best_served
from loyalty.staff.values import Role
from loyalty.stores.queries import get_programme
from loyalty.usecases import sign_in_staff
from loyalty.web import sinks
from loyalty.web.context import AppParts, database, parts
from loyalty.web.guards import open_to_all
from loyalty.web.people import set_staff_cookie, set_wallet_cookie
from loyalty.web.surface import is_htmx, redirect_to, render

blueprint = Blueprint("doors", __name__)

_WHY: Final = "the demo lets everybody in; it is not served without LOYALTY_DEMO"
_FIRST_PAGES: Final = {
    Role.CASHIER: "/till",
    Role.MANAGER: "/admin",
    Role.MARKETER: "/admin",
    Role.ADMINISTRATOR: "/admin",
}
_STEPS: Final = (1, 14)
"""Days by which the bar moves the clock."""

_LINK: Final = re.compile(r"https?://[^\s<>]+")


def install(app: Flask, given: AppParts) -> None:
    """Serve the demo's pages where the demo runs."""
    if given.demo:
        app.register_blueprint(blueprint)
        app.register_blueprint(sinks.blueprint)
        app.jinja_env.globals.update(demo_now=_demo_now, demo_steps=_STEPS)


@blueprint.get("/")
@open_to_all(_WHY)
def show_doors() -> ResponseReturnValue:
    """Show the four doors."""
    return render("demo/doors.html", sign_ins=SIGN_INS)


@blueprint.post("/demo/staff/<role>")
@open_to_all(_WHY)
def enter_as_staff(role: str) -> ResponseReturnValue:
    """Sign the visitor in as one of the demo's people."""
    person = next((one for one in SIGN_INS if one.role == role), None)
    if person is None:
        abort(HTTPStatus.NOT_FOUND)
    outcome = sign_in_staff.sign_in(
        database(),
        email=person.email,
        password=person.password,
        browser=request.user_agent.string,
        now=machine_now(),
    )
    if not isinstance(outcome, sign_in_staff.SignedIn):
        return redirect_to("/staff/sign-in")
    response = make_response(redirect_to(_FIRST_PAGES[person.role]))
    set_staff_cookie(response, outcome.token)
    return response


@blueprint.post("/demo/customer")
@open_to_all(_WHY)
def enter_as_customer() -> ResponseReturnValue:
    """Open the wallet of a customer who has offers just now."""
    with database().transaction() as session:
        customer_id = best_served(session, now=utc_now())
        if customer_id is None:
            message = _("Nobody has an offer yet: plan a campaign first.")
            raise NotFound(message)
        token = open_customer_session(
            session, customer_id=customer_id, now=machine_now()
        )
    response = make_response(redirect_to("/wallet"))
    set_wallet_cookie(response, token)
    return response


@blueprint.get("/demo/mails")
@open_to_all(_WHY)
def show_mails() -> ResponseReturnValue:
    """Show what the demo's mail server received."""
    return render("demo/mails.html", mails=list_mails(_mailbox()))


@blueprint.get("/demo/mails/<mail_id>")
@open_to_all(_WHY)
def show_mail(mail_id: str) -> ResponseReturnValue:
    """Show one mail as plain text, its links to click."""
    mail = read_mail(_mailbox(), mail_id)
    return render("demo/mail.html", mail=mail, text=_with_links(mail.text))


@blueprint.post("/demo/forward")
@open_to_all(_WHY)
def forward() -> ResponseReturnValue:
    """Move the demo's clock by some days, from one due moment to the next."""
    days = request.form.get("days", type=int)
    if days not in _STEPS:
        abort(HTTPStatus.BAD_REQUEST)
    announce(progress_file(parts().data_dir), days=days, now=utc_now())
    with database().transaction() as session:
        enqueue(session, "fast_forward", days=days)
    return redirect_to("/demo/forward")


@blueprint.get("/demo/forward")
@open_to_all(_WHY)
def show_forward() -> ResponseReturnValue:
    """Show how far the clock has come, and what happened on the way."""
    progress = read_progress(progress_file(parts().data_dir))
    walking = progress is None or progress.stage in {Stage.WAITING, Stage.RUNNING}
    return render("demo/forward.html", progress=progress, walking=walking)


@blueprint.post("/demo/begin-anew")
@open_to_all(_WHY)
def begin_anew() -> ResponseReturnValue:
    """Have the whole shop forgotten and made anew."""
    ask_to_begin_anew(parts().data_dir)
    return redirect_to("/demo/begin-anew")


@blueprint.get("/demo/begin-anew")
@open_to_all(_WHY)
def wait_for_beginning() -> ResponseReturnValue:
    """Wait in the open page until the new shop answers, then go there."""
    if not is_asked_to_begin_anew(parts().data_dir):
        return redirect_to("/")
    if is_htmx():
        return "", HTTPStatus.NO_CONTENT
    return render("demo/begin_anew.html")


def _demo_now() -> object:
    with database().transaction() as session:
        zone = get_programme(session).time_zone
    return utc_now().astimezone(zone)


def _mailbox() -> Path:
    return parts().data_dir / "demo" / "mail"


def _with_links(text: str) -> Markup:
    pieces: list[str] = []
    end = 0
    for found in _LINK.finditer(text):
        address = escape(found.group())
        pieces += [
            str(escape(text[end : found.start()])),
            f'<a href="{address}">{address}</a>',
        ]
        end = found.end()
    pieces.append(str(escape(text[end:])))
    return Markup("".join(pieces))  # noqa: S704  # every piece was escaped
