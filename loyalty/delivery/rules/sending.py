"""What follows from a check, a failure or a crash."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from loyalty.customers.values import Channel
from loyalty.delivery.rules.planning import choose_channel, may_be_reached_now
from loyalty.delivery.values import (
    Claimed,
    DeliveryPolicy,
    MessageKind,
    MessageState,
    NotSent,
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

ASK_AFTER = timedelta(seconds=30)
"""A provider that was cut off needs a moment to know what it got."""

ASK_FOR = timedelta(hours=1)
"""After that a provider that can't say is asked no more."""


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
    late_at: datetime | None = None
    failed: frozenset[Channel] = frozenset()
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
    if any(end is not None and now >= end for end in (due.not_after, due.late_at)):
        return Reason.TOO_LATE
    if due.failed:
        customer = replace(customer, failed=due.failed)
    return _check_way(due, customer, policy, now)


def _check_way(
    due: Due, customer: Recipient, policy: DeliveryPolicy, now: datetime
) -> Reason | None:
    # What was learned since is no wish: it moves no message that is planned.
    customer = replace(customer, usual=(due.channel, *customer.usual))
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


def after_temporary(
    claim: Claimed, answer: str, *, retry_after: float | None = None, now: datetime
) -> NotSent:
    """
    Plan another try after a temporary failure, or give up after the last one.

    :param retry_after: in how many seconds the provider wants to be asked again
    """
    again = next_try(message_id=claim.id, attempts=claim.attempts + 1, now=now)
    if again is not None and retry_after is not None:
        again = max(again, now + timedelta(seconds=retry_after))
    ends = [end for end in (claim.not_after, claim.late_at) if end is not None]
    if again is None or any(again >= end for end in ends):
        return NotSent(
            claim=claim,
            state=MessageState.FAILED,
            reason=Reason.GAVE_UP,
            answer=answer,
        )
    return NotSent(
        claim=claim,
        state=MessageState.PLANNED,
        reason=Reason.TEMPORARY,
        answer=answer,
        due_at=again,
    )


def after_permanent(
    claim: Claimed, answer: str, *, bad_address: str | None = None
) -> NotSent:
    """End a message that the provider refused for good; another channel may do."""
    return NotSent(
        claim=claim,
        state=MessageState.FAILED,
        reason=Reason.PERMANENT,
        answer=answer,
        bad_address=bad_address,
    )


def after_unknown(
    claim: Claimed, answer: str, *, askable: bool, now: datetime
) -> NotSent:
    """
    Return what becomes of a message that may have been accepted.

    :param askable: whether the provider can tell by the hand-over key; then it is asked
        before anything else is done
    """
    if askable:
        return NotSent(
            claim=claim,
            state=MessageState.UNKNOWN,
            answer=answer,
            ask_at=now + ASK_AFTER,
        )
    after = state_after_crash(MessageState.SENDING, claim.kind, claim.channel)
    if after is MessageState.PLANNED:
        return after_temporary(claim, answer, now=now)
    return NotSent(claim=claim, state=after, answer=answer)


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
