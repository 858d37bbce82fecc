"""Keeping the hours and channels that were learned."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from loyalty.customers.values import Channel, CustomerID
from loyalty.delivery.models import HabitRow
from loyalty.delivery.rules.learning import (
    HOURS_A_WEEK,
    Looks,
    everybodys,
    learn_channels,
    learn_windows,
)

_AT_ONCE = 1000


def learn_habits(
    session: Session,
    *,
    histograms: Mapping[CustomerID, Sequence[int]],
    looks: Mapping[CustomerID, Mapping[Channel, Looks]],
    now: datetime,
) -> int:
    """
    Replace all that was learned, and return of how many customers something was.

    Customers who are not among these (any more) have none.

    :param histograms: 168 counts each, Monday 00:00 local time first; the sum of all
        of them is what everybody's habits are smoothed towards
    :param looks: what was sent on each channel, and looked at, of those who let it be
        counted; smoothed towards the sum in the same way
    :raises ValueError: if a histogram is not 168 counts
    """
    unknown = (0,) * HOURS_A_WEEK
    prior = [sum(hour) for hour in zip(unknown, *histograms.values(), strict=True)]
    everybody = everybodys(looks.values())
    values = [
        {
            "customer_id": one,
            "windows": [
                {"day": min(window.days), "from": window.start, "until": window.until}
                for window in learn_windows(histograms.get(one, unknown), prior)
            ],
            "channels": list(learn_channels(looks.get(one, {}), everybody)),
            "observations": sum(histograms.get(one, unknown))
            + sum(some.sent for some in looks.get(one, {}).values()),
            "learned_at": now,
        }
        for one in sorted(histograms.keys() | looks.keys())
    ]
    for first in range(0, len(values), _AT_ONCE):
        asked = postgresql.insert(HabitRow).values(values[first : first + _AT_ONCE])
        session.execute(
            asked.on_conflict_do_update(
                index_elements=[HabitRow.customer_id],
                set_={
                    name: asked.excluded[name]
                    for name in ("windows", "channels", "observations", "learned_at")
                },
            )
        )
    session.execute(delete(HabitRow).where(HabitRow.learned_at < now))
    return sum(bool(value["windows"] or value["channels"]) for value in values)
