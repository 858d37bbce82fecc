"""What may be done with an account, and which way money goes."""

from datetime import datetime, timedelta
from typing import Final

from loyalty.core.money import Money, zero
from loyalty.giftcards.values import (
    GiftAccount,
    GiftPolicy,
    GiftState,
    Move,
    Side,
)

ROUTES: Final[dict[Move, tuple[Side, Side]]] = {
    Move.SELL: (Side.SOLD, Side.BALANCE),
    Move.CANCEL: (Side.BALANCE, Side.SOLD),
    Move.SPEND: (Side.BALANCE, Side.SPENT),
    Move.REFUND: (Side.SPENT, Side.BALANCE),
    Move.EXPIRE: (Side.BALANCE, Side.EXPIRED),
    Move.GIVE: (Side.BALANCE, Side.MOVED),
    Move.TAKE: (Side.MOVED, Side.BALANCE),
}
"""From which side to which each movement goes: (debit, credit)."""

BY_ROUTE: Final = {route: move for move, route in ROUTES.items()}


def grows(move: Move) -> bool:
    """Test whether a movement adds to the balance."""
    return ROUTES[move][1] is Side.BALANCE


def has_ended(account: GiftAccount, *, now: datetime) -> bool:
    """Test whether the account's validity is over."""
    return account.expires_at is not None and account.expires_at <= now


def usable(account: GiftAccount, *, now: datetime) -> Money:
    """Return how much can be spent now: the balance, or nothing."""
    if account.state is not GiftState.ACTIVE or has_ended(account, now=now):
        return zero(account.balance.currency)
    return account.balance


def end_after(
    move: Move, *, account: GiftAccount, policy: GiftPolicy, first: bool, now: datetime
) -> datetime | None:
    """
    Return when the account ends after a movement; it never ends earlier for one.

    What is paid for lasts as long as the policy says now. A refund lasts some days
    at least, also on a card that had ended.

    :param first: whether the account never moved before
    """
    end = account.expires_at
    match move:
        case Move.SELL | Move.TAKE:
            fresh = policy.end(now=now)
            if first:
                return fresh
            return later_end(end, fresh)
        case Move.REFUND if end is not None:
            return max(end, now + timedelta(policy.refund_days))
        case _:
            return end


def later_end(one: datetime | None, other: datetime | None) -> datetime | None:
    """Return the later of two ends, of which None is never."""
    return None if one is None or other is None else max(one, other)
