"""Who brought whom."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from loyalty.core.errors import NotFound
from loyalty.customers.models import CustomerRow
from loyalty.customers.queries import STANDING, select_records
from loyalty.customers.values import CustomerID
from loyalty.sharing.models import ReferralCodeRow, ReferralRow
from loyalty.sharing.values import Referral


class ReferralNotFound(NotFound):
    """No member brings friends by this code."""

    code = "referral_not_found"


def find_referrer(session: Session, *, code: str) -> CustomerID:
    """
    Return the member who brings friends by this code.

    :raises ReferralNotFound: if it is nobody's
    """
    plain = "".join(c for c in code.upper() if c not in " -")
    found = session.scalar(
        select(STANDING)
        .join(ReferralCodeRow, ReferralCodeRow.customer_id == CustomerRow.id)
        .where(ReferralCodeRow.code == plain)
    )
    if found is None:
        message = "Nobody brings friends by this code."
        raise ReferralNotFound(message)
    return CustomerID(found)


def list_referrals(
    session: Session, *, referrer: CustomerID, limit: int = 50
) -> tuple[Referral, ...]:
    """Return the friends that a member brought, the latest first."""
    rows = session.scalars(
        select(ReferralRow)
        .where(ReferralRow.referrer_id.in_(select_records(referrer)))
        .order_by(ReferralRow.at.desc())
        .limit(limit)
    )
    return tuple(to_referral(row) for row in rows)


def referral_of(session: Session, *, friend: CustomerID) -> Referral | None:
    """Return who brought a member, if anybody did; of two records the one first."""
    row = session.scalar(
        select(ReferralRow)
        .where(ReferralRow.friend_id.in_(select_records(friend)))
        .order_by(ReferralRow.at, ReferralRow.friend_id)
        .limit(1)
    )
    return None if row is None else to_referral(row)


def to_referral(row: ReferralRow) -> Referral:
    """Turn a row into what the rest of the service sees."""
    return Referral(
        friend=row.friend_id,
        referrer=row.referrer_id,
        state=row.state,
        at=row.at,
        friend_points=row.friend_points,
        referrer_points=row.referrer_points,
    )
