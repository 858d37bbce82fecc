"""When the service was up."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from loyalty.core.periods import Period
from loyalty.points.models import UptimeRow


def times_up(session: Session) -> tuple[Period, ...]:
    """Return the times through which the service was up, the earliest first."""
    rows = session.scalars(select(UptimeRow).order_by(UptimeRow.started_at))
    return tuple(Period(start=row.started_at, until=row.until) for row in rows)
