"""Tables for delivery.

``message`` and ``message_event`` are partitioned by month (``service/months.py``).
A unique constraint of theirs would have to hold the month: what is unique without it
stands elsewhere (``message_key``) or can't be doubled (``handover_key``), and no other
table has a foreign key to them.
"""

from loyalty.delivery.models.books import (
    BooksRow,
    CheckedRow,
    DetachedMonthRow,
    ReplayRow,
    TallyRow,
)
from loyalty.delivery.models.gates import PauseRow, ProviderRow
from loyalty.delivery.models.habits import HabitRow
from loyalty.delivery.models.messages import (
    MessageEventRow,
    MessageKeyRow,
    MessageRow,
    WeeklyUseRow,
)
from loyalty.delivery.models.processes import HeartbeatRow, ScheduleRow

__all__ = [
    "BooksRow",
    "CheckedRow",
    "DetachedMonthRow",
    "HabitRow",
    "HeartbeatRow",
    "MessageEventRow",
    "MessageKeyRow",
    "MessageRow",
    "PauseRow",
    "ProviderRow",
    "ReplayRow",
    "ScheduleRow",
    "TallyRow",
    "WeeklyUseRow",
]
