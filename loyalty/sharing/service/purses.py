"""The balance that a member spends from, and letting points go to it."""

from datetime import datetime

from sqlalchemy.orm import Session

from loyalty.customers.values import CustomerID
from loyalty.points.queries import standing
from loyalty.points.service import lock_account, move
from loyalty.points.values import Request
from loyalty.sharing import queries
from loyalty.sharing.models import HouseholdMoveRow


def lock_purse(session: Session, *, customer_id: CustomerID) -> CustomerID:
    """Lock the account that a member spends from, and their own; return whose it is."""
    purse = queries.purse_of(session, customer_id=customer_id)
    for one in sorted({customer_id, purse}):
        lock_account(session, customer_id=one)
    # Somebody may have joined or left while this one waited.
    now_purse = queries.purse_of(session, customer_id=customer_id)
    if now_purse != purse:
        lock_account(session, customer_id=now_purse)
    return now_purse


def gather(
    session: Session, *, customer_id: CustomerID, actor: str, now: datetime
) -> int:
    """
    Let what a member has go to the balance that they share; return how many points.

    It may run as often as one likes: after each purchase, and when pending points have
    become available.
    """
    household = queries.household_of(session, customer_id=customer_id)
    if household is None or household.keeper == customer_id:
        return 0
    accounts = {
        one: lock_account(session, customer_id=one)
        for one in sorted({customer_id, household.keeper})
    }
    points = standing(session, customer_id=customer_id, now=now).spendable
    if not points:
        return 0
    version = accounts[customer_id].version + 1
    key = f"household:{household.id}:{customer_id}:{version}"
    moved = move(
        session,
        giver=customer_id,
        receiver=household.keeper,
        points=points,
        request=Request(key=key, actor=actor, link=f"household:{household.id}"),
        now=now,
    )
    session.add(
        HouseholdMoveRow(
            customer_id=customer_id,
            version=moved.version,
            keeper_id=household.keeper,
            request_key=key,
            household_id=household.id,
        )
    )
    session.flush()
    return points
