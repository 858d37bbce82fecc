"""Spending points, and giving them back when what they bought comes back."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from loyalty.core.errors import Invalid, Refused
from loyalty.customers.values import CustomerID
from loyalty.points.models import AccountRow, TransferRow
from loyalty.points.queries.balances import held_points
from loyalty.points.queries.transfers import TransferNotFound
from loyalty.points.rules.lots import take
from loyalty.points.service.holding import end_hold
from loyalty.points.service.lots import (
    lots_of,
    lots_used_by,
    note_activity,
    restore,
)
from loyalty.points.service.posting import (
    Order,
    lock_account,
    post,
    replayed,
    use_lots,
)
from loyalty.points.values import Account, Kind, Moved, Request


class NotEnoughPoints(Refused):
    """The member has not so many points to spend."""

    code = "not_enough_points"


class MoreThanWasSpent(Refused):
    """More points are to come back than were spent, or are still spent."""

    code = "more_than_was_spent"


@dataclass(frozen=True, kw_only=True, slots=True)
class Spending:
    """Points to spend."""

    points: int
    request: Request
    purchase_id: int | None = None
    hold: str | None = None
    """The key of the hold that kept them; it ends with this."""


def spend(
    session: Session, *, customer_id: CustomerID, spending: Spending, now: datetime
) -> Moved:
    """
    Spend points, those that expire first, at most once for a request key.

    :raises Invalid: if the points are not above zero
    :raises NotEnoughPoints: if there are fewer than that, without those that other
        holds keep
    :raises RequestKeyReused: if the key belongs to another movement
    """
    check_positive(spending.points)
    account = lock_account(session, customer_id=customer_id)
    request = spending.request
    content = {
        "kind": Kind.SPEND,
        "points": spending.points,
        "purchase": spending.purchase_id,
        "link": request.link,
    }
    earlier = replayed(
        session, customer_id=customer_id, key=request.key, content=content
    )
    if earlier is not None:
        return earlier
    check_enough(session, account, spending.points, now=now, hold=spending.hold)
    if spending.hold is not None:
        end_hold(session, customer_id=customer_id, key=spending.hold, now=now)
    order = Order(
        kind=Kind.SPEND,
        debit=Account.AVAILABLE,
        credit=Account.REDEEMED,
        points=spending.points,
        request=request,
        content=content,
        purchase_id=spending.purchase_id,
    )
    moved = take_available(session, account=account, order=order, now=now)
    note_activity(session, customer_id=customer_id, now=now)
    return moved


def give_back(
    session: Session,
    *,
    customer_id: CustomerID,
    version: int,
    points: int,
    request: Request,
    now: datetime,
) -> Moved:
    """
    Give back points of a spending, into the lots they came from.

    The lots keep their old expiry; those that last longest get theirs first.

    :param version: of the spending
    :raises Invalid: if the points are not above zero
    :raises TransferNotFound: if the member has no such spending
    :raises MoreThanWasSpent: if they are more than are still spent of it
    :raises RequestKeyReused: if the key belongs to another movement
    """
    check_positive(points)
    account = lock_account(session, customer_id=customer_id)
    content = {"kind": Kind.GIVE_BACK, "points": points, "of": version}
    earlier = replayed(
        session, customer_id=customer_id, key=request.key, content=content
    )
    if earlier is not None:
        return earlier
    spent = session.get(TransferRow, (customer_id, version))
    if spent is None or spent.kind is not Kind.SPEND:
        message = f"The member has no spending {version}."
        raise TransferNotFound(message)
    still = spent.amount - reversed_of(
        session, customer_id=customer_id, version=version
    )
    if points > still:
        message = f"Of that spending {still} points can come back, not {points}."
        raise MoreThanWasSpent(message)
    order = Order(
        kind=Kind.GIVE_BACK,
        debit=Account.REDEEMED,
        credit=Account.AVAILABLE,
        points=points,
        request=request,
        content=content,
        reverses=version,
        purchase_id=spent.purchase_id,
    )
    moved = post(session, account=account, order=order, now=now)
    into = lots_used_by(session, customer_id=customer_id, version=version)
    restore(session, account=account, moved=moved, into=into, now=now)
    return moved


def reversed_of(session: Session, *, customer_id: CustomerID, version: int) -> int:
    """Return how much of a transfer later ones have taken back."""
    total = session.scalar(
        select(func.sum(TransferRow.amount)).where(
            TransferRow.customer_id == customer_id, TransferRow.reverses == version
        )
    )
    return int(total or 0)


def check_positive(points: int) -> None:
    """
    Test that there is something to move.

    :raises Invalid: if not
    """
    if points <= 0:
        message = "Name how many points, above zero."
        raise Invalid.field(pointer="/points", message=message)


def check_enough(
    session: Session,
    account: AccountRow,
    points: int,
    *,
    now: datetime,
    hold: str | None = None,
) -> None:
    """
    Test that a locked account has the points, without those that holds keep.

    :param hold: the key of a hold that is meant for this, and does not stand in its way
    :raises NotEnoughPoints: if it has not
    """
    held = held_points(session, customer_id=account.customer_id, now=now, but=hold)
    free = max(0, account.available - held)
    if points > free:
        message = f"There are {free} points to spend, not {points}."
        if held:
            message += f" Another {held} are reserved for a quote."
        raise NotEnoughPoints(message)


def take_available(
    session: Session, *, account: AccountRow, order: Order, now: datetime
) -> Moved:
    """Take points that are there from the lots that expire first."""
    lots = lots_of(session, customer_id=account.customer_id)
    moved = post(session, account=account, order=order, now=now)
    uses, missing = take(lots, order.points)
    if missing:
        message = f"the lots of customer {account.customer_id} lack {missing} points"
        raise AssertionError(message)
    use_lots(session, customer_id=account.customer_id, version=moved.version, uses=uses)
    return moved
