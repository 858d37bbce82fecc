"""The first few of what was scored, with something new among them."""

import numpy as np

from recommender.data import IntArray
from recommender.scoring.values import Scored


def in_slots(scored: Scored, top: int, every: int) -> IntArray:
    """
    Return the columns to show, best first: (customers, at most ``top``), -1: none.

    Where ``every`` in a row would all be what the customer buys anyway, the last of
    them is the best of what is new to them; 0: as it comes.
    """
    width = min(top, scored.places.shape[1])
    there = scored.places >= 0
    chosen = np.full((len(scored), width), -1, np.int32)
    for row, (present, fresh) in enumerate(zip(there, scored.fresh, strict=True)):
        columns = _filled(np.flatnonzero(present).tolist(), fresh.tolist(), every)
        chosen[row, : len(columns[:width])] = columns[:width]
    return chosen


def _filled(waiting: list[int], fresh: list[bool], every: int) -> list[int]:
    """Put the columns in the order of slots."""
    if every == 0:
        return waiting
    new = [column for column in waiting if fresh[column]]
    taken: list[int] = []
    while waiting:
        group = taken[len(taken) - len(taken) % every :]
        due = len(taken) % every == every - 1 and not any(fresh[c] for c in group)
        best = new[0] if due and new else waiting[0]
        waiting.remove(best)
        if fresh[best]:
            new.remove(best)
        taken.append(best)
    return taken
