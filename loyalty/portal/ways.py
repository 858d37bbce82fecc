"""Opening and closing ways to be reached: this browser, Telegram, the post."""

from typing import Final

from flask import Blueprint, Response, flash, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from loyalty.core.clock import utc_now
from loyalty.core.errors import Invalid
from loyalty.core.texts import gettext as _
from loyalty.core.vault import Vault
from loyalty.core.webpush import PURPOSE, application_server_key
from loyalty.customers.render import consent_wording
from loyalty.customers.rules.subscriptions import parse_subscription
from loyalty.customers.values import (
    CHANNEL_CONTACT,
    Channel,
    CustomerID,
    Profile,
    Purpose,
    Speaker,
)
from loyalty.demo.outbox import demo_browser
from loyalty.portal.views import here_profile
from loyalty.usecases.connect_messenger import chat_link
from loyalty.usecases.reach_customer import (
    agree,
    close_way,
    open_way,
    read_postal_address,
)
from loyalty.web.context import database, parts
from loyalty.web.guards import open_to_all, requires_customer
from loyalty.web.surface import redirect_to, render

blueprint = Blueprint("ways", __name__, url_prefix="/wallet/ways")

WAYS: Final = (Channel.PUSH, Channel.TELEGRAM, Channel.LETTER)
_HERE: Final = "/wallet/ways"


@blueprint.get("")
@requires_customer
def show() -> ResponseReturnValue:
    """Show which ways there are, and which are open."""
    with database().transaction() as db:
        return _page(here_profile(db))


@blueprint.post("/push")
@requires_customer
def open_push() -> ResponseReturnValue:
    """Take this browser's subscription."""
    text = request.form.get("subscription", "")
    parse_subscription(text)
    with database().transaction() as db:
        _open(db, Channel.PUSH, text)
    flash(_("This browser shows notifications from now on."))
    return redirect_to(_HERE)


@blueprint.post("/telegram")
@requires_customer
def open_telegram() -> ResponseReturnValue:
    """Give the link by which a chat finds its customer; it works for an hour."""
    with database().transaction() as db:
        profile = here_profile(db)
        agree(
            db,
            customer_id=profile.id,
            channel=Channel.TELEGRAM,
            speaker=_speaker(profile.id),
            now=utc_now(),
        )
        bot = parts().inbound.telegram_bot or ""
        link = chat_link(db, bot=bot, customer_id=profile.id, now=utc_now())
        return _page(profile, telegram_link=link)


@blueprint.post("/letter")
@requires_customer
def open_letter() -> ResponseReturnValue:
    """Take a postal address."""
    typed = request.form.get("address", "")
    try:
        address = read_postal_address(typed.splitlines())
    except Invalid as refusal:
        with database().transaction() as db:
            problem = " ".join(one.message for one in refusal.problems)
            return _page(here_profile(db), address=typed, problem=problem)
    with database().transaction() as db:
        _open(db, Channel.LETTER, address)
    flash(_("Saved. Letters go to this address from now on."))
    return redirect_to(_HERE)


@blueprint.post("/<channel>/close")
@requires_customer
def close(channel: str) -> ResponseReturnValue:
    """Close a way at once, also for what is on its way there."""
    if channel in WAYS:
        with database().transaction() as db:
            customer_id = here_profile(db).id
            close_way(
                db,
                customer_id=customer_id,
                channel=Channel(channel),
                speaker=_speaker(customer_id),
                now=utc_now(),
            )
        flash(_("Closed. Nothing goes there any more."))
    return redirect_to(_HERE)


@blueprint.get("/worker.js")
@open_to_all("a script without anybody's data, which browsers fetch by themselves")
def worker() -> ResponseReturnValue:
    """Serve the script that shows notifications; its address is its reach."""
    response = render("portal/worker.js.txt")
    response.mimetype = "text/javascript"
    return response


def _speaker(customer_id: CustomerID) -> Speaker:
    return Speaker(actor=f"customer:{customer_id}", source="page")


def _open(db: Session, channel: Channel, address: str) -> None:
    customer_id = here_profile(db).id
    open_way(
        db,
        customer_id=customer_id,
        channel=channel,
        address=address,
        speaker=_speaker(customer_id),
        now=utc_now(),
    )


def _page(
    profile: Profile,
    *,
    telegram_link: str | None = None,
    address: str | None = None,
    problem: str | None = None,
) -> Response:
    known = {
        channel: profile.contact(kind)
        for channel in WAYS
        if (kind := CHANNEL_CONTACT[channel]) is not None
    }
    post = known[Channel.LETTER]
    return render(
        "portal/ways.html",
        status=422 if problem else 200,
        offered=[channel for channel in WAYS if channel in parts().channels],
        open={
            channel
            for channel, one in known.items()
            if one is not None and one.suppressed_at is None
        },
        wordings={
            channel: consent_wording(Purpose.MARKETING, channel, profile.language)
            for channel in WAYS
        },
        push_key=_push_key(parts().vault),
        demo_browser=demo_browser(parts().vault, parts().public_url)
        if parts().demo
        else None,
        telegram_link=telegram_link,
        address=address if address is not None else post.value if post else "",
        problem=problem,
    )


def _push_key(vault: Vault) -> str:
    return application_server_key(vault.derive(PURPOSE))
