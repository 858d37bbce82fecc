"""From one account to another: two transfers, linked, in one transaction."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from loyalty.core.money import Money, zero
from loyalty.customers.values import CustomerID
from loyalty.giftcards.models import GiftTransferRow
from loyalty.giftcards.queries.accounts import get_account, to_transfer
from loyalty.giftcards.service.checking import BalanceShort
from loyalty.giftcards.service.issuing import open_stored_value
from loyalty.giftcards.service.moving import lock_account, move
from loyalty.giftcards.values import (
    GiftAccountID,
    GiftState,
    GiftTransfer,
    Move,
    Movement,
    Side,
)


def keep_on_account(
    session: Session,
    *,
    card_id: GiftAccountID,
    customer_id: CustomerID,
    actor: str,
    now: datetime,
) -> GiftTransfer:
    """
    Put all that is on a card onto a member's stored value; return what arrived.

    Doing it again with the emptied card answers what the first time did.

    :raises GiftCardNotUsable: if the card is not paid, blocked, cancelled or over
    :raises BalanceShort: if nothing is on it
    :raises Invalid: if the member would hold more than the shop allows
    """
    currency = get_account(session, account_id=card_id).balance.currency
    stored_id = open_stored_value(
        session, customer_id=customer_id, currency=currency, actor=actor, now=now
    )
    rows = {
        account_id: lock_account(session, account_id=account_id)
        for account_id in sorted((card_id, stored_id))
    }
    card = rows[card_id]
    if card.balance == 0 and card.state is not GiftState.WAITING:
        return _arrived(session, card_id, stored_id) or _empty(currency)
    given = Movement(
        move=Move.GIVE,
        # An unpaid card is refused for that, not for being empty.
        amount=Money(amount=card.balance or card.face, currency=currency),
        request_key=f"card:{card_id}:{card.version + 1}",
        actor=actor,
        other_id=stored_id,
    )
    taken = replace(given, move=Move.TAKE, other_id=card_id)
    move(session, account_id=card_id, movement=given, now=now)
    return move(session, account_id=stored_id, movement=taken, now=now)


def _arrived(
    session: Session, card_id: GiftAccountID, stored_id: GiftAccountID
) -> GiftTransfer | None:
    row = session.scalar(
        select(GiftTransferRow)
        .where(
            GiftTransferRow.account_id == stored_id,
            GiftTransferRow.other_id == card_id,
            GiftTransferRow.debit == Side.MOVED,
        )
        .order_by(GiftTransferRow.version.desc())
        .limit(1)
    )
    if row is None:
        return None
    return to_transfer(row, get_account(session, account_id=stored_id).balance.currency)


def _empty(currency: str) -> GiftTransfer:
    message = "There is nothing on the gift card."
    raise BalanceShort(message, balance=zero(currency))
