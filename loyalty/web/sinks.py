"""The demo's own providers: they take what is sent, and one can look at it."""

import base64
import hmac
from http import HTTPStatus
from pathlib import Path
from typing import Final
from uuid import uuid4

from flask import Blueprint, abort, flash, jsonify, make_response, request, send_file
from flask.typing import ResponseReturnValue

from loyalty.core.clock import utc_now
from loyalty.core.jobs import enqueue
from loyalty.core.texts import gettext as _
from loyalty.delivery.queries.batches import list_batches, open_batch
from loyalty.demo.outbox import (
    SMS_ACCOUNT,
    SMS_TOKEN,
    TELEGRAM_TOKEN,
    Outgoing,
    keep,
    list_outbox,
    open_notification,
)
from loyalty.web.context import database, parts
from loyalty.web.guards import csrf_exempt, open_to_all
from loyalty.web.surface import redirect_to, render

blueprint = Blueprint("sinks", __name__)

_WHY: Final = "the demo's own providers; not served without LOYALTY_DEMO"
_MACHINE: Final = "a provider is spoken to by the worker, which has no page"
_PART: Final = 160


@blueprint.get("/demo/outbox")
@open_to_all(_WHY)
def show_outbox() -> ResponseReturnValue:
    """Show text messages, notifications, chats and letters."""
    return render(
        "demo/outbox.html",
        items=list_outbox(_folder()),
        batches=list_batches(parts().letter_dir),
    )


@blueprint.post("/demo/samples")
@open_to_all(_WHY)
def send_samples() -> ResponseReturnValue:
    """Have the worker send one message by each way."""
    with database().transaction() as session:
        enqueue(session, "send_samples")
    flash(_("A worker sends them now: look again in a moment."))
    return redirect_to("/demo/outbox")


@blueprint.get("/demo/letters/<name>")
@open_to_all(_WHY)
def show_letters(name: str) -> ResponseReturnValue:
    """Give a batch of letters as PDF."""
    return send_file(
        open_batch(parts().letter_dir, name=name), mimetype="application/pdf"
    )


@blueprint.post("/demo/sink/sms/2010-04-01/Accounts/<account>/Messages.json")
@open_to_all(_WHY)
@csrf_exempt(_MACHINE)
def take_sms(account: str) -> ResponseReturnValue:
    """Take a text message, as Twilio does."""
    login = base64.b64encode(f"{SMS_ACCOUNT}:{SMS_TOKEN}".encode()).decode()
    given = request.headers.get("Authorization", "")
    if account != SMS_ACCOUNT or not hmac.compare_digest(given, f"Basic {login}"):
        abort(HTTPStatus.UNAUTHORIZED)
    form = request.form
    _keep("sms", form["To"], form.get("From", ""), form["Body"])
    segments = -(-len(form["Body"]) // _PART)
    answer = {"sid": f"SM{uuid4().hex}", "num_segments": str(segments), "price": None}
    return make_response(jsonify(answer), HTTPStatus.CREATED)


@blueprint.post("/demo/sink/push")
@open_to_all(_WHY)
@csrf_exempt(_MACHINE)
def take_push() -> ResponseReturnValue:
    """Take a notification and open it as the browser would."""
    try:
        said = open_notification(parts().vault, request.get_data())
    except ValueError:
        abort(HTTPStatus.BAD_REQUEST)
    _keep("push", "", said["title"], f"{said['body']}\n{said['url'] or ''}")
    return "", HTTPStatus.CREATED


@blueprint.post("/demo/sink/telegram/bot<token>/sendMessage")
@open_to_all(_WHY)
@csrf_exempt(_MACHINE)
def take_telegram(token: str) -> ResponseReturnValue:
    """Take a message for a chat, as the Bot API does."""
    if not hmac.compare_digest(token, TELEGRAM_TOKEN):
        abort(HTTPStatus.UNAUTHORIZED)
    said = request.get_json()
    _keep("telegram", str(said["chat_id"]), "", said["text"])
    return jsonify(ok=True, result={"message_id": len(list_outbox(_folder()))})


@blueprint.post("/demo/sink/app")
@open_to_all(_WHY)
@csrf_exempt(_MACHINE)
def take_message() -> ResponseReturnValue:
    """Take a message as the shop's own app would."""
    said = request.get_json()["data"]
    _keep("webhook", str(said["customer"]), said["subject"], said["brief"])
    return jsonify(id=said["id"])


def _keep(channel: str, to: str, title: str, text: str) -> None:
    item = Outgoing(
        at=utc_now().isoformat(),
        channel=channel,
        to=to,
        title=title,
        text=text.strip(),
        key=request.headers.get("Idempotency-Key", ""),
    )
    keep(_folder(), item)


def _folder() -> Path:
    return parts().data_dir / "demo" / "outbox"
