"""The vocabulary of webhooks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType

EndpointID = NewType("EndpointID", int)
DeliveryID = NewType("DeliveryID", int)


class EventType(StrEnum):
    """What can be told; ``loyalty.webhooks.rules.EVENTS`` says what each holds."""

    PURCHASE_RECORDED = "purchase.recorded"
    PURCHASE_RETURNED = "purchase.returned"
    PURCHASE_CANCELLED = "purchase.cancelled"
    POINTS_CHANGED = "points.changed"
    TIER_CHANGED = "tier.changed"
    OFFER_MADE = "offer.made"
    OFFER_REDEEMED = "offer.redeemed"
    CUSTOMER_ENROLLED = "customer.enrolled"
    PING = "ping"
    """A test that a person asked for; goes to one endpoint, subscribed or not."""


class EndpointState(StrEnum):
    """Whether an endpoint is sent to."""

    ACTIVE = "active"
    PAUSED = "paused"
    """Nothing is sent; what happens meanwhile waits."""

    DISABLED = "disabled"
    """Nothing is sent, and what happens meanwhile is not kept for it."""


class DisabledWhy(StrEnum):
    """Why an endpoint is disabled."""

    ASKED = "asked"
    GONE = "gone"
    """It answered 410."""

    FAILING = "failing"
    """Nothing got through for five days."""


class DeliveryState(StrEnum):
    """How far one event is on its way to one endpoint."""

    DUE = "due"
    SENDING = "sending"
    DELIVERED = "delivered"
    FAILED = "failed"
    """Given up after the last try; it can be replayed."""


Data = Mapping[str, str | int | list[str] | None]
"""What an event holds: plain values and pseudonymous numbers, nothing personal."""


@dataclass(frozen=True, kw_only=True, slots=True)
class EndpointTerms:
    """What somebody says of an endpoint."""

    url: str
    description: str
    events: frozenset[EventType]


@dataclass(frozen=True, kw_only=True, slots=True)
class Endpoint:
    """An address that is told of events."""

    id: EndpointID
    url: str
    description: str
    events: tuple[EventType, ...]
    state: EndpointState
    why: DisabledWhy | None
    created_at: datetime
    created_by: str
    failing_since: datetime | None
    """By the machine's clock; None while the last try got through."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Made:
    """A secret just made; it is shown this once."""

    endpoint_id: EndpointID
    secret: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Health:
    """What became of an endpoint's deliveries, as far as they are kept."""

    delivered: int = 0
    waiting: int = 0
    failed: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """One event on its way to one endpoint."""

    id: DeliveryID
    endpoint_id: EndpointID
    event_id: str
    type: EventType
    at: datetime
    """When it happened, by the shop's clock."""

    state: DeliveryState
    attempts: int
    due_at: datetime | None
    """When it is tried next; None is at once, or not any more."""

    body: str = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempt:
    """One request and what was answered."""

    number: int
    at: datetime
    headers: Mapping[str, str]
    body_sha256: str
    milliseconds: int
    status: int | None
    """None when nothing was answered; ``error`` then says why."""

    answer: str
    """The first kilobytes."""

    error: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Claimed:
    """A delivery that one worker may try now."""

    id: DeliveryID
    endpoint_id: EndpointID
    event_id: str
    url: str
    body: str
    number: int
    """Of this attempt, from 1 on; also tells it from those of other workers."""

    tries: int
    """How often it was tried since it was last asked for, with this one."""

    secrets: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Tried:
    """What came of one attempt."""

    claim: Claimed
    at: datetime
    headers: Mapping[str, str]
    milliseconds: int
    status: int | None = None
    answer: str = ""
    error: str | None = None
    retry_after: int | None = None
    """Seconds that the endpoint asked to be left alone."""
