"""How points came and went."""

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from loyalty.core.errors import NotFound
from loyalty.customers.values import CustomerID
from loyalty.points.models import TransferRow
from loyalty.points.values import Account, Kind, Transfer

_GAINS = (Account.AVAILABLE, Account.PENDING)


class TransferNotFound(NotFound):
    """The member has no movement with this number."""

    code = "transfer_not_found"


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


def get_transfer(
    session: Session, *, customer_id: CustomerID, version: int
) -> Transfer:
    """
    Return one movement of a member.

    :raises TransferNotFound: if there is none with this number
    """
    row = session.get(TransferRow, (customer_id, version))
    if row is None:
        message = f"The member has no movement {version}."
        raise TransferNotFound(message)
    return _to_value(row)


def points_of_purchase(session: Session, *, purchase_id: int) -> int:
    """Return the points that a purchase earned, whatever became of them."""
    total = session.scalar(
        select(func.sum(TransferRow.amount)).where(
            TransferRow.purchase_id == purchase_id, TransferRow.kind == Kind.EARN
        )
    )
    return int(total or 0)


def taken_back_of_purchase(session: Session, *, purchase_id: int) -> int:
    """Return the points that are taken back of what a purchase earned."""
    gone = TransferRow.credit == Account.REVERSED
    total = session.scalar(
        select(
            func.sum(case((gone, TransferRow.amount), else_=-TransferRow.amount))
        ).where(
            TransferRow.purchase_id == purchase_id,
            TransferRow.kind.in_((Kind.TAKE_BACK, Kind.UNDO)),
            gone | (TransferRow.debit == Account.REVERSED),
        )
    )
    return int(total or 0)


def _to_value(row: TransferRow) -> Transfer:
    gained = row.credit in _GAINS
    return Transfer(
        version=row.version,
        at=row.at,
        kind=row.kind,
        points=row.amount if gained else -row.amount,
        balance_after=row.balance_after,
        pending_after=row.pending_after,
        debit=row.debit,
        credit=row.credit,
        purchase_id=row.purchase_id,
        link=row.link,
        reason=row.reason,
    )
