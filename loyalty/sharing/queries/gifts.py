"""Gifts of points, and what the programme allows."""

from datetime import date

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from loyalty.core.errors import NotFound
from loyalty.customers.queries import select_records
from loyalty.customers.values import CustomerID
from loyalty.sharing.models import PointsGiftRow, SharingPolicyRow
from loyalty.sharing.values import Gift, SharingPolicy


class GiftNotFound(NotFound):
    """The member gave no such gift."""

    code = "gift_not_found"


def get_policy(session: Session) -> SharingPolicy:
    """Return what the programme allows and gives."""
    row = session.get(SharingPolicyRow, 1)
    if row is None:
        return SharingPolicy()
    return SharingPolicy(
        gifts_a_day=row.gifts_a_day,
        undo_minutes=row.undo_minutes,
        household_most=row.household_most,
        friend_points=row.friend_points,
        referrer_points=row.referrer_points,
        referrals_a_year=row.referrals_a_year,
        new_days=row.new_days,
    )


def given_on(session: Session, *, giver: CustomerID, day: date) -> int:
    """Return the points that a member gave on a day and did not take back."""
    total = session.scalar(
        select(func.sum(PointsGiftRow.points)).where(
            PointsGiftRow.giver.in_(select_records(giver)),
            PointsGiftRow.day == day,
            PointsGiftRow.undone_at.is_(None),
        )
    )
    return int(total or 0)


def list_gifts(
    session: Session, *, customer_id: CustomerID, limit: int = 20
) -> tuple[Gift, ...]:
    """Return what the member gave and got, the newest first."""
    rows = session.scalars(
        select(PointsGiftRow)
        .where(
            or_(
                PointsGiftRow.giver.in_(select_records(customer_id)),
                PointsGiftRow.receiver.in_(select_records(customer_id)),
            )
        )
        .order_by(PointsGiftRow.id.desc())
        .limit(limit)
    )
    return tuple(to_gift(row) for row in rows)


def to_gift(row: PointsGiftRow) -> Gift:
    """Turn a row into what the rest of the service sees."""
    return Gift(
        id=row.id,
        giver=row.giver,
        receiver=row.receiver,
        points=row.points,
        at=row.at,
        undone_at=row.undone_at,
        balance_after=row.balance_after,
    )
