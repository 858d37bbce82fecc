"""What all customers together do with each item: how many, how often, of late."""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np

from recommender.data import BoolArray, FloatArray
from recommender.dataset import Events, distinct

RECENT: Final = (7, 14, 28, 84)
"""Periods, in days, over which buyers are counted."""
DEBUTS: Final = (14, 28, 84)
"""Periods, in days, over which those are counted who bought for the first time."""
MONTH: Final = 28
NAMES: Final = (
    *(f"buyers_{days}" for days in RECENT),
    *(f"debut_{days}" for days in DEBUTS),
    "repeat",
    "interval",
)
_PRIOR: Final = 5.0
"""So many intervals, or buyers, of the mean item stand behind an item's own."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Demand:
    """
    Figures of the items, as of a day: (``NAMES``, items).

    ``buyers_n``: the share of the customers active in the last n days who bought it.
    ``debut_n``: of the active customers to whom it was new n days ago, the share who
    bought it since. ``repeat``: of its buyers in the month before last, the share who
    bought it in the last. ``interval``: mean days from one purchase to the next.
    """

    figures: FloatArray

    @property
    def names(self) -> tuple[str, ...]:
        """What the rows are."""
        return NAMES

    @property
    def interval(self) -> FloatArray:
        """Mean days from one purchase by a customer to the next (items)."""
        return np.asarray(self.figures[NAMES.index("interval")], np.float32)

    @classmethod
    def fit(cls, events: Events, *, day: int) -> Self:
        """Count in the events, all of which are before the day."""
        rows = [_buyers(events, day - days, day) for days in RECENT]
        rows += [_debut(events, day - days, day) for days in DEBUTS]
        rows += [_repeat(events, day), _interval(events)]
        return cls(figures=np.stack(rows).astype(np.float32))


def _pairs(events: Events, chosen: BoolArray) -> FloatArray:
    """Return how many customers have each item in the chosen events."""
    _, items = distinct(events.customers[chosen], events.items[chosen])
    return np.bincount(items, minlength=events.n_items).astype(np.float32)


def _buyers(events: Events, start: int, end: int) -> FloatArray:
    """Return the share of active customers who bought each item in the period."""
    recent = (events.days >= start) & (events.days < end)
    active = max(len(np.unique(events.customers[recent])), 1)
    return _pairs(events, recent) / np.float32(active)


def _firsts(events: Events) -> BoolArray:
    """Return which events are a customer's first with the item."""
    firsts = np.ones(len(events.days), bool)
    firsts[1:] = (events.customers[1:] != events.customers[:-1]) | (
        events.items[1:] != events.items[:-1]
    )
    return firsts


def _debut(events: Events, start: int, end: int) -> FloatArray:
    """Return the share of active customers to whom it was new who bought it."""
    active = np.zeros(len(events.ids), bool)
    active[events.customers[(events.days >= end - MONTH) & (events.days < end)]] = True
    firsts = _firsts(events) & active[events.customers]
    late = firsts & (events.days >= start)
    new = np.bincount(events.items[late], minlength=events.n_items)
    old = np.bincount(events.items[firsts & ~late], minlength=events.n_items)
    return np.asarray((new + 0.5) / (active.sum() - old + _PRIOR), np.float32)


def _repeat(events: Events, day: int) -> FloatArray:
    """Return the share of the buyers of a month who bought again in the next."""
    found = []
    for end in (day, day - MONTH):
        inside = (events.days >= end - MONTH) & (events.days < end)
        owners, items = distinct(events.customers[inside], events.items[inside])
        found.append(owners.astype(np.int64) * events.n_items + items)
    again = np.intersect1d(found[0], found[1], assume_unique=True) % max(
        events.n_items, 1
    )
    before = np.bincount(found[1] % max(events.n_items, 1), minlength=events.n_items)
    both = np.bincount(again, minlength=events.n_items)
    usual = (len(again) + 0.5) / (len(found[1]) + 1)
    return np.asarray((both + _PRIOR * usual) / (before + _PRIOR), np.float32)


def _interval(events: Events) -> FloatArray:
    """Return the mean days between purchases, drawn to the mean of all items."""
    again = ~_firsts(events)[1:]
    gaps = np.diff(events.days)[again]
    items = events.items[1:][again]
    sums = np.bincount(items, weights=gaps, minlength=events.n_items)
    counts = np.bincount(items, minlength=events.n_items)
    usual = gaps.mean() if len(gaps) else float(MONTH)
    return np.asarray((sums + _PRIOR * usual) / (counts + _PRIOR), np.float32)
