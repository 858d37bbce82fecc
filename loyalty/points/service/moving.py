"""Moving points from one member to another: gifts, households, merged records."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from loyalty.core.errors import Invalid
from loyalty.customers.values import CustomerID
from loyalty.points.models import AccountRow, LotRow, TransferRow
from loyalty.points.queries.transfers import TransferNotFound
from loyalty.points.rules.lots import fills, take
from loyalty.points.service.lots import add_lot, lots_of, lots_used_by, restore
from loyalty.points.service.posting import (
    Order,
    lock_account,
    post,
    replayed,
    use_lots,
)
from loyalty.points.service.spending import check_enough, check_positive
from loyalty.points.values import Account, Kind, Lot, LotUse, Moved, Request


def move(
    session: Session,
    *,
    giver: CustomerID,
    receiver: CustomerID,
    points: int,
    request: Request,
    now: datetime,
) -> Moved:
    """
    Move available points to another member, at most once for a request key.

    They keep their expiry and the purchase that earned them. Both members' movements
    have the key; the programme's account ``adjusted`` stands between them, and what one
    adds to it the other takes.

    :returns: the giver's side
    :raises Invalid: if the points are not above zero, or the two are one
    :raises NotEnoughPoints: if the giver has fewer, without those that holds keep
    :raises RequestKeyReused: if the key belongs to another movement
    """
    check_positive(points)
    if giver == receiver:
        message = "Choose another member than the giver."
        raise Invalid.field(pointer="/receiver", message=message)
    accounts = _lock_both(session, giver, receiver)
    content = {
        "kind": Kind.MOVE,
        "points": points,
        "giver": giver,
        "receiver": receiver,
    }
    earlier = replayed(session, customer_id=giver, key=request.key, content=content)
    if earlier is not None:
        return earlier
    check_enough(session, accounts[giver], points, now=now)
    out = Order(
        kind=Kind.MOVE,
        debit=Account.AVAILABLE,
        credit=Account.ADJUSTED,
        points=points,
        request=request,
        content=content,
    )
    lots = lots_of(session, customer_id=giver)
    moved = post(session, account=accounts[giver], order=out, now=now)
    uses, _none = take(lots, points)
    use_lots(session, customer_id=giver, version=moved.version, uses=uses)
    given = [session.get_one(LotRow, (giver, use.version, use.place)) for use in uses]
    back = replace(out, debit=Account.ADJUSTED, credit=Account.AVAILABLE)
    account = accounts[receiver]
    owed = fills(account.available, points)
    came = post(session, account=account, order=back, now=now)
    _add_like(session, came, receiver, [*zip(given, uses, strict=True)], owed=owed)
    return moved


def move_back(  # noqa: PLR0913  # what moved from whom to whom, and how much of it
    session: Session,
    *,
    giver: CustomerID,
    receiver: CustomerID,
    version: int,
    points: int,
    request: Request,
    now: datetime,
) -> Moved:
    """
    Give points of an earlier movement back to who gave them.

    They are taken from what that movement brought as far as it is there, and go into
    the lots that they came from, which keep their expiry.

    :param giver: who gave them then and gets them now
    :param version: of the giver's side of the movement
    :returns: the giver's side
    :raises Invalid: if the points are not above zero
    :raises TransferNotFound: if the two have no such movement
    :raises NotEnoughPoints: if the receiver has fewer
    :raises RequestKeyReused: if the key belongs to another movement
    """
    check_positive(points)
    accounts = _lock_both(session, giver, receiver)
    content = {"kind": Kind.MOVE, "points": points, "back": version, "from": receiver}
    earlier = replayed(session, customer_id=giver, key=request.key, content=content)
    if earlier is not None:
        return earlier
    brought = _other_side(session, giver, receiver, version=version)
    check_enough(session, accounts[receiver], points, now=now)
    out = Order(
        kind=Kind.MOVE,
        debit=Account.AVAILABLE,
        credit=Account.ADJUSTED,
        points=points,
        request=request,
        content=content,
    )
    lots = lots_of(session, customer_id=receiver)
    lots.sort(key=lambda lot: lot.version != brought)
    went = post(session, account=accounts[receiver], order=out, now=now)
    uses, _none = take(lots, points)
    use_lots(session, customer_id=receiver, version=went.version, uses=uses)
    into = lots_used_by(session, customer_id=giver, version=version)
    back = replace(out, debit=Account.ADJUSTED, credit=Account.AVAILABLE)
    came = post(session, account=accounts[giver], order=back, now=now)
    restore(session, account=accounts[giver], moved=came, into=into, now=now)
    return came


def _other_side(
    session: Session, giver: CustomerID, receiver: CustomerID, *, version: int
) -> int:
    """Return the receiver's version of a movement: both sides have one key."""
    key = (
        select(TransferRow.request_key)
        .where(
            TransferRow.customer_id == giver,
            TransferRow.version == version,
            TransferRow.kind == Kind.MOVE,
        )
        .scalar_subquery()
    )
    found = session.scalar(
        select(TransferRow.version).where(
            TransferRow.customer_id == receiver, TransferRow.request_key == key
        )
    )
    if found is None:
        message = (
            f"Member {giver} gave member {receiver} nothing by movement {version}."
        )
        raise TransferNotFound(message)
    return found


def _lock_both(
    session: Session, one: CustomerID, other: CustomerID
) -> dict[CustomerID, AccountRow]:
    """Lock both accounts, always in the order of their numbers."""
    return {
        customer_id: lock_account(session, customer_id=customer_id)
        for customer_id in sorted((one, other))
    }


def _add_like(
    session: Session,
    came: Moved,
    receiver: CustomerID,
    given: list[tuple[LotRow, LotUse]],
    *,
    owed: int,
) -> None:
    """Add lots like those the points were taken from; what was owing is filled."""
    lots = []
    for place, (row, use) in enumerate(given):
        lot = Lot(
            version=came.version,
            place=place,
            remaining=use.points,
            expires_at=row.expires_at,
            purchase_id=row.purchase_id,
        )
        add_lot(session, customer_id=receiver, lot=lot, earned_at=row.earned_at)
        lots.append(lot)
    fill, _none = take(lots, owed)
    use_lots(session, customer_id=receiver, version=came.version, uses=fill)
