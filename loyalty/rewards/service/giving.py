"""Giving points to a cause."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from loyalty.core.errors import Refused
from loyalty.customers.values import CustomerID
from loyalty.points.service import Spending, spend
from loyalty.points.values import Request
from loyalty.rewards import queries
from loyalty.rewards.models import CauseGiftRow
from loyalty.rewards.values import Given
from loyalty.sharing.service import lock_purse


class CauseEnded(Refused):
    """Nothing more can be given to the cause."""

    code = "cause_ended"


def give_to_cause(
    session: Session,
    *,
    customer_id: CustomerID,
    cause: str,
    points: int,
    request: Request,
    now: datetime,
) -> Given:
    """
    Give points to a cause, once for a request key; they stay given.

    :raises CauseNotFound: if there is no such cause
    :raises CauseEnded: if nothing more can be given to it
    :raises Invalid: if the points are not above zero
    :raises NotEnoughPoints: if the member has fewer
    :raises RequestKeyReused: if the key belongs to another gift
    """
    row = queries.get_cause_row(session, code=cause)
    purse = lock_purse(session, customer_id=customer_id)
    moved = spend(
        session,
        customer_id=purse,
        spending=Spending(
            points=points,
            request=replace(
                request, key=f"cause:{customer_id}:{request.key}", link=f"cause:{cause}"
            ),
        ),
        now=now,
    )
    if not moved.replayed:
        if row.ended_at is not None:
            message = "This cause has ended: choose another."
            raise CauseEnded(message)
        session.add(
            CauseGiftRow(
                purse_id=purse,
                customer_id=customer_id,
                version=moved.version,
                cause_id=row.id,
                points=points,
                at=now,
            )
        )
        session.flush()
    return Given(cause=cause, points=points, balance_after=moved.available)
