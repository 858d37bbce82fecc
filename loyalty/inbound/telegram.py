"""What the shop's bot hears: a customer connects it, blocks it, unblocks it."""

from typing import Any, Final

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from loyalty.core.clock import utc_now
from loyalty.core.errors import LoyaltyError
from loyalty.core.vault import vault_of
from loyalty.customers.queries import owner_of
from loyalty.customers.service.inbound import first_time
from loyalty.customers.service.suppression import suppress, unblock
from loyalty.customers.values import ContactKind, Suppression
from loyalty.inbound.proof import heard, prove_telegram
from loyalty.usecases.connect_messenger import connect_chat
from loyalty.web.context import database
from loyalty.web.guards import csrf_exempt, open_to_all

blueprint = Blueprint("telegram", __name__)

PROVIDER: Final = "telegram"
_WHY: Final = "Telegram sends the secret token that it was given"
_START: Final = "/start "
_LONGEST: Final = 100


@blueprint.post("/telegram")
@open_to_all(_WHY)
@csrf_exempt(_WHY)
def update() -> ResponseReturnValue:
    """Take one update of the Bot API; one that says nothing to us is ignored."""
    prove_telegram()
    said = request.get_json(silent=True)
    if not isinstance(said, dict) or not isinstance(said.get("update_id"), int):
        return heard()
    with database().transaction() as session:
        key, now = str(said["update_id"]), utc_now()
        if first_time(session, source=PROVIDER, key=key, now=now):
            _take(session, said)
    return heard()


def _take(session: Session, said: dict[str, Any]) -> None:
    member, message = _part(said, "my_chat_member"), _part(said, "message")
    if member:
        _blocked(session, member)
    text = message.get("text")
    chat = _part(message, "chat")
    if not isinstance(text, str) or not text.startswith(_START):
        return
    if chat.get("type") != "private" or not isinstance(chat.get("id"), int):
        return
    try:
        connect_chat(
            session,
            token=text.removeprefix(_START)[:_LONGEST].strip(),
            chat=str(chat["id"]),
            now=utc_now(),
        )
    except LoyaltyError:
        # An old link, or a chat that is another member's: nothing is connected.
        return


def _blocked(session: Session, member: dict[str, Any]) -> None:
    chat = _part(member, "chat").get("id")
    status = _part(member, "new_chat_member").get("status")
    lookup = vault_of(session).blind_index(ContactKind.TELEGRAM, str(chat))
    owner = owner_of(session, lookup=lookup)
    if owner is None:
        return
    actor, now = f"provider:{PROVIDER}", utc_now()
    if status == "kicked":
        why = Suppression.BLOCKED
        suppress(session, contact_id=owner[1], why=why, actor=actor, now=now)
    elif status == "member":
        unblock(session, contact_id=owner[1], actor=actor, now=now)


def _part(of: dict[str, Any], name: str) -> dict[str, Any]:
    found = of.get(name)
    return found if isinstance(found, dict) else {}
