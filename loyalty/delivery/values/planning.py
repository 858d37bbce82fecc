"""What is planned, for whom, under which rules, and what comes of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from loyalty.core.periods import WeeklyWindow
from loyalty.customers.values import Channel, CustomerID
from loyalty.delivery.values.states import (
    Details,
    MessageID,
    MessageKind,
    MessageState,
    Reason,
    only_channel,
)


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
