"""A message on its way out, and what the provider says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from loyalty.customers.values import Channel, ContactID, CustomerID
from loyalty.delivery.values.states import (
    Details,
    MessageID,
    MessageKind,
    MessageState,
    Reason,
    ReceiptEvent,
)
from loyalty.templates.values import Version


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnWords:
    """A marketer's template with what it may say beyond the message's parameters."""

    version: Version
    points: int = 0
    """The balance, read for the hand-over."""

    card: str = ""
    """The last four digits."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Claimed:
    """A message in one worker's hands; ``fence`` tells its claim from later ones."""

    id: MessageID
    customer_id: CustomerID
    kind: MessageKind
    channel: Channel
    template: str
    parameters: Details
    language: str
    offer_id: int | None
    campaign_id: int | None
    variant: str | None = None
    due_at: datetime
    """Where the row stands: it is the same as long as the fence is."""

    not_after: datetime | None
    late_at: datetime | None = None
    sender: str = ""
    """The sender's postal address, which stands at the foot."""

    words: OwnWords | None = None
    """What a marketer's template needs, given along by the last look before sending."""

    tried: Sequence[str] | None = None
    """Channels that have failed for good."""

    fence: int
    attempts: int = 0
    """How often it had been tried before."""

    handover_key: str
    reserved_week: date | None = None
    """The week in whose cap it holds a place."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NotSent:
    """A claimed message that was not accepted, and what becomes of it."""

    claim: Claimed
    state: MessageState
    reason: Reason | None = None
    answer: str
    """What the provider said, without addresses."""

    due_at: datetime | None = None
    """When it is tried again."""

    ask_at: datetime | None = None
    """When the provider is asked about it."""

    bad_address: str | None = None
    """An address where nothing can arrive: never used again."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """The personal values of a hand-over, opened for it alone."""

    first_name: str | None = None
    zone: str = "UTC"
    addresses: Mapping[Channel, str] = field(default_factory=dict)
    contacts: Mapping[ContactID, str] = field(default_factory=dict)
    """Every working address, also those that others are preferred to."""
    measured: bool = False
    """Whether they agreed that what they open and follow is counted."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OutgoingMessage:
    """A message as a channel gets it: rendered, with the address in clear."""

    id: MessageID
    kind: MessageKind
    address: str | None
    subject: str
    text: str
    html: str
    language: str
    handover_key: str
    """Goes with the message, so that the provider can be asked about it."""

    unsubscribe_url: str | None = None
    brief: str = ""
    """The message in at most about 300 characters, its link among them."""

    url: str | None = None
    """Where the message leads."""

    customer_id: CustomerID | None = None
    """For a receiver of the shop's own, which knows customers by number."""

    tracked: bool = False
    """Whether the customer agreed that opens and clicks are counted."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Receipt:
    """What a provider answered when it accepted a message."""

    provider_ref: str | None = None
    """Its own name for the message, by which it tells what came of it."""

    parts: int = 1
    cost: int = 0
    """In millionths of the currency's unit."""

    final: bool = False
    """Whether it has arrived already, as on the inbox and the till."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What a provider that was asked about a hand-over key knows for certain."""

    accepted: bool
    """False: it never got the message, which may go again without harm."""

    receipt: Receipt | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ProviderReceipt:
    """What came back about a message; one of the two names must be given."""

    provider: str
    handover_key: str | None = None
    provider_ref: str | None = None
    event: ReceiptEvent
    hard: bool = False
    """Of a bounce: whether nothing will ever arrive at this address."""

    at: datetime
    detail: str | None = None
    """In the provider's words, without addresses."""
