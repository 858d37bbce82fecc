"""Paying with a card, and getting back what was paid with it.

A tender comes after all discounts and never lowers the points that a basket earns:
the money is spent here, the price and the points are settled elsewhere.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from loyalty.core.money import Money
from loyalty.giftcards.models import GiftTransferRow
from loyalty.giftcards.service.checking import RefundTooHigh
from loyalty.giftcards.service.moving import lock_account, move
from loyalty.giftcards.values import (
    GiftAccountID,
    GiftTransfer,
    Move,
    Movement,
    Side,
)
from loyalty.purchases.values import PurchaseID
from loyalty.stores.values import StoreID


def spend(  # noqa: PLR0913  # what a movement consists of
    session: Session,
    *,
    account_id: GiftAccountID,
    amount: Money,
    purchase_id: PurchaseID,
    store_id: StoreID,
    actor: str,
    now: datetime,
) -> GiftTransfer:
    """
    Pay a part of a purchase with a card or stored value, once for the purchase.

    :raises GiftCardNotUsable: if it is not paid, blocked, cancelled or over
    :raises BalanceShort: if there is less on it; the error says how much
    """
    movement = Movement(
        move=Move.SPEND,
        amount=amount,
        request_key=f"purchase:{purchase_id}",
        actor=actor,
        store_id=store_id,
        purchase_id=purchase_id,
    )
    return move(session, account_id=account_id, movement=movement, now=now)


def refund(  # noqa: PLR0913  # what a movement consists of
    session: Session,
    *,
    account_id: GiftAccountID,
    amount: Money,
    purchase_id: PurchaseID,
    request_key: str,
    actor: str,
    now: datetime,
) -> GiftTransfer:
    """
    Give back a part of what a card or stored value paid of a purchase.

    Several returns add up to what was spent at most. Blocked and expired cards get
    their money back too: a blocked one stays blocked, an expired one lasts again.

    :raises RefundTooHigh: if it did not pay so much, or it came back already
    """
    lock_account(session, account_id=account_id)
    paid = session.scalar(
        select(GiftTransferRow).where(
            GiftTransferRow.account_id == account_id,
            GiftTransferRow.purchase_id == purchase_id,
            GiftTransferRow.credit == Side.SPENT,
        )
    )
    if paid is None:
        message = "Nothing of this purchase was paid with it."
        raise RefundTooHigh(message)
    movement = Movement(
        move=Move.REFUND,
        amount=amount,
        request_key=request_key,
        actor=actor,
        store_id=paid.store_id,
        purchase_id=purchase_id,
        reverses=paid.version,
    )
    return move(session, account_id=account_id, movement=movement, now=now)
