"""What is sent, in OpenAPI's own words; from the one table of events."""

from typing import Any

from loyalty.webhooks.rules import EVENTS
from loyalty.webhooks.rules.events import Event
from loyalty.webhooks.values import EventType


def described_events() -> dict[str, Any]:
    """Return the ``webhooks`` of an OpenAPI document."""
    return {
        kind.value: {"post": _described(kind, event)} for kind, event in EVENTS.items()
    }


def _described(kind: EventType, event: Event) -> dict[str, Any]:
    fields = {name: dict(said) for name, said in event.fields.items()}
    schema = {
        "type": "object",
        "required": ["type", "timestamp", "data"],
        "properties": {
            "type": {"const": kind.value},
            "timestamp": {"type": "string", "format": "date-time"},
            "data": {
                "type": "object",
                "required": sorted(fields),
                "properties": fields,
            },
        },
    }
    example = {
        "type": kind.value,
        "timestamp": "2026-11-20T11:00:00+00:00",
        "data": dict(event.example),
    }
    media = {"application/json": {"schema": schema, "example": example}}
    return {
        "summary": event.summary,
        "description": "Signed by Standard Webhooks; may come more than once.",
        "security": [],
        "requestBody": {"required": True, "content": media},
        "responses": {
            "2XX": {"description": "It arrived."},
            "410": {"description": "Never send here again."},
        },
    }
