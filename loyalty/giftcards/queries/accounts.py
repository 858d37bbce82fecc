"""Accounts, their movements, and what the shop promises."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from loyalty.core.codes import NotACode, parse_code
from loyalty.core.errors import Invalid, NotFound
from loyalty.core.money import Money
from loyalty.core.vault import vault_of
from loyalty.customers.values import CustomerID
from loyalty.giftcards.models import GiftAccountRow, GiftPolicyRow, GiftTransferRow
from loyalty.giftcards.rules import BY_ROUTE, grows
from loyalty.giftcards.values import (
    GiftAccount,
    GiftAccountID,
    GiftPolicy,
    GiftTransfer,
    Side,
)
from loyalty.purchases.values import PurchaseID

CODE_KIND = "gift_card"
"""Under which codes are looked up in the blind index."""


class GiftCardNotFound(NotFound):
    """No gift card has this code or number."""

    code = "gift_card_not_found"


def get_policy(session: Session) -> GiftPolicy:
    """Return what the shop promises of its cards."""
    row = session.get(GiftPolicyRow, 1)
    if row is None:
        return GiftPolicy()
    return GiftPolicy(
        valid_days=row.valid_days,
        least=row.least,
        most=row.most,
        most_balance=row.most_balance,
        refund_days=row.refund_days,
    )


def get_by_code(
    session: Session, *, code: str, pointer: str = "/gift_card"
) -> GiftAccount:
    """
    Return the card with this code, in whatever state.

    :raises Invalid: if it can't be a code, found without asking the database
    :raises GiftCardNotFound: if no card has it
    """
    try:
        plain = parse_code(code)
    except NotACode as problem:
        message = f"This is no gift card's code: {problem}."
        raise Invalid.field(
            pointer=pointer, message=message, code="gift_card_code"
        ) from problem
    lookup = vault_of(session).blind_index(CODE_KIND, plain)
    row = session.scalar(select(GiftAccountRow).where(GiftAccountRow.lookup == lookup))
    if row is None:
        message = "No gift card has this code."
        raise GiftCardNotFound(message)
    return to_account(row)


def get_account(session: Session, *, account_id: GiftAccountID) -> GiftAccount:
    """
    Return a card or a member's stored value by its number.

    :raises GiftCardNotFound: if there is none
    """
    row = session.get(GiftAccountRow, account_id)
    if row is None:
        message = f"There is no gift card {account_id}."
        raise GiftCardNotFound(message)
    return to_account(row)


def stored_value(
    session: Session, *, customer_id: CustomerID, currency: str
) -> GiftAccount | None:
    """Return what the member has stored in this currency; None before the first."""
    row = session.scalar(
        select(GiftAccountRow).where(
            GiftAccountRow.customer_id == customer_id,
            GiftAccountRow.currency == currency,
        )
    )
    return None if row is None else to_account(row)


def list_transfers(
    session: Session, *, account_id: GiftAccountID, limit: int = 50
) -> tuple[GiftTransfer, ...]:
    """Return the latest movements, the newest first."""
    rows = session.execute(
        select(GiftTransferRow, GiftAccountRow.currency)
        .join(GiftAccountRow, GiftAccountRow.id == GiftTransferRow.account_id)
        .where(GiftTransferRow.account_id == account_id)
        .order_by(GiftTransferRow.version.desc())
        .limit(limit)
    )
    return tuple(to_transfer(row, currency) for row, currency in rows)


def spent_in_purchase(
    session: Session, *, purchase_id: PurchaseID
) -> tuple[GiftTransfer, ...]:
    """Return what each account paid of a purchase, without what went back."""
    rows = session.execute(
        select(GiftTransferRow, GiftAccountRow.currency)
        .join(GiftAccountRow, GiftAccountRow.id == GiftTransferRow.account_id)
        .where(
            GiftTransferRow.purchase_id == purchase_id,
            GiftTransferRow.credit == Side.SPENT,
        )
        .order_by(GiftTransferRow.account_id)
    )
    return tuple(to_transfer(row, currency) for row, currency in rows)


def list_ended(
    session: Session, *, now: datetime, limit: int = 500
) -> tuple[GiftAccountID, ...]:
    """Return accounts whose validity is over while money is on them."""
    return tuple(
        session.scalars(
            select(GiftAccountRow.id)
            .where(GiftAccountRow.expires_at <= now, GiftAccountRow.balance > 0)
            .order_by(GiftAccountRow.id)
            .limit(limit)
        )
    )


def to_account(row: GiftAccountRow) -> GiftAccount:
    """Turn a row into what the rest of the service sees."""
    return GiftAccount(
        id=row.id,
        kind=row.kind,
        customer_id=row.customer_id,
        state=row.state,
        ending=row.ending,
        face=Money(amount=row.face, currency=row.currency),
        balance=Money(amount=row.balance, currency=row.currency),
        issued_at=row.issued_at,
        expires_at=row.expires_at,
    )


def to_transfer(row: GiftTransferRow, currency: str) -> GiftTransfer:
    """Turn a row into what the rest of the service sees."""
    move = BY_ROUTE[row.debit, row.credit]
    return GiftTransfer(
        account_id=row.account_id,
        version=row.version,
        at=row.at,
        move=move,
        amount=Money(
            amount=row.amount if grows(move) else -row.amount, currency=currency
        ),
        balance_after=Money(amount=row.balance_after, currency=currency),
        purchase_id=row.purchase_id,
        store_id=row.store_id,
    )
