"""What each event holds: the one table, from which the API is documented."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from loyalty.webhooks.values import Data, EventType

Said = Mapping[str, object]
"""JSON Schema of one value."""

_CUSTOMER: Final[Said] = {
    "type": "integer",
    "description": "The customer's number. It says nothing about the person.",
}
_CUSTOMER_OR_NONE: Final[Said] = {
    "type": ["integer", "null"],
    "description": "The customer's number; null without a card.",
}
_PURCHASE: Final[Said] = {"type": "string", "description": "As the API names it."}
_PURCHASE_OR_NONE: Final[Said] = {
    "type": ["string", "null"],
    "description": "The purchase it came from, if it came from one.",
}
_RECEIPT: Final[Said] = {"type": "string", "description": "The till's own number."}
_STORE: Final[Said] = {"type": "string", "description": "The store's code."}
_MONEY: Final[Said] = {"type": "string", "description": "In the event's currency."}
_CURRENCY: Final[Said] = {"type": "string"}
_MOMENT: Final[Said] = {"type": "string", "format": "date-time"}
_POINTS: Final[Said] = {"type": "integer"}
_CODE: Final[Said] = {"type": "string"}
_CODES: Final[Said] = {"type": "array", "items": {"type": "string"}}
_TIER: Final[Said] = {
    "type": ["string", "null"],
    "description": "A tier's code; null is none.",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """One kind of event."""

    summary: str
    fields: Mapping[str, Said]
    """Every key of ``data``, all always there."""

    example: Data


_RETURNED: Final[Mapping[str, Said]] = {
    "return": {"type": "string", "description": "The return's number."},
    "purchase": _PURCHASE,
    "receipt": _RECEIPT,
    "customer": _CUSTOMER_OR_NONE,
    "currency": _CURRENCY,
    "refund": {"type": "string", "description": "Goods and delivery, paid back."},
    "points_taken_back": _POINTS,
    "at": _MOMENT,
}
_RETURNED_EXAMPLE: Final[Data] = {
    "return": "17",
    "purchase": "4711",
    "receipt": "T3-000123",
    "customer": 8154711,
    "currency": "EUR",
    "refund": "3.18",
    "points_taken_back": 3,
    "at": "2026-11-21T09:00:00+00:00",
}

EVENTS: Final[Mapping[EventType, Event]] = {
    EventType.PURCHASE_RECORDED: Event(
        summary="A purchase was recorded.",
        fields={
            "purchase": _PURCHASE,
            "receipt": _RECEIPT,
            "store": _STORE,
            "customer": _CUSTOMER_OR_NONE,
            "currency": _CURRENCY,
            "gross": _MONEY,
            "discount": _MONEY,
            "net": _MONEY,
            "points_earned": _POINTS,
            "promotions": _CODES,
            "at": _MOMENT,
        },
        example={
            "purchase": "4711",
            "receipt": "T3-000123",
            "store": "324",
            "customer": 8154711,
            "currency": "EUR",
            "gross": "3.98",
            "discount": "0.80",
            "net": "3.18",
            "points_earned": 3,
            "promotions": ["coffee-20"],
            "at": "2026-11-20T11:00:00+00:00",
        },
    ),
    EventType.PURCHASE_RETURNED: Event(
        summary="Goods of a purchase came back.",
        fields=_RETURNED,
        example=_RETURNED_EXAMPLE,
    ),
    EventType.PURCHASE_CANCELLED: Event(
        summary="What was left of a purchase was cancelled.",
        fields=_RETURNED,
        example=_RETURNED_EXAMPLE,
    ),
    EventType.POINTS_CHANGED: Event(
        summary="A member's points moved: one event for each entry of the ledger.",
        fields={
            "customer": _CUSTOMER,
            "entry": {
                "type": "integer",
                "description": "Of this member's ledger, rising by one.",
            },
            "kind": {"type": "string", "description": "Such as earn, spend, expire."},
            "points": {"type": "integer", "description": "How many, above zero."},
            "available": {
                "type": "integer",
                "description": "After it; negative by what a return left owing.",
            },
            "pending": {"type": "integer", "description": "After it."},
            "purchase": _PURCHASE_OR_NONE,
        },
        example={
            "customer": 8154711,
            "entry": 12,
            "kind": "earn",
            "points": 3,
            "available": 245,
            "pending": 0,
            "purchase": "4711",
        },
    ),
    EventType.TIER_CHANGED: Event(
        summary="A member's tier rose, fell, or is about to fall.",
        fields={
            "customer": _CUSTOMER,
            "change": {
                "type": "string",
                "description": "up, down, warned, kept, ladder (new rules), or "
                "merged (two records of one person).",
            },
            "before": _TIER,
            "after": _TIER,
            "falls_at": {
                "type": ["string", "null"],
                "format": "date-time",
                "description": "When it falls unless something is bought.",
            },
        },
        example={
            "customer": 8154711,
            "change": "up",
            "before": "silver",
            "after": "gold",
            "falls_at": None,
        },
    ),
    EventType.OFFER_MADE: Event(
        summary="A customer was made a personal offer.",
        fields={
            "offer": _POINTS,
            "customer": _CUSTOMER,
            "campaign": _CODE,
            "promotion": _CODE,
            "valid_from": _MOMENT,
            "valid_until": _MOMENT,
        },
        example={
            "offer": 99,
            "customer": 8154711,
            "campaign": "week-47",
            "promotion": "coffee-20",
            "valid_from": "2026-11-16T00:00:00+00:00",
            "valid_until": "2026-11-23T00:00:00+00:00",
        },
    ),
    EventType.OFFER_REDEEMED: Event(
        summary="A customer used a personal offer.",
        fields={
            "offer": _POINTS,
            "customer": _CUSTOMER,
            "promotion": _CODE,
            "purchase": _PURCHASE,
        },
        example={
            "offer": 99,
            "customer": 8154711,
            "promotion": "coffee-20",
            "purchase": "4711",
        },
    ),
    EventType.CUSTOMER_ENROLLED: Event(
        summary="Somebody became a member.",
        fields={"customer": _CUSTOMER, "store": _STORE},
        example={"customer": 8154711, "store": "324"},
    ),
    EventType.PING: Event(
        summary="A test that somebody asked for.",
        fields={"endpoint": {"type": "integer"}},
        example={"endpoint": 1},
    ),
}


def check_data(kind: EventType, data: Data) -> None:
    """
    Refuse data that is not what the table says.

    :raises ValueError: naming what is missing or too much; a mistake of ours
    """
    wrong = set(data) ^ set(EVENTS[kind].fields)
    if wrong:
        message = f"{kind}: {sorted(wrong)} missing, or not in the table"
        raise ValueError(message)


def body_of(kind: EventType, data: Data, *, at: datetime) -> str:
    """Return what is sent, exactly: every replay sends the same bytes."""
    told = {"type": kind.value, "timestamp": at.isoformat(), "data": data}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))
