"""Cutting time: the only place that decides what is past and what is future."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np

from recommender.config import Config, RecommenderError
from recommender.data import IntArray, Purchases, Sparse
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


class UnfairSplit(RecommenderError):
    """Days that only judge would have a part in choosing settings."""

    code = "unfair_split"


@dataclass(frozen=True, kw_only=True, slots=True)
class Split:
    """
    On which days settings are chosen, and on which the result is judged once.

    All are day numbers. A cut-off's window begins with it and has ``window_days``;
    those of ``tuning`` end before ``reserved_from`` at the latest, those of
    ``reporting`` begin then or later.

    :raises UnfairSplit: if they do not
    """

    reserved_from: int
    tuning: tuple[int, ...]
    reporting: tuple[int, ...]
    window_days: int

    def __post_init__(self) -> None:
        """Refuse windows on the wrong side."""
        last = self.reserved_from - self.window_days
        if any(day > last for day in self.tuning):
            text = "The window of a tuning cut-off reaches into the reserved days."
            raise UnfairSplit(text)
        if any(day < self.reserved_from for day in self.reporting):
            text = "A reporting cut-off is before the reserved days."
            raise UnfairSplit(text)

    @classmethod
    def of_last_periods(
        cls, purchases: Purchases, config: Config, periods: int = 3
    ) -> Self:
        """Return so many whole periods up to the last purchase, and as many before."""
        end = int(purchases.days.max(initial=0)) + 1
        starts = [end - config.window_days * n for n in range(2 * periods, 0, -1)]
        return cls(
            reserved_from=starts[periods],
            tuning=tuple(starts[:periods]),
            reporting=tuple(starts[periods:]),
            window_days=config.window_days,
        )

    def open_to_tuning(self, purchases: Purchases) -> Purchases:
        """Return what was bought before the reserved days; nothing else is seen."""
        return purchases.take(np.flatnonzero(purchases.days < self.reserved_from))


def last_window(events: Events, config: Config) -> Window:
    """Return the last whole period, which ends with the last purchase."""
    end = int(events.days.max(initial=0)) + 1
    return Window(start=end - config.window_days, end=end)


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
