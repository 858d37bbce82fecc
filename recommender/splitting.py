"""Cutting time: the only place that decides what is past and what is future."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from recommender.config import Config
from recommender.data import IntArray, Sparse
from recommender.dataset import Events, History, csr, distinct


def before(events: Events, day: int) -> Events:
    """Return what was bought before the day."""
    return events.select(events.days < day)


def within(events: Events, start: int, end: int) -> Events:
    """Return what was bought from ``start`` up to, not including, ``end``."""
    return events.select((events.days >= start) & (events.days < end))


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """A period of day numbers, ``end`` not in it; the past is before ``start``."""

    start: int
    end: int


def training_windows(events: Events, config: Config) -> Iterator[Window]:
    """
    Give the periods to learn from, the latest first, the last day in the latest.

    A period that starts before the first purchase has no past to learn from, so it
    is left out, unless it is the only one.
    """
    if len(events.days) == 0:
        return
    first, end = int(events.days.min()), int(events.days.max()) + 1
    for number in range(config.windows):
        start = end - config.window_days
        if start <= first and number:
            return
        yield Window(start=start, end=end)
        end = start


def shortened(events: Events, keep: IntArray) -> Events:
    """
    Return only each customer's latest days.

    ``keep`` (customers): on how many days with purchases a customer is left; a
    negative number leaves all.
    """
    if len(events.days) == 0:
        return events
    customers, days = distinct(events.customers, events.days)
    ends = np.searchsorted(customers, np.arange(len(events.ids)), side="right")
    starts = np.searchsorted(customers, np.arange(len(events.ids)))
    first_kept = ends - np.where(keep < 0, ends - starts, keep)
    later = np.iinfo(np.int32).max
    has_days = (first_kept < ends) & (ends > starts)
    from_day = np.full(len(events.ids), later, np.int64)
    places = np.maximum(first_kept, starts)[has_days]
    from_day[has_days] = days[places]
    return events.select(events.days >= from_day[events.customers])


def bought(events: Events) -> Sparse:
    """Return on how many days each customer bought each item: (customers, items)."""
    ones = np.ones(len(events.days), np.float32)
    shape = (len(events.ids), events.n_items)
    return csr(events.customers, events.items, ones, shape)


def hold_out(events: Events, history: History, window: Window) -> tuple[Sparse, Sparse]:
    """
    Return what was bought in the window: all of it, and what was new to the customer.

    Both are (customers, items) with ones.
    """
    future = bought(within(events, window.start, window.end))
    future.data[:] = 1
    known = history.counts.copy()
    known.data[:] = 1
    fresh = (future - future.multiply(known)).tocsr()
    fresh.eliminate_zeros()
    return future, fresh
