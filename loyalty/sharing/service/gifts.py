"""Giving points to another member, and taking a gift back while it is untouched."""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from loyalty.core.errors import Invalid, Refused
from loyalty.core.periods import business_day
from loyalty.customers.queries import records_of
from loyalty.customers.values import CustomerID
from loyalty.points.service import (
    NotEnoughPoints,
    RequestKeyReused,
    lock_account,
    move,
    move_back,
)
from loyalty.points.values import Request
from loyalty.sharing import queries
from loyalty.sharing.models import PointsGiftRow
from loyalty.sharing.values import Gift, GiftID
from loyalty.stores.queries import get_programme


class GiftsOff(Refused):
    """The programme knows no gifts of points."""

    code = "gifts_off"


class GiftTooBig(Refused):
    """With it the member would give more on one day than the programme allows."""

    code = "gift_too_big"


class GiftFinal(Refused):
    """It is too late to take the gift back, or something of it is spent."""

    code = "gift_final"


def give(
    session: Session,
    *,
    giver: CustomerID,
    receiver: CustomerID,
    points: int,
    request: Request,
    now: datetime,
) -> Gift:
    """
    Give points to another member, once for a request key; they keep their expiry.

    Only points that can be spent: none that are pending or held. Both accounts are
    locked in the order of their numbers before the day's gifts are added up.

    :raises Invalid: if the points are not above zero, or the two are one
    :raises GiftsOff: if the programme knows no gifts
    :raises GiftTooBig: if it is more than may be given on one day
    :raises NotEnoughPoints: if the giver has fewer
    :raises RequestKeyReused: if the key belongs to another gift
    """
    purse = queries.purse_of(session, customer_id=giver)
    other = queries.purse_of(session, customer_id=receiver)
    for customer_id in sorted({giver, purse, other}):
        lock_account(session, customer_id=customer_id)
    earlier = session.scalar(
        select(PointsGiftRow).where(
            PointsGiftRow.giver == giver, PointsGiftRow.request_key == request.key
        )
    )
    if earlier is not None:
        if (earlier.receiver, earlier.points) != (receiver, points):
            message = f"The request key {request.key} was used for another gift."
            raise RequestKeyReused(message)
        return queries.to_gift(earlier)
    if purse == other:
        message = "This is the same balance: choose somebody else."
        raise Invalid.field(pointer="/receiver", message=message, code="gift_to_self")
    day = business_day(now, get_programme(session).time_zone)
    _check_limit(session, giver, points, day=day)
    moved = move(
        session,
        giver=purse,
        receiver=other,
        points=points,
        request=Request(
            key=f"gift:{giver}:{request.key}",
            actor=request.actor,
            store_id=request.store_id,
            link="gift",
        ),
        now=now,
    )
    row = PointsGiftRow(
        giver=giver,
        receiver=receiver,
        from_purse=purse,
        to_purse=other,
        points=points,
        at=now,
        day=day,
        version=moved.version,
        balance_after=moved.available,
        request_key=request.key,
        undone_at=None,
    )
    session.add(row)
    session.flush()
    return queries.to_gift(row)


def undo(
    session: Session, *, giver: CustomerID, gift_id: GiftID, actor: str, now: datetime
) -> Gift:
    """
    Take a gift back within the programme's time, if nothing of it is missed there.

    :raises GiftNotFound: if the member gave no such gift
    :raises GiftFinal: if the time is over, or the receiver has spent of it
    """
    row = session.get(PointsGiftRow, gift_id)
    if row is None or row.giver not in records_of(session, customer_id=giver):
        message = f"You gave no gift {gift_id}."
        raise queries.GiftNotFound(message)
    for customer_id in sorted({row.from_purse, row.to_purse}):
        lock_account(session, customer_id=customer_id)
    session.refresh(row)
    if row.undone_at is not None:
        return queries.to_gift(row)
    if now - row.at > queries.get_policy(session).undo_time:
        message = "It is too late to take the gift back: ask who got it."
        raise GiftFinal(message)
    try:
        move_back(
            session,
            giver=row.from_purse,
            receiver=row.to_purse,
            version=row.version,
            points=row.points,
            request=Request(key=f"gift-undo:{row.id}", actor=actor, link="gift"),
            now=now,
        )
    except NotEnoughPoints as problem:
        message = "Something of the gift is spent already."
        raise GiftFinal(message) from problem
    row.undone_at = now
    session.flush()
    return queries.to_gift(row)


def _check_limit(
    session: Session, giver: CustomerID, points: int, *, day: date
) -> None:
    most = queries.get_policy(session).gifts_a_day
    if not most:
        message = "Points can't be given to others in this programme."
        raise GiftsOff(message)
    given = queries.given_on(session, giver=giver, day=day)
    if given + points > most:
        left = max(0, most - given)
        message = f"On one day {most} points can be given; {left} are left today."
        raise GiftTooBig(message)
