"""What all customers together do with each item: how many, how often, of late."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from recommender.data import FloatArray
from recommender.dataset import Events, distinct

RECENT = (7, 28, 84)
"""Periods, in days, over which buyers are counted."""
_PRIOR = 5.0
"""So many intervals of the mean item stand behind an item's own."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Demand:
    """
    Figures of the items, as of a day.

    ``buyers`` (periods, items): the share of the customers active in the period who
    bought it, a row for each of ``RECENT``; ``debut`` (items): of the customers who
    had never bought it before the last 28 days, the share who did in them;
    ``interval`` (items): mean days from one purchase to the next by one customer.
    """

    buyers: FloatArray
    debut: FloatArray
    interval: FloatArray

    @classmethod
    def fit(cls, events: Events, *, day: int) -> Self:
        """Count in the events, all of which are before the day."""
        buyers = [_buyers(events, day - days, day) for days in RECENT]
        return cls(
            buyers=np.stack(buyers).astype(np.float32),
            debut=_debut(events, day - RECENT[1]),
            interval=_interval(events),
        )


def _buyers(events: Events, start: int, end: int) -> FloatArray:
    """Return the share of active customers who bought each item in the period."""
    recent = events.select((events.days >= start) & (events.days < end))
    _, items = distinct(recent.customers, recent.items)
    active = max(len(np.unique(recent.customers)), 1)
    counts = np.bincount(items, minlength=events.n_items)
    return np.asarray(counts / active, np.float32)


def _debut(events: Events, start: int) -> FloatArray:
    """Return the share of those to whom it was new who bought it since the start."""
    firsts = np.ones(len(events.days), bool)
    firsts[1:] = (events.customers[1:] != events.customers[:-1]) | (
        events.items[1:] != events.items[:-1]
    )
    late = firsts & (events.days >= start)
    new = np.bincount(events.items[late], minlength=events.n_items)
    old = np.bincount(events.items[firsts & ~late], minlength=events.n_items)
    active = len(np.unique(events.customers))
    return np.asarray((new + 0.5) / (active - old + 1), np.float32)


def _interval(events: Events) -> FloatArray:
    """Return the mean days between purchases, drawn to the mean of all items."""
    again = (events.customers[1:] == events.customers[:-1]) & (
        events.items[1:] == events.items[:-1]
    )
    gaps = np.diff(events.days)[again]
    items = events.items[1:][again]
    sums = np.bincount(items, weights=gaps, minlength=events.n_items)
    counts = np.bincount(items, minlength=events.n_items)
    usual = gaps.mean() if len(gaps) else 28.0
    return np.asarray((sums + _PRIOR * usual) / (counts + _PRIOR), np.float32)
