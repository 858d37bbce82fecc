"""Causes, and what was given to them."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from loyalty.core.errors import NotFound
from loyalty.customers.queries import records_of
from loyalty.customers.values import CustomerID
from loyalty.rewards.models import CauseGiftRow, CauseRow
from loyalty.rewards.values import Cause, CauseID


class CauseNotFound(NotFound):
    """No cause has this code."""

    code = "cause_not_found"


def get_cause_row(session: Session, *, code: str) -> CauseRow:
    """
    Return the row of a cause, for services.

    :raises CauseNotFound: if there is none
    """
    row = session.scalar(select(CauseRow).where(CauseRow.code == code))
    if row is None:
        message = f"There is no cause {code!r}."
        raise CauseNotFound(message)
    return row


def list_causes(
    session: Session, *, customer_id: CustomerID | None = None, ended: bool = False
) -> tuple[Cause, ...]:
    """Return the causes with their totals, and what one member gave to each."""
    totals = _totals(session, None)
    mine = _totals(session, customer_id) if customer_id is not None else {}
    rows = session.scalars(select(CauseRow).order_by(CauseRow.id))
    return tuple(
        Cause(
            code=row.code,
            name=row.name,
            about=row.about,
            ended_at=row.ended_at,
            points=totals.get(row.id, 0),
            mine=mine.get(row.id, 0),
        )
        for row in rows
        if ended or row.ended_at is None
    )


def _totals(session: Session, customer_id: CustomerID | None) -> dict[CauseID, int]:
    statement = select(CauseGiftRow.cause_id, func.sum(CauseGiftRow.points))
    if customer_id is not None:
        records = records_of(session, customer_id=customer_id)
        statement = statement.where(CauseGiftRow.customer_id.in_(records))
    rows = session.execute(statement.group_by(CauseGiftRow.cause_id))
    return {cause_id: int(points) for cause_id, points in rows}
