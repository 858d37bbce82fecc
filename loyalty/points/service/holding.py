"""Keeping points for a reserved quote, so that they can't be spent elsewhere."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from loyalty.core.errors import Invalid, Refused
from loyalty.customers.values import CustomerID
from loyalty.points.models import HoldRow
from loyalty.points.queries.balances import held_points
from loyalty.points.service.posting import RequestKeyReused, lock_account


class NotEnoughToHold(Refused):
    """The member has not so many points to keep."""

    code = "not_enough_points"


def hold(
    session: Session,
    *,
    customer_id: CustomerID,
    points: int,
    key: str,
    until: datetime,
    now: datetime,
) -> None:
    """
    Keep points from being spent but with this key; they come free at ``until``.

    The same key and points again change nothing but the time.

    :raises Invalid: if the points are not above zero
    :raises NotEnoughToHold: if there are fewer than that, without those that other
        holds keep
    :raises RequestKeyReused: if the key kept other points, or was ended
    """
    if points <= 0:
        message = "Name how many points, above zero."
        raise Invalid.field(pointer="/points", message=message)
    account = lock_account(session, customer_id=customer_id)
    row = session.get(HoldRow, (customer_id, key), populate_existing=True)
    if row is not None and (row.points != points or row.ended_at is not None):
        message = f"The key {key} kept other points, or was used up."
        raise RequestKeyReused(message)
    held = held_points(session, customer_id=customer_id, now=now, but=key)
    free = max(0, account.available - held)
    if points > free:
        message = f"There are {free} points to reserve, not {points}."
        raise NotEnoughToHold(message)
    if row is None:
        row = HoldRow(customer_id=customer_id, key=key, points=points)
        session.add(row)
    row.expires_at = until
    session.flush()


def end_hold(
    session: Session, *, customer_id: CustomerID, key: str, now: datetime
) -> None:
    """Let go of what a hold kept; one that has ended or never was is no mistake."""
    session.execute(
        update(HoldRow)
        .where(
            HoldRow.customer_id == customer_id,
            HoldRow.key == key,
            HoldRow.ended_at.is_(None),
        )
        .values(ended_at=now)
    )
