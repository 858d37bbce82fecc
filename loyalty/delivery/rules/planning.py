"""Which channel, and when: the plan of one message."""

import hashlib
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from loyalty.core.periods import WeeklyWindow
from loyalty.core.zones import tzdata_version
from loyalty.customers.values import Channel
from loyalty.delivery.rules.hours import Open, open_periods, permitted, week_of
from loyalty.delivery.values import (
    DeliveryPolicy,
    Details,
    MessageKind,
    NewMessage,
    Plan,
    Reason,
    Recipient,
    Refusal,
)

_A_SECOND = timedelta(seconds=1)
_HASH_BYTES = 8
_HASH_RANGE = 1 << (8 * _HASH_BYTES)


def plan(
    message: NewMessage, customer: Recipient, policy: DeliveryPolicy, now: datetime
) -> Plan | Refusal:
    """
    Choose the channel and the moment of a message, or say why there is none.

    A service message goes at once to the first working address. A marketing
    message goes to the first permitted channel in the customer's order, at the
    earliest permitted stretch of time before ``not_after`` in a week with room under
    the cap; inside the stretch, the message's hash decides, so that messages for the
    same hours don't all leave at their first second.
    """
    if customer.erased:
        return Refusal(reason=Reason.CUSTOMER_ERASED)
    channel = choose_channel(message.kind, customer, policy, message.only)
    if isinstance(channel, Refusal):
        return channel
    start = max(now, message.not_before or now)
    if message.not_after is not None and start >= message.not_after:
        return Refusal(reason=Reason.TOO_LATE)
    chosen, skipped = channel
    why: Details = {
        "channel": chosen.value,
        "order": order_of(customer, policy)[0],
        "skipped": skipped,
    }
    if message.kind is MessageKind.SERVICE:
        return Plan(channel=chosen, due_at=start, why={**why, "window": "at_once"})
    start = max(start, customer.pause_until or start)
    return _in_hours(message, customer, policy, start=start, chosen=(chosen, why))


def choose_channel(
    kind: MessageKind,
    customer: Recipient,
    policy: DeliveryPolicy,
    only: Channel | None = None,
) -> tuple[Channel, list[dict[str, str]]] | Refusal:
    """
    Return the first permitted channel and why those before it were passed over.

    What proves an address may go by its channel ``only``.

    The inbox is a page of ours that the customer opens, so nothing leaves through
    it: it is open to whoever agreed to offers on any channel at all.
    """
    consents = customer.consents | ({Channel.INBOX} if customer.consents else set())
    reachable = customer.reachable
    if kind is MessageKind.SERVICE:
        reachable |= customer.unverified
    skipped: list[dict[str, str]] = []
    for channel in _order(kind, customer, policy) if only is None else (only,):
        if channel not in policy.providers:
            skipped.append({"channel": channel.value, "why": "no_provider"})
        elif channel in customer.failed:
            skipped.append({"channel": channel.value, "why": "failed"})
        elif kind is MessageKind.MARKETING and channel not in consents:
            skipped.append({"channel": channel.value, "why": "no_consent"})
        elif channel not in reachable:
            skipped.append({"channel": channel.value, "why": "no_address"})
        else:
            return channel, skipped
    without_consent = kind is MessageKind.MARKETING and not customer.consents
    reason = Reason.NO_CONSENT if without_consent else Reason.NO_CHANNEL
    return Refusal(reason=reason, why={"skipped": skipped})


def hours_of(
    customer: Recipient, policy: DeliveryPolicy
) -> tuple[str, tuple[WeeklyWindow, ...]]:
    """Return whose hours count, and the hours: declared, learned or programme."""
    if customer.windows:
        return "declared", customer.windows
    if customer.learned:
        return "learned", customer.learned
    return "programme", policy.windows


def may_be_reached_now(
    customer: Recipient, policy: DeliveryPolicy, now: datetime
) -> bool:
    """
    Test whether a planned marketing message may leave at this moment.

    Learned hours are a guess about the best time, not a wish: a message that is late
    for them may still leave in the programme's hours.
    """
    windows = customer.windows or (*customer.learned, *policy.windows)
    return (customer.pause_until is None or customer.pause_until <= now) and permitted(
        now, windows=windows, quiet=policy.quiet, zone=ZoneInfo(customer.zone)
    )


def cap_of(customer: Recipient, policy: DeliveryPolicy) -> int:
    """Return how many marketing messages a week the customer may get."""
    if customer.max_per_week is None:
        return policy.max_per_week
    return min(customer.max_per_week, policy.max_per_week)


def spread_key(message: NewMessage) -> float:
    """Return the message's own number from 0 (included) to 1 (not included)."""
    text = f"{message.customer_id}/{message.subject}/{message.occasion}".encode()
    digest = hashlib.blake2b(text, digest_size=_HASH_BYTES).digest()
    return int.from_bytes(digest, "big") / _HASH_RANGE


def order_of(
    customer: Recipient, policy: DeliveryPolicy
) -> tuple[str, tuple[Channel, ...]]:
    """
    Return whose order of channels counts, and the order.

    Who declared none has agreed to some: those, as learned; the programme orders what
    nothing was learned of.
    """
    if customer.channels:
        return "declared", customer.channels
    ranked = dict.fromkeys((*customer.usual, *policy.order))
    order = tuple(one for one in ranked if one in customer.consents)
    return "learned" if order and order[0] in customer.usual else "programme", order


def _order(
    kind: MessageKind, customer: Recipient, policy: DeliveryPolicy
) -> tuple[Channel, ...]:
    whose, order = order_of(customer, policy)
    needed = (Channel.EMAIL,) if whose == "declared" else (Channel.EMAIL, Channel.SMS)
    if kind is MessageKind.SERVICE:
        order = (*order, *(one for one in needed if one not in order))
    return order if Channel.INBOX in order else (*order, Channel.INBOX)


def _in_hours(
    message: NewMessage,
    customer: Recipient,
    policy: DeliveryPolicy,
    *,
    start: datetime,
    chosen: tuple[Channel, Details],
) -> Plan | Refusal:
    zone = ZoneInfo(customer.zone)
    source, windows = hours_of(customer, policy)
    cap = cap_of(customer, policy)
    until = message.not_after or start + policy.horizon
    full = False
    for stretch in open_periods(
        windows=windows, quiet=policy.quiet, zone=zone, start=start, until=until
    ):
        if customer.weeks.get(stretch.week, 0) >= cap:
            full = True
            continue
        due_at = _within(stretch, policy, spread_key(message))
        local = due_at.astimezone(zone).replace(tzinfo=None)
        channel, why = chosen
        return Plan(
            channel=channel,
            due_at=due_at,
            why={
                **why,
                "window": source,
                "zone": customer.zone,
                "local": local.isoformat(timespec="seconds"),
                "week": week_of(due_at, zone).isoformat(),
                "tzdata": tzdata_version(),
            },
        )
    why = {**chosen[1], "window": source, "zone": customer.zone}
    return Refusal(reason=Reason.WEEKLY_CAP if full else Reason.NO_MOMENT, why=why)


def _within(stretch: Open, policy: DeliveryPolicy, key: float) -> datetime:
    length = min(stretch.until - stretch.start, policy.spread)
    due_at = stretch.start + length * key
    # A whole second reads better; the first second of a stretch may not be whole.
    return max(stretch.start, due_at.replace(microsecond=0))
