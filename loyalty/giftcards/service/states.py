"""Blocking cards, and taking what is left on those whose end has come."""

from datetime import datetime

from sqlalchemy.orm import Session

from loyalty.core import audit
from loyalty.core.errors import Invalid
from loyalty.core.money import Money
from loyalty.giftcards import queries
from loyalty.giftcards.service.checking import GiftCardNotUsable
from loyalty.giftcards.service.moving import lock_account, move
from loyalty.giftcards.values import (
    GiftAccount,
    GiftAccountID,
    GiftState,
    Move,
    Movement,
)

_LONGEST_REASON = 200


def block(
    session: Session,
    *,
    account_id: GiftAccountID,
    reason: str,
    actor: str,
    now: datetime,
) -> GiftAccount:
    """
    Let nothing be spent from now on; what is on it stays. Twice is as once.

    :raises Invalid: without a reason
    :raises GiftCardNotUsable: if the sale was undone
    """
    return _set(
        session, account_id, GiftState.BLOCKED, reason=reason, actor=actor, now=now
    )


def unblock(
    session: Session,
    *,
    account_id: GiftAccountID,
    reason: str,
    actor: str,
    now: datetime,
) -> GiftAccount:
    """
    Let it be spent again.

    :raises Invalid: without a reason
    :raises GiftCardNotUsable: if the sale was undone
    """
    return _set(
        session, account_id, GiftState.ACTIVE, reason=reason, actor=actor, now=now
    )


def expire_ended(
    session: Session, *, account_id: GiftAccountID, actor: str, now: datetime
) -> bool:
    """Take what is left on an account whose end has come; may run twice."""
    row = lock_account(session, account_id=account_id)
    if row.expires_at is None or row.expires_at > now or row.balance == 0:
        return False
    movement = Movement(
        move=Move.EXPIRE,
        amount=Money(amount=row.balance, currency=row.currency),
        request_key=f"expiry:{row.expires_at.isoformat()}:{row.version}",
        actor=actor,
    )
    move(session, account_id=account_id, movement=movement, now=now)
    return True


def _set(
    session: Session,
    account_id: GiftAccountID,
    state: GiftState,
    *,
    reason: str,
    actor: str,
    now: datetime,
) -> GiftAccount:
    reason = reason.strip()
    if not reason or len(reason) > _LONGEST_REASON:
        message = f"Say why, in at most {_LONGEST_REASON} characters."
        raise Invalid.field(pointer="/reason", message=message, code="reason_missing")
    row = lock_account(session, account_id=account_id)
    if row.state is GiftState.CANCELLED:
        message = "The gift card was cancelled and its money given back."
        raise GiftCardNotUsable(message)
    before = row.state
    if state is GiftState.ACTIVE and row.version == 0 and row.face:
        # A card that was blocked before it was paid waits again.
        state = GiftState.WAITING
    if before is not state:
        row.state = state
        audit.record(
            session,
            now=now,
            actor=actor,
            action="gift_card.state",
            subject=f"gift_card:{account_id}",
            before={"state": before.value},
            after={"state": state.value, "reason": reason},
        )
    session.flush()
    return queries.to_account(row)
