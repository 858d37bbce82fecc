"""Changing the ledger: the account's row is locked first, then rows are added."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from loyalty.core.errors import Refused
from loyalty.customers.values import CustomerID
from loyalty.points.models import AccountRow, LotRow, TransferRow
from loyalty.points.values import Account, Earning


class RequestKeyReused(Refused):
    """The request key stands for another movement of this member."""

    code = "request_key_reused"


def lock_account(session: Session, *, customer_id: CustomerID) -> AccountRow:
    """Open the member's account if need be, and keep others out until the end."""
    session.execute(
        insert(AccountRow)
        .values(customer_id=customer_id, available=0, version=0)
        .on_conflict_do_nothing()
    )
    # populate_existing: a row read before the lock was won may be stale.
    return session.scalars(
        select(AccountRow)
        .where(AccountRow.customer_id == customer_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def earn(
    session: Session, *, customer_id: CustomerID, earning: Earning, now: datetime
) -> int:
    """
    Credit points, at most once for a request key; return the balance after.

    :raises RequestKeyReused: if the key belongs to another movement
    """
    account = lock_account(session, customer_id=customer_id)
    earlier = session.scalar(
        select(TransferRow).where(
            TransferRow.customer_id == customer_id,
            TransferRow.request_key == earning.request_key,
        )
    )
    if earlier is not None:
        if (earlier.amount, earlier.purchase_id) != (
            earning.points,
            earning.purchase_id,
        ):
            message = f"The request key {earning.request_key} was used differently."
            raise RequestKeyReused(message)
        return earlier.balance_after
    if earning.points <= 0:
        return account.available
    account.version += 1
    account.available += earning.points
    session.add(
        TransferRow(
            customer_id=customer_id,
            version=account.version,
            at=now,
            debit=Account.ISSUED,
            credit=Account.AVAILABLE,
            amount=earning.points,
            balance_after=account.available,
            request_key=earning.request_key,
            purchase_id=earning.purchase_id,
            store_id=earning.store_id,
            rule_version=earning.rule_version,
            actor=earning.actor,
        )
    )
    session.add(
        LotRow(
            customer_id=customer_id,
            transfer_version=account.version,
            points=earning.points,
            earned_at=now,
            expires_at=earning.expires_at,
        )
    )
    session.flush()
    return account.available
