"""What any other provider reports, as events signed by Standard Webhooks."""

from datetime import datetime
from typing import Any, Final

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from loyalty.core.clock import machine_now, utc_now
from loyalty.core.errors import Invalid, NotFound, Problem
from loyalty.customers.service.inbound import first_time
from loyalty.delivery.values import ProviderReceipt, ReceiptEvent
from loyalty.inbound.proof import heard, refused
from loyalty.usecases.take_receipt import take_receipt
from loyalty.web.context import database, parts
from loyalty.web.guards import csrf_exempt, open_to_all
from loyalty.webhooks.rules import is_signed

blueprint = Blueprint("mail", __name__)

PROVIDER: Final = "reports"
_WHY: Final = "signed by the provider (Standard Webhooks)"
_LONGEST: Final = 300


class MessageUnknown(NotFound):
    """No message of ours has this name, or not yet: report it again later."""

    code = "message_unknown"


class ReportDocument(Schema):
    """One event about one message."""

    class Meta:
        """Providers add fields."""

        unknown = EXCLUDE

    message = fields.String(load_default=None, validate=validate.Length(max=64))
    """Our hand-over key: the part of the Message-ID before the @."""

    provider = fields.String(load_default=PROVIDER, validate=validate.Length(max=40))
    provider_ref = fields.String(load_default=None, validate=validate.Length(max=200))
    event = fields.Enum(ReceiptEvent, by_value=True, required=True)
    hard = fields.Boolean(load_default=False)
    address = fields.String(load_default=None, validate=validate.Length(max=_LONGEST))
    at = fields.AwareDateTime(load_default=None)
    detail = fields.String(load_default=None, validate=validate.Length(max=_LONGEST))


@blueprint.post("/events")
@open_to_all(_WHY)
@csrf_exempt(_WHY)
def event() -> ResponseReturnValue:
    """Write up one event; the same one again changes nothing."""
    secret = parts().inbound.report_secret
    body = request.get_data(as_text=True)
    if secret is None or not is_signed(
        secret, headers=dict(request.headers), body=body, now=machine_now()
    ):
        raise refused(PROVIDER)
    said = _read()
    now = utc_now()
    at: datetime = said["at"] or now
    receipt = ProviderReceipt(
        provider=said["provider"],
        handover_key=said["message"],
        provider_ref=said["provider_ref"],
        event=said["event"],
        hard=said["hard"],
        at=at,
        detail=said["detail"],
    )
    with database().transaction() as session:
        key = request.headers["webhook-id"]
        if not first_time(session, source=PROVIDER, key=key, now=now):
            return heard()
        taken = take_receipt(session, receipt=receipt, address=said["address"], now=now)
        if taken is None:
            message = "No message has this name."
            raise MessageUnknown(message)
    return heard()


def _read() -> dict[str, Any]:
    document = request.get_json(silent=True) or {}
    try:
        said: dict[str, Any] = ReportDocument().load(document)
    except ValidationError as problem:
        raise Invalid(
            Problem(pointer=f"/{name}", message=str(words), code="report_invalid")
            for name, words in problem.messages_dict.items()
        ) from problem
    if said["message"] is None and said["provider_ref"] is None:
        message = "Name the message: message (our key) or provider_ref (yours)."
        raise Invalid.field(pointer="/message", message=message, code="required")
    return said
