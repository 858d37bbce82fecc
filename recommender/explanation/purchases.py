"""What the customer of each pair bought of what its target is for."""

from dataclasses import dataclass

import numpy as np

from recommender.data import FloatArray, IntArray, Sparse, day_of
from recommender.dataset import History
from recommender.explanation.entries import heaviest, values_at
from recommender.explanation.values import Reason

RHYTHM = 3
"""From so many purchases on, the days between them mean something."""
NEARLY, LATE = 0.75, 2.0
"""From this part of the usual days between on it is about time again, to that."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Bought:
    """
    Of each pair (n): the ``items`` the customer bought most of late, -1 is none.

    ``times`` on how many days, ``first`` and ``last`` their numbers; ``day`` is that
    as of which all is told.
    """

    items: IntArray
    times: IntArray
    first: IntArray
    last: IntArray
    day: int

    @classmethod
    def of(cls, history: History, rows: IntArray, items: IntArray) -> "Bought":
        """Return the facts of one item for each pair."""

        def fact(matrix: Sparse) -> IntArray:
            return np.rint(values_at(matrix, rows, items)).astype(np.int32)

        times = fact(history.counts)
        return cls(
            items=np.where(times > 0, items, -1).astype(np.int32),
            times=times,
            first=fact(history.first),
            last=fact(history.last),
            day=history.day,
        )

    def reason(self, pair: int, name: str, *, in_time: bool) -> Reason:
        """
        Say what was bought.

        :param in_time: whether the time since they bought it raises the score
        """
        times, last = int(self.times[pair]), int(self.last[pair])
        facts: dict[str, str | int] = {
            "kind": "bought_before",
            "category": name,
            "times": times,
            "last": day_of(last).isoformat(),
        }
        if times >= RHYTHM:
            between = (last - int(self.first[pair])) / (times - 1)
            due = NEARLY * between <= self.day - last <= LATE * between
            facts["kind"] = "due_again" if in_time and due else "often_bought"
            facts["every_days"] = max(round(between), 1)
        return facts


def own_items(decayed: Sparse, shares: Sparse) -> tuple[IntArray, FloatArray]:
    """
    Return what the customer of each pair leans to most of what its target is for.

    :param decayed: (pairs, items), days; :param shares: (pairs, items)
    :return: the item, -1 is none, and its days by share
    """
    return heaviest(decayed.multiply(shares).tocsr())
