"""Bringing a friend: who brought whom, and the points for both.

The points are given by a job, in a transaction of its own that locks both accounts in
the order of their numbers; the referral's row says what is due.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from loyalty.core.errors import Refused
from loyalty.core.jobs import enqueue
from loyalty.customers.queries import get_profile, records_of, select_records
from loyalty.customers.values import CustomerID
from loyalty.points.service import NotEnoughPoints, earn, lock_account
from loyalty.points.service import undo as undo_movement
from loyalty.points.values import Earning, Moved, Request
from loyalty.purchases.queries import list_purchases
from loyalty.sharing import queries
from loyalty.sharing.models import ReferralCodeRow, ReferralDeviceRow, ReferralRow
from loyalty.sharing.queries.referrals import to_referral
from loyalty.sharing.rules import CODE_LENGTH, CODE_LETTERS, same_address
from loyalty.sharing.values import Referral, ReferralState

SETTLE_JOB: Final = "settle_referrals"
"""Gives and takes back what is due; takes nothing."""

_A_YEAR: Final = timedelta(days=365)


class NotAFriend(Refused):
    """The person is no new friend: known before, brought by another, or oneself."""

    code = "not_a_friend"


def code_of(session: Session, *, customer_id: CustomerID) -> str:
    """Return the code by which the member brings friends, made when first asked for."""
    while True:
        code = "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
        session.execute(
            insert(ReferralCodeRow)
            .values(customer_id=customer_id, code=code)
            .on_conflict_do_nothing()
        )
        found = session.scalar(
            select(ReferralCodeRow.code).where(
                ReferralCodeRow.customer_id == customer_id
            )
        )
        if found is not None:
            return found


def note_device(session: Session, *, customer_id: CustomerID, device: str) -> None:
    """Remember the browser in which a member was seen, as a hash of its cookie."""
    session.execute(
        insert(ReferralDeviceRow)
        .values(customer_id=customer_id, digest=_digest(device))
        .on_conflict_do_nothing()
    )


def claim(
    session: Session,
    *,
    friend: CustomerID,
    code: str,
    now: datetime,
    device: str | None = None,
) -> Referral:
    """
    Note who brought a new member; the same again changes nothing.

    :param device: the browser that says so, if it is one
    :raises ReferralNotFound: if the code is nobody's
    :raises NotAFriend: if the friend is no new member, was brought by another, or is
        the referrer by address, record, household or browser
    """
    referrer = queries.find_referrer(session, code=code)
    earlier = queries.referral_of(session, friend=friend)
    if earlier is not None:
        if earlier.referrer not in records_of(session, customer_id=referrer):
            message = "Somebody else is noted as having brought this member."
            raise NotAFriend(message)
        return earlier
    _check_new(session, friend, now=now)
    _check_other(session, friend, referrer, device)
    session.execute(
        insert(ReferralRow)
        .values(
            friend_id=friend,
            referrer_id=referrer,
            state=ReferralState.WAITING,
            at=now,
            friend_points=0,
            referrer_points=0,
        )
        .on_conflict_do_nothing()
    )
    row = session.get_one(ReferralRow, friend)
    if row.referrer_id != referrer:
        message = "Somebody else is noted as having brought this member."
        raise NotAFriend(message)
    return to_referral(row)


def note_purchase(
    session: Session, *, customer_id: CustomerID, purchase_id: int
) -> bool:
    """
    Note that a friend bought for the first time: the points are due.

    Of the records of one person the one brought first counts, and one's own never.
    """
    own = select_records(customer_id)
    brought = (
        select(ReferralRow.friend_id)
        .where(ReferralRow.friend_id.in_(own), ReferralRow.referrer_id.not_in(own))
        .order_by(ReferralRow.at, ReferralRow.friend_id)
        .limit(1)
        .scalar_subquery()
    )
    friend = session.scalar(
        update(ReferralRow)
        .where(
            ReferralRow.friend_id == brought,
            ReferralRow.state == ReferralState.WAITING,
        )
        .values(state=ReferralState.DUE, purchase_id=purchase_id)
        .returning(ReferralRow.friend_id)
    )
    if friend is not None:
        enqueue(session, SETTLE_JOB)
    return friend is not None


def note_return(session: Session, *, purchase_id: int) -> bool:
    """Note that a purchase came back in full: what a referral gave for it is due."""
    friend = session.scalar(
        update(ReferralRow)
        .where(
            ReferralRow.purchase_id == purchase_id,
            ReferralRow.state.in_((ReferralState.DUE, ReferralState.PAID)),
        )
        .values(state=ReferralState.REVERSING)
        .returning(ReferralRow.friend_id)
    )
    if friend is not None:
        enqueue(session, SETTLE_JOB)
    return friend is not None


def settle(session: Session, *, now: datetime) -> Referral | None:
    """
    Give the points of one referral that is due, or take them back; may run twice.

    Points that are spent already can't be taken back: the rest of the referral is.

    :returns: the referral settled, or None when nothing is due
    """
    row = session.scalar(
        select(ReferralRow)
        .where(ReferralRow.state.in_((ReferralState.DUE, ReferralState.REVERSING)))
        .order_by(ReferralRow.friend_id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if row is None:
        return None
    for one in sorted({row.friend_id, row.referrer_id}):
        lock_account(session, customer_id=one)
    if row.state is ReferralState.DUE:
        _pay(session, row, now=now)
    else:
        _reverse(session, row, now=now)
    session.flush()
    return to_referral(row)


def _check_new(session: Session, friend: CustomerID, *, now: datetime) -> None:
    profile = get_profile(session, customer_id=friend)
    days = queries.get_policy(session).new_days
    if now - profile.enrolled_at > timedelta(days=days):
        message = f"Only within {days} days of enrolling one says who brought one."
        raise NotAFriend(message)
    if list_purchases(session, customer_id=friend, limit=1):
        message = "This member has bought here already."
        raise NotAFriend(message)


def _check_other(
    session: Session, friend: CustomerID, referrer: CustomerID, device: str | None
) -> None:
    mine = get_profile(session, customer_id=friend)
    theirs = get_profile(session, customer_id=referrer)
    household = queries.household_of(session, customer_id=referrer)
    own = (
        referrer in records_of(session, customer_id=friend)
        or friend in records_of(session, customer_id=referrer)
        or (household is not None and friend in household.members)
        or same_address(mine.contacts, theirs.contacts)
        or (device is not None and _seen(session, referrer, device))
    )
    if own:
        message = "Nobody brings themselves: ask a friend to use your code."
        raise NotAFriend(message)
    if theirs.enrolled_at >= mine.enrolled_at:
        message = "Who brings a friend must be a member before."
        raise NotAFriend(message)


def _seen(session: Session, customer_id: CustomerID, device: str) -> bool:
    return session.get(ReferralDeviceRow, (customer_id, _digest(device))) is not None


def _pay(session: Session, row: ReferralRow, *, now: datetime) -> None:
    policy = queries.get_policy(session)
    paid = session.scalar(
        select(func.count()).where(
            ReferralRow.referrer_id.in_(select_records(row.referrer_id)),
            ReferralRow.paid_at > now - _A_YEAR,
            ReferralRow.referrer_points > 0,
        )
    )
    capped = (paid or 0) >= policy.referrals_a_year
    friend = _earn(session, row, row.friend_id, policy.friend_points, now=now)
    mine = 0 if capped else policy.referrer_points
    referrer = _earn(session, row, row.referrer_id, mine, now=now)
    row.state, row.paid_at = ReferralState.PAID, now
    row.friend_points, row.referrer_points = friend.points, referrer.points
    row.friend_version = friend.version if friend.points else None
    row.referrer_version = referrer.version if referrer.points else None


def _earn(
    session: Session,
    row: ReferralRow,
    customer_id: CustomerID,
    points: int,
    *,
    now: datetime,
) -> Moved:
    request = Request(key=f"referral:{row.friend_id}", actor="system", link="referral")
    return earn(
        session,
        customer_id=customer_id,
        earning=Earning(points=points, request=request),
        now=now,
    )


def _reverse(session: Session, row: ReferralRow, *, now: datetime) -> None:
    for customer_id, version in (
        (row.friend_id, row.friend_version),
        (row.referrer_id, row.referrer_version),
    ):
        if version is None:
            continue
        request = Request(
            key=f"referral-undo:{row.friend_id}", actor="system", link="referral"
        )
        try:
            with session.begin_nested():
                undo_movement(
                    session,
                    customer_id=customer_id,
                    version=version,
                    request=request,
                    now=now,
                )
        except NotEnoughPoints:
            continue
    row.state = ReferralState.REVERSED


def _digest(device: str) -> bytes:
    return hashlib.sha256(device.encode()).digest()
