"""The vocabulary of delivery."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final, NewType

from loyalty.core.periods import WeeklyWindow
from loyalty.customers.values import Channel, ContactID, CustomerID
from loyalty.templates.values import Version

MessageID = NewType("MessageID", int)

Details = dict[str, str | int | bool | list[dict[str, str]] | None]
"""Plain values noted with a message or an event; never personal ones."""


ONLY: Final = "only"
"""The parameter of a message that may go by one channel alone: it proves an address."""


class MessageKind(StrEnum):
    """What a message is for, which decides what it must respect."""

    SERVICE = "service"
    """Asked for or needed: a card, a code. Sent at once, without consent."""

    MARKETING = "marketing"
    """Offers: by consent, in the customer's hours, under the weekly cap."""


class MessageState(StrEnum):
    """How far a message has come."""

    PLANNED = "planned"
    CLAIMED = "claimed"
    """A worker holds it until its lease ends; nothing was handed over yet."""

    SENDING = "sending"
    """Being handed over; written down before the provider is called."""

    SENT = "sent"
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    UNKNOWN = "unknown"
    """Handed over or not: the worker died in between, and nobody can say."""

    FAILED = "failed"
    SUPPRESSED = "suppressed"
    """Not sent because the customer or a rule forbids it; the reason says which."""

    EXPIRED = "expired"
    CANCELLED = "cancelled"


PENDING = frozenset({MessageState.PLANNED, MessageState.CLAIMED, MessageState.SENDING})
"""The states from which something is still to come by itself."""

WENT_OUT = frozenset(
    {
        MessageState.SENT,
        MessageState.DELIVERED,
        MessageState.BOUNCED,
        MessageState.COMPLAINED,
    }
)
"""``sent``, and what was later learned about a sent message."""


class Reason(StrEnum):
    """Why a message was refused, put off, or given up."""

    CUSTOMER_ERASED = "customer_erased"
    NO_CONSENT = "no_consent"
    NO_CHANNEL = "no_channel"
    """Every channel lacks a working address, a provider or a consent."""

    NO_MOMENT = "no_moment"
    """No permitted hour comes before the message loses its point."""

    WEEKLY_CAP = "weekly_cap"
    TOO_LATE = "too_late"
    OFFER_ENDED = "offer_ended"
    OFFER_REDEEMED = "offer_redeemed"
    OFFER_WITHDRAWN = "offer_withdrawn"
    CANCELLED = "cancelled"
    NOT_NOW = "not_now"
    """Outside the customer's hours at the last check: planned anew."""

    CHANNEL_LOST = "channel_lost"
    """The channel planned for is no longer permitted: planned anew."""

    TEMPORARY = "temporary"
    PERMANENT = "permanent"
    GAVE_UP = "gave_up"
    LEASE_ENDED = "lease_ended"
    FELL_BACK = "fell_back"
    """A channel failed for good: planned anew on the customer's next one."""

    REPLAYED = "replayed"
    """Planned anew because somebody of the staff asked for it."""

    ASKED = "asked"
    """The provider was asked about a message in doubt, and knew."""


class ReceiptEvent(StrEnum):
    """What a provider, or a customer's own click, tells of a sent message."""

    DELIVERED = "delivered"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    OPENED = "opened"
    CLICKED = "clicked"


class TallySpan(StrEnum):
    """The stretch of time that a row of the tally counts."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"


@dataclass(frozen=True, kw_only=True, slots=True)
class NewMessage:
    """A message that somebody wants sent."""

    customer_id: CustomerID
    kind: MessageKind
    template: str
    """A name in ``render.TEMPLATES``."""

    parameters: Details = field(default_factory=dict)
    """What the template fills in, in the customer's language; nothing personal."""

    subject: str
    """What it is about, as ``offer:12`` or ``event:enrolled``."""

    occasion: str = "first"
    """Which telling of it: the same subject and occasion is told once."""

    not_before: datetime | None = None
    not_after: datetime | None = None
    """When it loses its point, such as the end of the offer."""

    max_lateness: timedelta | None = None
    """How long after its moment it is still tried; None takes the policy's."""

    offer_id: int | None = None
    campaign_id: int | None = None
    variant: str | None = None

    @property
    def only(self) -> Channel | None:
        """The one channel that it may go by; None: any that is permitted."""
        return only_channel(self.parameters)


def only_channel(parameters: Details) -> Channel | None:
    """Return the one channel that a message with these parameters may go by."""
    value = parameters.get(ONLY)
    return Channel(value) if isinstance(value, str) else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipient:
    """What planning and checking need to know of a customer; no address, no name."""

    customer_id: CustomerID
    zone: str
    language: str
    erased: bool = False
    channels: tuple[Channel, ...] = ()
    """The declared order; the inbox is at its end even when not listed."""

    usual: tuple[Channel, ...] = ()
    """The learned order, for a customer who declared none."""

    reachable: frozenset[Channel] = frozenset({Channel.INBOX})
    """Channels with a verified address to which nothing bounced."""

    unverified: frozenset[Channel] = frozenset()
    """Channels with an address that is not verified yet: for service only."""

    consents: frozenset[Channel] = frozenset()
    """Channels with a marketing consent that stands."""

    windows: tuple[WeeklyWindow, ...] = ()
    """Declared hours."""

    learned: tuple[WeeklyWindow, ...] = ()
    """Hours guessed from behaviour, for a customer who declared none."""

    pause_until: datetime | None = None
    failed: frozenset[Channel] = frozenset()
    """Channels on which the message at hand has failed for good."""

    max_per_week: int | None = None
    weeks: Mapping[date, int] = field(default_factory=dict)
    """Marketing messages planned or sent, by the Monday of the customer's week."""


def _every_day(start_hour: int, until_hour: int) -> WeeklyWindow:
    return WeeklyWindow(
        days=frozenset(range(7)), start=start_hour * 60, until=until_hour * 60
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class DeliveryPolicy:
    """What the programme allows; local hours are the customer's own."""

    providers: frozenset[Channel] = frozenset({Channel.EMAIL, Channel.INBOX})
    """Channels that something stands behind."""

    quiet: tuple[WeeklyWindow, ...] = (_every_day(21, 8),)
    windows: tuple[WeeklyWindow, ...] = (_every_day(10, 20),)
    """For customers of whom no hours are known."""

    order: tuple[Channel, ...] = (
        Channel.EMAIL,
        Channel.PUSH,
        Channel.TELEGRAM,
        Channel.WEBHOOK,
        Channel.SMS,
        Channel.TILL,
        Channel.LETTER,
        Channel.INBOX,
    )
    """For customers of whom no order is known: what costs comes late."""

    max_per_week: int = 3
    spread: timedelta = timedelta(hours=2)
    """Messages are spread over at most this much of a window."""

    horizon: timedelta = timedelta(days=14)
    """How far ahead a moment is looked for when the message has no end itself."""

    max_lateness: Mapping[MessageKind, timedelta] = field(
        default_factory=lambda: {
            MessageKind.SERVICE: timedelta(days=1),
            MessageKind.MARKETING: timedelta(days=3),
        }
    )
    """How long after its moment a message is still tried."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """Where and when a message goes, and why."""

    channel: Channel
    due_at: datetime
    why: Details
    """For support: ``channel``, ``order``, ``skipped``, ``window``, ``local``…"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """A message that is not going to be sent, and why."""

    reason: Reason
    why: Details = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Planned:
    """What became of a wish to send: a row in every case."""

    id: MessageID
    state: MessageState
    channel: Channel | None
    due_at: datetime
    reason: Reason | None
    created: bool
    """False when the same thing had been planned before."""


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


@dataclass(frozen=True, kw_only=True, slots=True)
class Books:
    """The counts of every message ever planned, and what does not add up."""

    planned: int
    by_state: Mapping[MessageState, int]
    problems: tuple[str, ...]

    @property
    def pending(self) -> int:
        """Messages that are still to come."""
        return sum(self.by_state.get(state, 0) for state in PENDING)

    @property
    def balanced(self) -> bool:
        """Whether nothing is missing and nothing is there twice."""
        return not self.problems
