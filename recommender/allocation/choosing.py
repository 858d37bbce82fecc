"""
The best choice of each customer alone, exactly.

What is to be chosen at given worths (values less prices) is, for one customer: at
most ``places`` candidates, at most one of a group, at most ``habits`` that are not
fresh, so that the sum of their worths less what related ones lose is highest.

Without the limit on habits greedy choice is best. The loss is convex in the number of
offers of each circle, groups and circles are families whose members are disjoint, so
the sum is a separable concave function over a laminar family cut off at ``places``:
it is M♮-concave, and for those taking the best candidate that is left, one after the
other, is exact (Murota, *Discrete Convex Analysis*, 2003, 6.3). This holds where a
group lies within one circle; where it does not, circles are taken as they come.

With the limit: let X be best with k habits and Y best with k - 1. For a habit i in X
and not in Y the exchange axiom gives a j in Y and not in X, or none, such that
f(X) + f(Y) <= f(X - i + j) + f(Y + i - j). If j is no habit (or none), X - i + j has
k - 1 habits and Y + i - j has k, so that the latter is at most f(X) and X - i + j is
as good as Y. If j is a habit, X - i + j has k, is at most f(X), and Y + i - j is as
good as Y and nearer to X; go on with it. So **one exchange of a habit for something
fresh, or for nothing, leads from the best with k habits to the best with k - 1** (the
argument of Gabow and Tarjan, 1984, for matroids with two colours). The best sums are
concave in k, so the limit is kept with equality where greedy choice breaks it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from recommender.allocation.table import Table
from recommender.data import BoolArray

Entry = TypeVar("Entry", bound=np.generic)
Slots = NDArray[np.int16]
"""(rows, places): the column of each chosen candidate, -1 where nothing is."""
Worth = NDArray[np.floating]


def choose(table: Table, worth: Worth) -> tuple[Slots, Worth]:
    """
    Return each customer's best choice, and what it is worth (rows,).

    :param worth: (rows, columns); what is not above zero is never chosen
    """
    row = np.arange(len(table))
    slots = np.full((len(table), table.places), -1, np.int16)
    total = np.zeros(len(table), worth.dtype)
    left = worth.copy()
    for place in range(table.places):
        best = left.argmax(axis=1)
        gain = left[row, best]
        some = gain > 0
        slots[:, place] = np.where(some, best, -1)
        total += np.where(some, gain, 0)
        if place + 1 == table.places or not some.any():
            break
        left *= table.groups != table.groups[row, best][:, None]
        if table.step.any():
            circle = table.related == table.related[row, best][:, None]
            left -= circle * np.where(some, table.step, 0).astype(worth.dtype)[:, None]
    _keep_habits(table, worth, slots, total)
    return slots, total


def _keep_habits(table: Table, worth: Worth, slots: Slots, total: Worth) -> None:
    """Exchange habits for something fresh, one at a time, until few enough are left."""
    while True:
        many = np.flatnonzero(habits_in(table, slots) > table.habits)
        if len(many) == 0:
            return
        some = take(table, many)
        mine = slots[many]
        held = contributions(some, worth[many], mine)
        habit = (mine >= 0) & ~at(some.fresh, mine)
        coming = np.where(some.fresh & (worth[many] > 0), worth[many], -np.inf)
        move = best_exchange(
            some, mine, coming.astype(worth.dtype), np.where(habit, held, np.inf)
        )
        mine[np.arange(len(many)), move.slot] = move.column
        slots[many] = mine
        total[many] += move.gain


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Move:
    """
    The best exchange of each row: at ``slot`` comes ``column``, or nothing (-1).

    ``gain`` (rows,) is what it brings, and may be below zero.
    """

    slot: NDArray[np.intp]
    column: NDArray[np.intp]
    gain: Worth


def best_exchange(table: Table, slots: Slots, coming: Worth, going: Worth) -> Move:
    """
    Return the best exchange of one place for each customer, within all their limits.

    :param coming: (rows, columns) what each candidate brings; -inf: it may not come
    :param going: (rows, places) what is lost with each place; inf: it may not go
    """
    row = np.arange(len(table))
    columns, gains = [], []
    for place, brings in enumerate(replacements(table, slots, coming)):
        best = brings.argmax(axis=1)
        gain = brings[row, best]
        columns.append(np.where(gain > 0, best, -1))
        gains.append(np.maximum(gain, 0) - going[:, place])
    gained = np.stack(gains, axis=1)
    slot = gained.argmax(axis=1)
    column = np.stack(columns, axis=1)[row, slot]
    return Move(slot=slot, column=column, gain=gained[row, slot])


def replacements(table: Table, slots: Slots, coming: Worth) -> Iterator[Worth]:
    """
    Give for each place what each candidate would bring there, the others staying.

    -inf what may not come: a group of the others, a habit where the others are enough
    of them. What is lost beside related ones is taken off.
    """
    some = slots >= 0
    groups = np.where(some, at(table.groups, slots), -1)
    same = [table.groups == groups[:, [place]] for place in range(table.places)]
    taken = np.sum(same, axis=0, dtype=np.int8)
    habit = some & ~at(table.fresh, slots)
    habits = habit.sum(axis=1, dtype=np.int16)
    fresh = np.where(table.fresh, coming, np.float32(-np.inf))
    circles = np.where(some, at(table.related, slots), -1)
    related = table.step.any()
    near = (
        np.sum([table.related == each[:, None] for each in circles.T], axis=0)
        if related
        else None
    )
    for place, mine in enumerate(same):
        full = habits - habit[:, place] >= table.habits
        if full.all():
            may = fresh
        else:
            may = np.where(full[:, None], fresh, coming) if full.any() else coming
        brings = np.where(taken > mine.view(np.int8), np.float32(-np.inf), may)
        if near is not None:
            others = near - (table.related == circles[:, [place]])
            brings -= others * table.step[:, None]
        yield brings


def without(worth: Worth, slots: Slots) -> Worth:
    """Return the worths of what is not chosen; -inf for what is."""
    left = worth.copy()
    rows, places = np.nonzero(slots >= 0)
    left[rows, slots[rows, places]] = -np.inf
    return left


def contributions(table: Table, worth: Worth, slots: Slots) -> Worth:
    """Return what would be lost with each place (rows, places); 0 where it is empty."""
    held = np.where(slots >= 0, at(worth, slots), 0)
    if table.step.any():
        circle = np.where(slots >= 0, at(table.related, slots), -1)
        same = (circle[:, :, None] == circle[:, None, :]).sum(axis=2) - 1
        held = held - np.where(slots >= 0, same, 0) * table.step[:, None]
    return held.astype(worth.dtype)


def total_of(table: Table, slots: Slots) -> float:
    """Return what the choices are worth at no prices, deductions taken off."""
    held = np.where(slots >= 0, at(table.values, slots), 0).sum(dtype=np.float64)
    circle = np.where(slots >= 0, at(table.related, slots), -1)
    same = np.tril(circle[:, :, None] == circle[:, None, :], -1)
    pairs = (same & (slots >= 0)[:, :, None]).sum(axis=(1, 2))
    return float(held - (pairs * table.step.astype(np.float64)).sum())


def habits_in(table: Table, slots: Slots) -> NDArray[np.int16]:
    """Count the chosen candidates of each customer that are no discovery."""
    chosen: BoolArray = (slots >= 0) & ~at(table.fresh, slots)
    counts: NDArray[np.int16] = chosen.sum(axis=1, dtype=np.int16)
    return counts


def at(columns: NDArray[Entry], slots: Slots) -> NDArray[Entry]:
    """Return the columns' entries at the slots; something where a slot is empty."""
    found: NDArray[Entry] = columns[np.arange(len(slots))[:, None], slots]
    return found


def take(table: Table, rows: NDArray[np.intp]) -> Table:
    """Return some of a table's rows."""
    return Table(
        rows=table.rows[rows],
        offers=table.offers[rows],
        values=table.values[rows],
        costs=table.costs[rows],
        fresh=table.fresh[rows],
        groups=table.groups[rows],
        related=table.related[rows],
        habits=table.habits[rows],
        step=table.step[rows],
        places=table.places,
    )
