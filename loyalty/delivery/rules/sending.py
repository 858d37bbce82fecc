"""What follows from a check, a failure or a crash."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from loyalty.customers.values import Channel
from loyalty.delivery.rules.planning import choose_channel, may_be_reached_now
from loyalty.delivery.values import (
    DeliveryPolicy,
    MessageKind,
    MessageState,
    Reason,
    Recipient,
    Refusal,
)

WAITS = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
)
"""How long to wait after the first, second, ... failed try."""

_JITTER = 0.25


class OfferStanding(Enum):
    """How the offer that a message carries stands."""

    NONE = "none"
    OPEN = "open"
    ENDED = "ended"
    REDEEMED = "redeemed"
    WITHDRAWN = "withdrawn"


_OFFER_REASONS = {
    OfferStanding.ENDED: Reason.OFFER_ENDED,
    OfferStanding.REDEEMED: Reason.OFFER_REDEEMED,
    OfferStanding.WITHDRAWN: Reason.OFFER_WITHDRAWN,
}

_STATES = {
    Reason.TOO_LATE: MessageState.EXPIRED,
    Reason.NO_MOMENT: MessageState.EXPIRED,
    Reason.OFFER_ENDED: MessageState.EXPIRED,
    Reason.OFFER_REDEEMED: MessageState.CANCELLED,
    Reason.OFFER_WITHDRAWN: MessageState.CANCELLED,
    Reason.CANCELLED: MessageState.CANCELLED,
    Reason.PERMANENT: MessageState.FAILED,
    Reason.GAVE_UP: MessageState.FAILED,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Due:
    """What of a claimed message the last check looks at."""

    kind: MessageKind
    channel: Channel
    not_after: datetime | None
    offer: OfferStanding = OfferStanding.NONE
    only: Channel | None = None
    """The one channel that it may go by."""


def state_after(reason: Reason) -> MessageState:
    """Return the state in which a message that is not sent for this reason ends."""
    return _STATES.get(reason, MessageState.SUPPRESSED)


def check(
    due: Due, customer: Recipient, policy: DeliveryPolicy, now: datetime
) -> Reason | None:
    """
    Look once more, right before sending; None means go.

    ``NOT_NOW`` and ``CHANNEL_LOST`` ask for a new plan; any other reason is final.
    """
    if customer.erased:
        return Reason.CUSTOMER_ERASED
    if due.offer in _OFFER_REASONS:
        return _OFFER_REASONS[due.offer]
    if due.not_after is not None and now >= due.not_after:
        return Reason.TOO_LATE
    return _check_way(due, customer, policy, now)


def _check_way(
    due: Due, customer: Recipient, policy: DeliveryPolicy, now: datetime
) -> Reason | None:
    channel = choose_channel(due.kind, customer, policy, due.only)
    if isinstance(channel, Refusal):
        return channel.reason
    if channel[0] is not due.channel:
        return Reason.CHANNEL_LOST
    marketing = due.kind is MessageKind.MARKETING
    if marketing and not may_be_reached_now(customer, policy, now):
        return Reason.NOT_NOW
    return None


def next_try(*, message_id: int, attempts: int, now: datetime) -> datetime | None:
    """
    Return when to try again after so many tries; None means give up.

    The wait is stretched by up to a quarter, by the message's own hash: a provider
    that comes back is not met by everybody in the same second.
    """
    if attempts > len(WAITS):
        return None
    digest = hashlib.blake2b(f"{message_id}/{attempts}".encode(), digest_size=2)
    share = int.from_bytes(digest.digest(), "big") / 0xFFFF
    return now + WAITS[max(attempts, 1) - 1] * (1 + _JITTER * share)


def state_after_crash(
    state: MessageState, kind: MessageKind, channel: Channel
) -> MessageState:
    """
    Return what becomes of a message whose worker is gone.

    A claimed one was not handed over: it is planned again. One in ``sending`` may
    have arrived. Service e-mail is sent again, because a code twice is better than
    none, and so is what only our own inbox shows; marketing never is.
    """
    if state is MessageState.CLAIMED or channel is Channel.INBOX:
        return MessageState.PLANNED
    if kind is MessageKind.SERVICE and channel is Channel.EMAIL:
        return MessageState.PLANNED
    return MessageState.UNKNOWN
