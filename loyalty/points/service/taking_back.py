"""Taking back what a purchase earned, because its goods came back."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from loyalty.core.errors import Refused
from loyalty.customers.values import CustomerID
from loyalty.points.models import AccountRow
from loyalty.points.queries.transfers import (
    points_of_purchase,
    taken_back_of_purchase,
)
from loyalty.points.rules.lots import take
from loyalty.points.service.lots import lots_of
from loyalty.points.service.posting import (
    Order,
    lock_account,
    post,
    replayed,
    use_lots,
)
from loyalty.points.service.spending import check_positive
from loyalty.points.values import Account, Kind, Moved, Request


class MoreThanWasEarned(Refused):
    """More points are to be taken back than the purchase earned."""

    code = "more_than_was_earned"


def take_back(
    session: Session,
    *,
    customer_id: CustomerID,
    purchase_id: int,
    points: int,
    request: Request,
    now: datetime,
) -> Moved:
    """
    Take back points that a purchase earned: its own first, pending or not, then others.

    Here alone a balance may fall below zero, since the points may be spent; all returns
    of a purchase together take no more than it earned. Later points fill what is owing.

    :raises Invalid: if the points are not above zero
    :raises MoreThanWasEarned: if the purchase earned fewer, or they are taken already
    :raises RequestKeyReused: if the key belongs to another movement
    """
    check_positive(points)
    account = lock_account(session, customer_id=customer_id)
    content = {"kind": Kind.TAKE_BACK, "points": points, "purchase": purchase_id}
    earlier = replayed(
        session, customer_id=customer_id, key=request.key, content=content
    )
    if earlier is not None:
        return earlier
    earned = points_of_purchase(session, purchase_id=purchase_id)
    left = earned - taken_back_of_purchase(session, purchase_id=purchase_id)
    if points > left:
        message = f"Of that purchase's points {left} can be taken back, not {points}."
        raise MoreThanWasEarned(message)
    order = Order(
        kind=Kind.TAKE_BACK,
        debit=Account.AVAILABLE,
        credit=Account.REVERSED,
        points=points,
        request=request,
        content=content,
        purchase_id=purchase_id,
    )
    return _take(session, account=account, order=order, now=now)


def _take(
    session: Session, *, account: AccountRow, order: Order, now: datetime
) -> Moved:
    """Take pending points of the purchase, and the rest from what is available."""
    customer_id = account.customer_id
    own = [
        lot
        for lot in lots_of(session, customer_id=customer_id, pending=True)
        if lot.purchase_id == order.purchase_id
    ]
    pending, rest = take(own, order.points)
    if not pending:
        return _take_available(session, account=account, order=order, now=now)
    if rest:
        # A key has one transfer: the caller's goes to the last, which answers for both.
        key = f"{order.request.key}#available"
        first = replace(order, points=rest, request=replace(order.request, key=key))
        _take_available(session, account=account, order=first, now=now)
    last = replace(
        order,
        debit=Account.PENDING,
        points=order.points - rest,
        answered=order.points,
    )
    moved = post(session, account=account, order=last, now=now)
    use_lots(session, customer_id=customer_id, version=moved.version, uses=pending)
    return moved


def _take_available(
    session: Session, *, account: AccountRow, order: Order, now: datetime
) -> Moved:
    """Take from the purchase's own lots, then from others; what lacks is owed."""
    lots = lots_of(session, customer_id=account.customer_id)
    lots.sort(key=lambda lot: lot.purchase_id != order.purchase_id)
    uses, _owed = take(lots, order.points)
    moved = post(session, account=account, order=order, now=now)
    use_lots(session, customer_id=account.customer_id, version=moved.version, uses=uses)
    return moved
