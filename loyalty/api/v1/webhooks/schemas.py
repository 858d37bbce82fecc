"""What the API takes and answers about webhooks."""

from typing import Final

from marshmallow import Schema, fields, validate

from loyalty.api.v1.answers import moment, text, whole
from loyalty.api.v1.fields import LARGEST_ID, Matching, Moment, OneOf, Request
from loyalty.api.v1.operations import Resource, path_parameter
from loyalty.promotions.schema.fields import Text
from loyalty.webhooks.values import (
    Attempt,
    Delivery,
    DeliveryState,
    DisabledWhy,
    Endpoint,
    EndpointState,
    EventType,
    Health,
)

resource = Resource("Webhooks", "Where events are sent, and what was sent there.")

ONE: Final = f"/webhooks/<int(min=1, max={LARGEST_ID}):webhook>"
NUMBER: Final = path_parameter(
    "webhook", type="integer", minimum=1, maximum=LARGEST_ID, example=1
)
DELIVERY: Final = f"/webhook-deliveries/<int(min=1, max={LARGEST_ID}):delivery>"
DELIVERY_NUMBER: Final = path_parameter(
    "delivery", type="integer", minimum=1, maximum=LARGEST_ID, example=1
)
EVENTS: Final = tuple(kind.value for kind in EventType if kind is not EventType.PING)


class Url(Matching):
    """Where to send to; what it may be is judged by the shop."""

    pattern = r"^https?://[!-~]{1,480}$"
    json_schema = {"format": "webhook-url"}  # noqa: RUF012 - as the class declares it
    refusal = "Must be an address, such as https://hooks.example.org/loyalty."


class WebhookRequest(Request):
    """An endpoint as it should be."""

    url = Url(required=True, metadata={"example": "https://hooks.example.org/loyalty"})
    description = Text(longest=200, load_default="")
    events = fields.List(
        OneOf(*EVENTS),
        required=True,
        validate=validate.Length(min=1, max=len(EVENTS)),
        metadata={"example": ["purchase.recorded", "points.changed"]},
    )


class SinceRequest(Request):
    """From when on."""

    since = Moment(required=True)


class DeliveriesQuery(Request):
    """Which deliveries."""

    state = OneOf(*[state.value for state in DeliveryState], load_default=None)
    before = fields.Integer(
        load_default=None,
        validate=validate.Range(min=1, max=LARGEST_ID),
        metadata={"description": "`next_before` of the page before."},
    )


class WebhookHealthAnswer(Schema):
    """What became of its deliveries of the last 30 days."""

    delivered = whole()
    waiting = whole()
    failed = whole()


class WebhookAnswer(Schema):
    """An endpoint as it stands."""

    webhook = whole(metadata={"example": 1})
    url = text()
    description = text()
    events = fields.List(fields.String(), required=True)
    state = text(metadata={"enum": [state.value for state in EndpointState]})
    why = text(
        allow_none=True,
        metadata={
            "enum": [*[why.value for why in DisabledWhy], None],
            "description": "Why it is disabled.",
        },
    )
    created_at = moment()
    failing_since = moment(nullable=True)
    deliveries = fields.Nested(WebhookHealthAnswer, required=True)


class WebhooksAnswer(Schema):
    """All endpoints."""

    webhooks = fields.List(fields.Nested(WebhookAnswer), required=True)


class WebhookSecretAnswer(Schema):
    """A secret just made."""

    webhook = whole()
    secret = text(
        metadata={"example": "whsec_…", "description": "Shown this once; keep it."}
    )


class WebhookDeliveryAnswer(Schema):
    """One event on its way to one endpoint."""

    delivery = whole()
    webhook = whole()
    event = text(metadata={"description": "The `webhook-id`."})
    type = text()
    at = moment()
    state = text(metadata={"enum": [state.value for state in DeliveryState]})
    attempts = whole()
    due_at = moment(nullable=True)


class WebhookDeliveriesAnswer(Schema):
    """A page of deliveries, the latest first."""

    deliveries = fields.List(fields.Nested(WebhookDeliveryAnswer), required=True)
    next_before = whole(allow_none=True)


class WebhookAttemptAnswer(Schema):
    """One request and what was answered."""

    number = whole()
    at = moment()
    request_headers = fields.Dict(
        keys=fields.String(), values=fields.String(), required=True
    )
    body_sha256 = text()
    milliseconds = whole()
    status = whole(allow_none=True)
    answer = text(metadata={"description": "The first kilobytes."})
    error = text(allow_none=True)


class WebhookStoryAnswer(WebhookDeliveryAnswer):
    """A delivery with its body and all attempts."""

    body = text(metadata={"description": "Exactly what was sent."})
    log = fields.List(fields.Nested(WebhookAttemptAnswer), required=True)


class WebhookCountAnswer(Schema):
    """How many deliveries."""

    deliveries = whole()


def endpoint_document(endpoint: Endpoint, health: Health) -> dict[str, object]:
    """Return an endpoint as it is answered."""
    return {
        "webhook": endpoint.id,
        "url": endpoint.url,
        "description": endpoint.description,
        "events": [kind.value for kind in endpoint.events],
        "state": endpoint.state.value,
        "why": endpoint.why and endpoint.why.value,
        "created_at": endpoint.created_at,
        "failing_since": endpoint.failing_since,
        "deliveries": {
            "delivered": health.delivered,
            "waiting": health.waiting,
            "failed": health.failed,
        },
    }


def delivery_document(delivery: Delivery) -> dict[str, object]:
    """Return a delivery as it is answered."""
    return {
        "delivery": delivery.id,
        "webhook": delivery.endpoint_id,
        "event": delivery.event_id,
        "type": delivery.type.value,
        "at": delivery.at,
        "state": delivery.state.value,
        "attempts": delivery.attempts,
        "due_at": delivery.due_at,
    }


def attempt_document(attempt: Attempt) -> dict[str, object]:
    """Return an attempt as it is answered."""
    return {
        "number": attempt.number,
        "at": attempt.at,
        "request_headers": dict(attempt.headers),
        "body_sha256": attempt.body_sha256,
        "milliseconds": attempt.milliseconds,
        "status": attempt.status,
        "answer": attempt.answer,
        "error": attempt.error,
    }
