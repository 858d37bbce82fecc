"""Reading the ledger."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from loyalty.customers.values import CustomerID
from loyalty.points.models import AccountRow, LotRow, TransferRow
from loyalty.points.values import Account, Expiry, Transfer


def balance(session: Session, *, customer_id: CustomerID) -> int:
    """Return the points that the member can spend; nobody has less than none."""
    account = session.get(AccountRow, customer_id)
    return account.available if account else 0


def list_transfers(
    session: Session, *, customer_id: CustomerID, limit: int = 50
) -> tuple[Transfer, ...]:
    """Return the member's latest movements, the newest first."""
    rows = session.scalars(
        select(TransferRow)
        .where(TransferRow.customer_id == customer_id)
        .order_by(TransferRow.version.desc())
        .limit(limit)
    )
    return tuple(_to_value(row) for row in rows)


def next_expiry(
    session: Session, *, customer_id: CustomerID, now: datetime
) -> Expiry | None:
    """Return the points of the next day on which some expire, if any ever do."""
    first = (
        select(func.min(LotRow.expires_at))
        .where(LotRow.customer_id == customer_id, LotRow.expires_at > now)
        .scalar_subquery()
    )
    row = session.execute(
        select(LotRow.expires_at, func.sum(LotRow.points))
        .where(LotRow.customer_id == customer_id, LotRow.expires_at == first)
        .group_by(LotRow.expires_at)
    ).first()
    return None if row is None else Expiry(at=row[0], points=int(row[1]))


def points_of_purchase(session: Session, *, purchase_id: int) -> int:
    """Return the points that a purchase earned."""
    total = session.scalar(
        select(func.coalesce(func.sum(TransferRow.amount), 0)).where(
            TransferRow.purchase_id == purchase_id,
            TransferRow.credit == Account.AVAILABLE,
        )
    )
    return int(total or 0)


def _to_value(row: TransferRow) -> Transfer:
    gained = row.credit in (Account.AVAILABLE, Account.PENDING)
    return Transfer(
        version=row.version,
        at=row.at,
        points=row.amount if gained else -row.amount,
        balance_after=row.balance_after,
        debit=row.debit,
        credit=row.credit,
        purchase_id=row.purchase_id,
    )
