"""What a message is for, how far it has come, and why."""

from enum import StrEnum
from typing import Final, NewType

from loyalty.customers.values import Channel

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


def only_channel(parameters: Details) -> Channel | None:
    """Return the one channel that a message with these parameters may go by."""
    value = parameters.get(ONLY)
    return Channel(value) if isinstance(value, str) else None
