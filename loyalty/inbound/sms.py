"""What became of a text message, and what customers answer: STOP, START."""

from typing import Final

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from loyalty.core.clock import utc_now
from loyalty.core.errors import Invalid
from loyalty.core.vault import vault_of
from loyalty.customers.queries import owner_of
from loyalty.customers.rules import Address, parse_phone
from loyalty.customers.rules.stopping import means
from loyalty.customers.service.inbound import first_time
from loyalty.customers.values import Channel, Speaker
from loyalty.delivery.values import ProviderReceipt, ReceiptEvent
from loyalty.inbound.proof import heard, prove_sms
from loyalty.usecases.change_preferences import resume_marketing, withdraw_marketing
from loyalty.usecases.take_receipt import take_receipt
from loyalty.web.context import database
from loyalty.web.guards import csrf_exempt, open_to_all

blueprint = Blueprint("sms", __name__)

PROVIDER: Final = "sms"
_WHY: Final = "signed by the provider of text messages"
_EVENTS: Final = {
    "delivered": ReceiptEvent.DELIVERED,
    "read": ReceiptEvent.OPENED,
    "undelivered": ReceiptEvent.BOUNCED,
    "failed": ReceiptEvent.BOUNCED,
}
_HARD: Final = frozenset({"21211", "21610", "21614", "30005", "30006"})
"""No such number, STOP said at the provider, no mobile, unknown, landline."""


@blueprint.post("/sms/<key>")
@open_to_all(_WHY)
@csrf_exempt(_WHY)
def status(key: str) -> ResponseReturnValue:
    """Write up what became of a message; the key is in the address we gave."""
    prove_sms()
    event = _EVENTS.get(request.form.get("MessageStatus", ""))
    if event is None:
        return heard()
    now = utc_now()
    error = request.form.get("ErrorCode", "")
    receipt = ProviderReceipt(
        provider=PROVIDER,
        handover_key=key,
        event=event,
        hard=error in _HARD,
        at=now,
        detail=f"{request.form.get('MessageStatus', '')} {error}".strip(),
    )
    with database().transaction() as session:
        take_receipt(session, receipt=receipt, address=request.form.get("To"), now=now)
    return heard()


@blueprint.post("/sms")
@open_to_all(_WHY)
@csrf_exempt(_WHY)
def answer() -> ResponseReturnValue:
    """Do what a customer's own text message says: STOP or START, in any language."""
    prove_sms()
    welcome = means(request.form.get("Body", ""))
    number = _number(request.form.get("From", ""))
    if welcome is None or number is None:
        return heard()
    now = utc_now()
    with database().transaction() as session:
        key = request.form.get("MessageSid", "")
        lookup = vault_of(session).blind_index(number.kind, number.value)
        owner = owner_of(session, lookup=lookup)
        if owner is None or not first_time(session, source=PROVIDER, key=key, now=now):
            return heard()
        change = resume_marketing if welcome else withdraw_marketing
        change(
            session,
            customer_id=owner[0],
            channels=[Channel.SMS],
            speaker=Speaker(actor=f"customer:{owner[0]}", source="sms"),
            now=now,
        )
    return heard()


def _number(text: str) -> Address | None:
    try:
        return parse_phone(text, region="ZZ", pointer="/From")
    except Invalid:
        return None
