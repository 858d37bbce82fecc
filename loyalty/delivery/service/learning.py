"""Keeping the hours that were learned."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from loyalty.customers.values import CustomerID
from loyalty.delivery.models import HabitRow
from loyalty.delivery.rules.learning import learn_windows

_AT_ONCE = 1000


def learn_hours(
    session: Session,
    *,
    histograms: Mapping[CustomerID, Sequence[int]],
    now: datetime,
) -> int:
    """
    Replace all learned hours, and return for how many customers there are some.

    Customers who are not among these (any more) have none.

    :param histograms: 168 counts each, Monday 00:00 local time first; the sum of all
        of them is what everybody's habits are smoothed towards
    :raises ValueError: if a histogram is not 168 counts
    """
    columns = zip(*histograms.values(), strict=True)
    prior = [sum(column) for column in columns]
    values = [
        {
            "customer_id": customer_id,
            "windows": [
                {"day": min(window.days), "from": window.start, "until": window.until}
                for window in learn_windows(histogram, prior)
            ],
            "observations": sum(histogram),
            "learned_at": now,
        }
        for customer_id, histogram in sorted(histograms.items())
    ]
    for first in range(0, len(values), _AT_ONCE):
        asked = postgresql.insert(HabitRow).values(values[first : first + _AT_ONCE])
        session.execute(
            asked.on_conflict_do_update(
                index_elements=[HabitRow.customer_id],
                set_={
                    name: asked.excluded[name]
                    for name in ("windows", "observations", "learned_at")
                },
            )
        )
    session.execute(delete(HabitRow).where(HabitRow.learned_at < now))
    return sum(bool(value["windows"]) for value in values)
