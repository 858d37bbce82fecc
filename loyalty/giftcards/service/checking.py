"""What a movement is refused for. The account is locked by whoever asks."""

from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from loyalty.core.errors import Invalid, Refused
from loyalty.core.money import Money, decimal_text
from loyalty.giftcards.models import GiftAccountRow, GiftTransferRow
from loyalty.giftcards.queries.accounts import to_account
from loyalty.giftcards.rules import has_ended
from loyalty.giftcards.service.issuing import check_sale
from loyalty.giftcards.values import (
    GiftKind,
    GiftPolicy,
    GiftState,
    Move,
    Movement,
    Side,
)


class GiftCardNotUsable(Refused):
    """The card is not paid, blocked, cancelled or over."""

    code = "gift_card_not_usable"


class BalanceShort(Refused):
    """There is less on the card than was asked for."""

    code = "gift_card_balance_short"

    def __init__(self, message: str, *, balance: Money) -> None:
        super().__init__(message)
        self.balance = balance


class GiftCardUsed(Refused):
    """Something was spent, so the sale can't be undone any more."""

    code = "gift_card_used"


class RefundTooHigh(Refused):
    """More was to go back than was spent and not yet refunded."""

    code = "gift_card_refund_too_high"


def check(
    session: Session,
    row: GiftAccountRow,
    movement: Movement,
    policy: GiftPolicy,
    *,
    now: datetime,
) -> None:
    """
    Refuse a movement that the account's state or the shop's policy forbids.

    :param row: locked
    """
    amount = movement.amount
    if amount.currency != row.currency:
        message = f"The money on it is in {row.currency}."
        raise Invalid.field(
            pointer="/amount", message=message, code="currency_mismatch"
        )
    if amount.amount <= 0:
        raise Invalid.field(pointer="/amount", message="Say an amount above 0.")
    match movement.move:
        case Move.SELL:
            _check_sale(row, amount, policy)
        case Move.TAKE:
            _check_room(row, amount, policy, beyond=movement.beyond_most)
        case Move.SPEND | Move.GIVE:
            _check_usable(row, amount, now=now)
        case Move.CANCEL:
            _check_untouched(row, amount)
        case Move.REFUND:
            _check_refund(session, row, movement)
        case Move.EXPIRE:
            if not has_ended(to_account(row), now=now) or amount.amount != row.balance:
                message = "Its end has not come."
                raise GiftCardNotUsable(message)


def _check_sale(row: GiftAccountRow, amount: Money, policy: GiftPolicy) -> None:
    if row.state is GiftState.WAITING and amount.amount != row.face:
        face = decimal_text(row.face, row.currency)
        message = f"The card was made for {face}: that is what it costs."
        raise Invalid.field(
            pointer="/amount", message=message, code="amount_not_allowed"
        )
    if row.state not in (GiftState.WAITING, GiftState.ACTIVE):
        raise _not_usable(row)
    check_sale(amount, policy=policy)
    _check_room(row, amount, policy)


def _check_room(
    row: GiftAccountRow, amount: Money, policy: GiftPolicy, *, beyond: bool = False
) -> None:
    if not beyond and row.balance + amount.amount > policy.most_balance:
        most = decimal_text(policy.most_balance, row.currency)
        message = f"No more than {most} {row.currency} may lie on it."
        raise Invalid.field(
            pointer="/amount", message=message, code="amount_not_allowed"
        )


def _check_usable(row: GiftAccountRow, amount: Money, *, now: datetime) -> None:
    if row.state is not GiftState.ACTIVE:
        raise _not_usable(row)
    if has_ended(to_account(row), now=now):
        message = "The gift card has expired."
        raise GiftCardNotUsable(message)
    if row.balance < amount.amount:
        balance = Money(amount=row.balance, currency=row.currency)
        message = f"There is only {balance} {row.currency} on it."
        raise BalanceShort(message, balance=balance)


def _check_untouched(row: GiftAccountRow, amount: Money) -> None:
    untouched = row.version == 1 and row.balance == row.face == amount.amount
    if row.kind is not GiftKind.CARD or not untouched:
        message = "The card was used or topped up since it was sold."
        raise GiftCardUsed(message)
    if row.state is not GiftState.ACTIVE:
        raise _not_usable(row)


def _check_refund(session: Session, row: GiftAccountRow, movement: Movement) -> None:
    def total(*conditions: ColumnElement[bool]) -> int:
        amounts = select(func.coalesce(func.sum(GiftTransferRow.amount), 0))
        mine = amounts.where(GiftTransferRow.account_id == row.id)
        return int(session.scalar(mine.where(*conditions)) or 0)

    spent = total(
        GiftTransferRow.version == movement.reverses,
        GiftTransferRow.credit == Side.SPENT,
    )
    back = total(
        GiftTransferRow.reverses == movement.reverses,
        GiftTransferRow.debit == Side.SPENT,
    )
    if movement.amount.amount > spent - back:
        left = decimal_text(spent - back, row.currency)
        message = f"Only {left} of what it paid has not come back yet."
        raise RefundTooHigh(message)


def _not_usable(row: GiftAccountRow) -> GiftCardNotUsable:
    match row.state:
        case GiftState.WAITING:
            message = "The gift card is not paid yet: activate it first."
        case GiftState.BLOCKED:
            message = "The gift card is blocked."
        case GiftState.CANCELLED:
            message = "The gift card was cancelled and its money given back."
        case GiftState.ACTIVE:
            message = "The gift card is in use already."
    return GiftCardNotUsable(message)
