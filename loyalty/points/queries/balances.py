"""What members have, and until when."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from loyalty.customers.values import CustomerID
from loyalty.points.models import AccountRow, HoldRow, LotRow
from loyalty.points.values import Coming, Expiry, Lot, Standing


def balance(session: Session, *, customer_id: CustomerID) -> int:
    """
    Return the member's available points.

    Negative by what a return took back beyond the balance; see :func:`spendable` for
    what can be spent.
    """
    account = session.get(AccountRow, customer_id)
    return account.available if account else 0


def standing(session: Session, *, customer_id: CustomerID, now: datetime) -> Standing:
    """Return the member's available, pending and held points."""
    row = session.execute(
        select(AccountRow.available, AccountRow.pending).where(
            AccountRow.customer_id == customer_id
        )
    ).first()
    available, pending = row or (0, 0)
    held = held_points(session, customer_id=customer_id, now=now)
    return Standing(available=available, pending=pending, held=held)


def spendable(session: Session, *, customer_id: CustomerID, now: datetime) -> int:
    """Return the points that the member can spend now; nobody has less than none."""
    return standing(session, customer_id=customer_id, now=now).spendable


def held_points(
    session: Session, *, customer_id: CustomerID, now: datetime, but: str | None = None
) -> int:
    """Return the points that holds keep now, all or all but one of them."""
    held = select(func.coalesce(func.sum(HoldRow.points), 0)).where(
        HoldRow.customer_id == customer_id,
        HoldRow.ended_at.is_(None),
        HoldRow.expires_at > now,
    )
    if but is not None:
        held = held.where(HoldRow.key != but)
    return int(session.scalar(held) or 0)


def next_expiry(
    session: Session, *, customer_id: CustomerID, now: datetime
) -> Expiry | None:
    """Return what is left of the available points that expire next, if any do."""
    row = session.execute(
        select(LotRow.expires_at, func.sum(LotRow.remaining))
        .where(
            LotRow.customer_id == customer_id,
            LotRow.remaining > 0,
            LotRow.matures_at.is_(None),
            LotRow.expires_at > now,
        )
        .group_by(LotRow.expires_at)
        .order_by(LotRow.expires_at)
        .limit(1)
    ).first()
    return None if row is None else Expiry(at=row[0], points=int(row[1]))


def coming(session: Session, *, customer_id: CustomerID) -> Coming | None:
    """Return the pending points, and when the first of them can be spent."""
    row = session.execute(
        select(func.min(LotRow.matures_at), func.sum(LotRow.remaining)).where(
            LotRow.customer_id == customer_id,
            LotRow.remaining > 0,
            LotRow.matures_at.is_not(None),
        )
    ).one()
    return None if row[0] is None else Coming(at=row[0], points=int(row[1]))


def open_lots(session: Session, *, customer_id: CustomerID) -> tuple[Lot, ...]:
    """Return what is left of the member's available lots, the first to expire first."""
    rows = session.scalars(
        select(LotRow)
        .where(
            LotRow.customer_id == customer_id,
            LotRow.remaining > 0,
            LotRow.matures_at.is_(None),
        )
        .order_by(LotRow.expires_at, LotRow.transfer_version, LotRow.place)
    )
    return tuple(to_lot(row) for row in rows)


def to_lot(row: LotRow) -> Lot:
    """Return a lot as the rules know it."""
    return Lot(
        version=row.transfer_version,
        place=row.place,
        remaining=row.remaining,
        expires_at=row.expires_at,
        purchase_id=row.purchase_id,
        capacity=row.points - row.remaining,
        pending=row.matures_at is not None,
    )
