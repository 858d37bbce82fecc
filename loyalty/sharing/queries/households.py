"""Who shares whose balance."""

from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from loyalty.core.errors import NotFound
from loyalty.customers.values import CustomerID
from loyalty.points.models import LotRow
from loyalty.sharing.models import HouseholdMemberRow, HouseholdRow, InvitationRow
from loyalty.sharing.values import Household, HouseholdID, Invitation


class HouseholdNotFound(NotFound):
    """The member belongs to no household, or was not invited to this one."""

    code = "household_not_found"


def purse_of(session: Session, *, customer_id: CustomerID) -> CustomerID:
    """Return whose balance a member has and spends: the keeper's, or their own."""
    keeper = session.scalar(
        select(HouseholdRow.keeper_id)
        .join(HouseholdMemberRow, HouseholdMemberRow.household_id == HouseholdRow.id)
        .where(
            HouseholdMemberRow.customer_id == customer_id,
            HouseholdMemberRow.left_at.is_(None),
        )
    )
    return customer_id if keeper is None else keeper


def earned_by(
    session: Session, *, customer_id: CustomerID, purchase_id: int
) -> CustomerID:
    """Return on whose balance the points of a member's purchase are by now."""
    own = session.scalar(
        select(LotRow.customer_id)
        .where(
            LotRow.customer_id == customer_id,
            LotRow.purchase_id == purchase_id,
            LotRow.remaining > 0,
        )
        .limit(1)
    )
    return purse_of(session, customer_id=customer_id) if own is None else own


def household_of(session: Session, *, customer_id: CustomerID) -> Household | None:
    """Return the household that a member belongs to, if one does."""
    row = session.scalar(
        select(HouseholdRow)
        .join(HouseholdMemberRow, HouseholdMemberRow.household_id == HouseholdRow.id)
        .where(
            HouseholdMemberRow.customer_id == customer_id,
            HouseholdMemberRow.left_at.is_(None),
        )
    )
    if row is None:
        return None
    members = session.scalars(
        select(HouseholdMemberRow.customer_id)
        .where(
            HouseholdMemberRow.household_id == row.id,
            HouseholdMemberRow.left_at.is_(None),
        )
        .order_by(HouseholdMemberRow.joined_at, HouseholdMemberRow.customer_id)
    ).all()
    others = [member for member in members if member != row.keeper_id]
    return Household(id=row.id, keeper=row.keeper_id, members=(row.keeper_id, *others))


def pooled_members(session: Session) -> tuple[CustomerID, ...]:
    """Return all members who share somebody else's balance, by number."""
    return tuple(
        session.scalars(
            select(HouseholdMemberRow.customer_id)
            .join(HouseholdRow, HouseholdRow.id == HouseholdMemberRow.household_id)
            .where(
                HouseholdMemberRow.left_at.is_(None),
                HouseholdMemberRow.customer_id != HouseholdRow.keeper_id,
            )
            .order_by(HouseholdMemberRow.customer_id)
        )
    )


def invitations_for(
    session: Session, *, customer_id: CustomerID, now: datetime
) -> tuple[Invitation, ...]:
    """Return the invitations that a member may still answer, the newest first."""
    rows = session.execute(
        _open(now)
        .where(InvitationRow.invited == customer_id)
        .order_by(InvitationRow.id.desc())
    )
    return tuple(to_invitation(row, keeper) for row, keeper in rows)


def invitations_of(
    session: Session, *, household_id: HouseholdID, now: datetime
) -> tuple[Invitation, ...]:
    """Return a household's invitations that wait for an answer, the newest first."""
    rows = session.execute(
        _open(now)
        .where(InvitationRow.household_id == household_id)
        .order_by(InvitationRow.id.desc())
    )
    return tuple(to_invitation(row, keeper) for row, keeper in rows)


def to_invitation(row: InvitationRow, keeper: CustomerID) -> Invitation:
    """Turn a row into what the rest of the service sees."""
    return Invitation(
        id=row.id,
        household_id=row.household_id,
        keeper=keeper,
        invited=row.invited,
        expires_at=row.expires_at,
    )


def _open(now: datetime) -> Select[InvitationRow, CustomerID]:
    return (
        select(InvitationRow, HouseholdRow.keeper_id)
        .join(HouseholdRow, HouseholdRow.id == InvitationRow.household_id)
        .where(
            InvitationRow.answered_at.is_(None),
            InvitationRow.expires_at > now,
            HouseholdRow.ended_at.is_(None),
        )
    )
