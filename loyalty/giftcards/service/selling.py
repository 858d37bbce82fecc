"""Taking money in advance, and giving it back when the sale was a mistake."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from loyalty.core.money import Money
from loyalty.customers.values import CustomerID
from loyalty.giftcards.queries.accounts import get_account
from loyalty.giftcards.service.issuing import open_stored_value
from loyalty.giftcards.service.moving import move
from loyalty.giftcards.values import GiftAccountID, GiftTransfer, Move, Movement
from loyalty.stores.values import StoreID


@dataclass(frozen=True, kw_only=True, slots=True)
class Sale:
    """Money that was paid for a card or a balance."""

    amount: Money
    store_id: StoreID
    request_key: str
    """Unique for the account; the same sale sent again changes nothing."""

    actor: str


def sell(
    session: Session, *, account_id: GiftAccountID, sale: Sale, now: datetime
) -> GiftTransfer:
    """
    Put what was paid onto a card: a waiting one is activated, an active topped up.

    :raises GiftCardNotUsable: if it is blocked or cancelled
    :raises Invalid: if a waiting card costs another amount, the shop sells no such
        amount, or more would lie on it than may
    """
    movement = Movement(
        move=Move.SELL,
        amount=sale.amount,
        request_key=sale.request_key,
        actor=sale.actor,
        store_id=sale.store_id,
    )
    return move(session, account_id=account_id, movement=movement, now=now)


def top_up(
    session: Session, *, customer_id: CustomerID, sale: Sale, now: datetime
) -> GiftTransfer:
    """
    Put what was paid onto a member's stored value, opened if need be.

    :raises Invalid: as for a card
    """
    account_id = open_stored_value(
        session,
        customer_id=customer_id,
        currency=sale.amount.currency,
        actor=sale.actor,
        now=now,
    )
    return sell(session, account_id=account_id, sale=sale, now=now)


def cancel_sale(
    session: Session,
    *,
    account_id: GiftAccountID,
    store_id: StoreID,
    actor: str,
    now: datetime,
) -> GiftTransfer:
    """
    Undo the sale of a card of which nothing was spent; twice is as once.

    :raises GiftCardUsed: if something was spent, or the card is not paid
    :raises GiftCardNotUsable: if it is blocked
    """
    movement = Movement(
        move=Move.CANCEL,
        amount=get_account(session, account_id=account_id).face,
        request_key="cancel",
        actor=actor,
        store_id=store_id,
    )
    return move(session, account_id=account_id, movement=movement, now=now)
