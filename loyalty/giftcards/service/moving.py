"""Moving money: the account's row is locked first, then rows are added.

A request that comes again with its key finds its transfer under the lock and gets
the same answer: all that it was answered with stands in that immutable row.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from loyalty.core.errors import Refused
from loyalty.core.money import Money
from loyalty.giftcards.models import GiftAccountRow, GiftTransferRow
from loyalty.giftcards.queries.accounts import (
    GiftCardNotFound,
    get_policy,
    to_account,
    to_transfer,
)
from loyalty.giftcards.rules import ROUTES, end_after, grows
from loyalty.giftcards.service.checking import check
from loyalty.giftcards.values import (
    GiftAccountID,
    GiftPolicy,
    GiftState,
    GiftTransfer,
    Move,
    Movement,
)


class RequestKeyReused(Refused):
    """The request key stands for another movement of this account."""

    code = "request_key_reused"


def lock_account(session: Session, *, account_id: GiftAccountID) -> GiftAccountRow:
    """
    Keep others out of the account until the transaction's end.

    Whoever locks several does it by ascending number, after points accounts.

    :raises GiftCardNotFound: if there is none
    """
    # populate_existing: a row read before the lock was won may be stale.
    row = session.scalars(
        select(GiftAccountRow)
        .where(GiftAccountRow.id == account_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        message = f"There is no gift card {account_id}."
        raise GiftCardNotFound(message)
    return row


def move(
    session: Session, *, account_id: GiftAccountID, movement: Movement, now: datetime
) -> GiftTransfer:
    """
    Move money, at most once for a request key.

    :raises RequestKeyReused: if the key belongs to another movement
    :raises Invalid: for another currency, or an amount that the shop does not sell
    :raises GiftCardNotUsable: if the card's state or end forbids it
    :raises BalanceShort: if there is less on it
    :raises GiftCardUsed: if a sale is to be undone of which something was spent
    :raises RefundTooHigh: if more is to go back than was spent
    """
    row = lock_account(session, account_id=account_id)
    earlier = _earlier(session, row, movement)
    if earlier is not None:
        return to_transfer(earlier, row.currency)
    policy = get_policy(session)
    check(session, row, movement, policy, now=now)
    _apply(row, movement, policy, now=now)
    debit, credit = ROUTES[movement.move]
    transfer = GiftTransferRow(
        account_id=row.id,
        version=row.version,
        at=now,
        debit=debit,
        credit=credit,
        amount=movement.amount.amount,
        balance_after=row.balance,
        request_key=movement.request_key,
        reverses=movement.reverses,
        other_id=movement.other_id,
        purchase_id=movement.purchase_id,
        store_id=movement.store_id,
        actor=movement.actor,
    )
    session.add(transfer)
    session.flush()
    return to_transfer(transfer, row.currency)


def _earlier(
    session: Session, row: GiftAccountRow, movement: Movement
) -> GiftTransferRow | None:
    earlier = session.scalar(
        select(GiftTransferRow).where(
            GiftTransferRow.account_id == row.id,
            GiftTransferRow.request_key == movement.request_key,
        )
    )
    if earlier is None:
        return None
    asked = (
        ROUTES[movement.move],
        movement.amount,
        movement.purchase_id,
        movement.store_id,
        movement.reverses,
        movement.other_id,
    )
    done = (
        (earlier.debit, earlier.credit),
        Money(amount=earlier.amount, currency=row.currency),
        earlier.purchase_id,
        earlier.store_id,
        earlier.reverses,
        earlier.other_id,
    )
    if asked != done:
        message = f"The request key {movement.request_key} was used differently."
        raise RequestKeyReused(message)
    return earlier


def _apply(
    row: GiftAccountRow, movement: Movement, policy: GiftPolicy, *, now: datetime
) -> None:
    row.expires_at = end_after(
        movement.move,
        account=to_account(row),
        policy=policy,
        first=row.version == 0,
        now=now,
    )
    change = movement.amount.amount
    row.balance += change if grows(movement.move) else -change
    row.version += 1
    if movement.move is Move.SELL:
        row.state = GiftState.ACTIVE
    elif movement.move is Move.CANCEL:
        row.state = GiftState.CANCELLED
