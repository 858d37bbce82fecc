"""Sharing one balance: inviting, joining, leaving.

A household has one balance, its keeper's. What a member has and earns goes there by
linked movements, and what is left of it goes back with the member who leaves. Accounts
are always locked in the order of their numbers.
"""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from loyalty.core import audit
from loyalty.core.errors import Invalid, Refused
from loyalty.customers.values import CustomerID
from loyalty.points.models import LotRow, TransferRow
from loyalty.points.service import lock_account, move_back
from loyalty.points.values import Request
from loyalty.sharing import queries
from loyalty.sharing.models import (
    HouseholdMemberRow,
    HouseholdMoveRow,
    HouseholdRow,
    InvitationRow,
)
from loyalty.sharing.service.purses import gather
from loyalty.sharing.values import Household, Invitation, InvitationID

_INVITED_FOR: Final = timedelta(days=7)


class SharesAlready(Refused):
    """The person shares a balance already; one must leave before joining another."""

    code = "household_taken"


class HouseholdFull(Refused):
    """No more people may share this balance."""

    code = "household_full"


class NotTheKeeper(Refused):
    """Only the keeper of the balance may do this."""

    code = "household_not_keeper"


def invite(
    session: Session,
    *,
    keeper: CustomerID,
    invited: CustomerID,
    actor: str,
    now: datetime,
) -> Invitation:
    """
    Invite a member to share the keeper's balance; nothing happens before they accept.

    :raises Invalid: if the two are one
    :raises NotTheKeeper: if the one who invites shares another's balance
    :raises SharesAlready: if the one invited shares a balance
    :raises HouseholdFull: if no more may share it
    """
    if keeper == invited:
        message = "Choose somebody else than yourself."
        raise Invalid.field(pointer="/card", message=message, code="household_self")
    lock_account(session, customer_id=keeper)
    found = queries.household_of(session, customer_id=keeper)
    if found is not None and found.keeper != keeper:
        message = "Only the keeper of the balance may invite."
        raise NotTheKeeper(message)
    if queries.household_of(session, customer_id=invited) is not None:
        message = "This person shares a balance already."
        raise SharesAlready(message)
    household = found or _open(session, keeper, now=now)
    waiting = queries.invitations_of(session, household_id=household.id, now=now)
    for one in waiting:
        if one.invited == invited:
            return one
    _check_room(session, len(household.members) + len(waiting))
    row = InvitationRow(
        household_id=household.id,
        invited=invited,
        at=now,
        expires_at=now + _INVITED_FOR,
        answered_at=None,
        accepted=None,
    )
    session.add(row)
    session.flush()
    _note(session, f"household:{household.id}", "household.invite", actor, now)
    return Invitation(
        id=row.id,
        household_id=household.id,
        keeper=keeper,
        invited=invited,
        expires_at=row.expires_at,
    )


def answer(
    session: Session,
    *,
    customer_id: CustomerID,
    invitation_id: InvitationID,
    accept: bool,
    now: datetime,
) -> Household | None:
    """
    Say yes or no to an invitation; with a yes, all available points go to the balance.

    :returns: the household joined, or None after a no
    :raises HouseholdNotFound: if there is no such invitation, or its time is over
    :raises SharesAlready: if the member shares a balance meanwhile
    :raises HouseholdFull: if no more may share it
    """
    open_ones = queries.invitations_for(session, customer_id=customer_id, now=now)
    found = next((one for one in open_ones if one.id == invitation_id), None)
    if found is None:
        message = "There is no such invitation any more."
        raise queries.HouseholdNotFound(message)
    for one in sorted({customer_id, found.keeper}):
        lock_account(session, customer_id=one)
    row = session.get_one(InvitationRow, invitation_id, populate_existing=True)
    if row.answered_at is not None:
        message = "This invitation is answered already."
        raise queries.HouseholdNotFound(message)
    row.answered_at, row.accepted = now, accept
    session.flush()
    if not accept:
        return None
    household = queries.household_of(session, customer_id=found.keeper)
    if household is None or household.id != found.household_id:
        message = "There is no such household any more."
        raise queries.HouseholdNotFound(message)
    if queries.household_of(session, customer_id=customer_id) is not None:
        message = "You share a balance already: leave it first."
        raise SharesAlready(message)
    _check_room(session, len(household.members))
    session.add(_member(household, customer_id, now))
    session.flush()
    actor = f"customer:{customer_id}"
    gather(session, customer_id=customer_id, actor=actor, now=now)
    _note(session, f"household:{household.id}", "household.join", actor, now)
    return queries.household_of(session, customer_id=customer_id)


def leave(
    session: Session, *, customer_id: CustomerID, actor: str, now: datetime
) -> int:
    """
    Leave the household, with what is left of the points one brought to it.

    They come back with their old expiry. When the keeper leaves, everybody does.

    :returns: how many points came back to the member
    :raises HouseholdNotFound: if the member belongs to none
    :raises NotEnoughPoints: if points are held for somebody's basket just now
    """
    household = queries.household_of(session, customer_id=customer_id)
    if household is None:
        message = "You share no balance."
        raise queries.HouseholdNotFound(message)
    going = household.members[1:] if household.keeper == customer_id else (customer_id,)
    for one in sorted({household.keeper, *going}):
        lock_account(session, customer_id=one)
    back = {
        member: _take_along(session, household, member, actor=actor, now=now)
        for member in going
    }
    if household.keeper == customer_id:
        session.get_one(HouseholdRow, household.id).ended_at = now
        going = household.members
    for row in session.scalars(
        select(HouseholdMemberRow).where(
            HouseholdMemberRow.household_id == household.id,
            HouseholdMemberRow.customer_id.in_(going),
            HouseholdMemberRow.left_at.is_(None),
        )
    ):
        row.left_at = now
    session.flush()
    _note(session, f"household:{household.id}", "household.leave", actor, now)
    return back.get(customer_id, 0)


def _take_along(
    session: Session,
    household: Household,
    member: CustomerID,
    *,
    actor: str,
    now: datetime,
) -> int:
    rows = session.execute(
        select(HouseholdMoveRow.version, func.sum(LotRow.remaining))
        .join(
            TransferRow,
            (TransferRow.customer_id == HouseholdMoveRow.keeper_id)
            & (TransferRow.request_key == HouseholdMoveRow.request_key),
        )
        .join(
            LotRow,
            (LotRow.customer_id == TransferRow.customer_id)
            & (LotRow.transfer_version == TransferRow.version),
        )
        .where(
            HouseholdMoveRow.household_id == household.id,
            HouseholdMoveRow.customer_id == member,
        )
        .group_by(HouseholdMoveRow.version)
        .order_by(HouseholdMoveRow.version)
    ).all()
    total = 0
    for version, remaining in rows:
        left = int(remaining)
        if not left:
            continue
        move_back(
            session,
            giver=member,
            receiver=household.keeper,
            version=version,
            points=left,
            request=Request(
                key=f"household-leave:{household.id}:{member}:{version}",
                actor=actor,
                link=f"household:{household.id}",
            ),
            now=now,
        )
        total += left
    return total


def _open(session: Session, keeper: CustomerID, *, now: datetime) -> Household:
    row = HouseholdRow(keeper_id=keeper, created_at=now, ended_at=None)
    session.add(row)
    session.flush()
    household = Household(id=row.id, keeper=keeper, members=(keeper,))
    session.add(_member(household, keeper, now))
    session.flush()
    return household


def _member(
    household: Household, customer_id: CustomerID, now: datetime
) -> HouseholdMemberRow:
    return HouseholdMemberRow(
        household_id=household.id,
        customer_id=customer_id,
        joined_at=now,
        left_at=None,
    )


def _check_room(session: Session, people: int) -> None:
    most = queries.get_policy(session).household_most
    if people >= most:
        message = f"At most {most} people may share a balance."
        raise HouseholdFull(message)


def _note(
    session: Session, subject: str, action: str, actor: str, now: datetime
) -> None:
    audit.record(session, now=now, actor=actor, action=action, subject=subject)
