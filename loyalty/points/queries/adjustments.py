"""Corrections by hand that wait for a second person."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from loyalty.core.errors import NotFound
from loyalty.points.models import AdjustmentRow
from loyalty.points.values import Adjustment, AdjustmentState


class AdjustmentNotFound(NotFound):
    """No correction has this number."""

    code = "adjustment_not_found"


def waiting_adjustments(session: Session) -> tuple[Adjustment, ...]:
    """Return the corrections that wait for a second person, the oldest first."""
    rows = session.scalars(
        select(AdjustmentRow)
        .where(AdjustmentRow.state == AdjustmentState.ASKED)
        .order_by(AdjustmentRow.id)
    )
    return tuple(to_adjustment(row) for row in rows)


def to_adjustment(row: AdjustmentRow) -> Adjustment:
    """Return a row as a value."""
    return Adjustment(
        id=row.id,
        customer_id=row.customer_id,
        points=row.points,
        reason=row.reason,
        state=row.state,
        asked_by=row.asked_by,
        asked_at=row.asked_at,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
    )
