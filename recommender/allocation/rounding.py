"""From what customers would choose to what is there."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from recommender.allocation.choosing import (
    Slots,
    best_exchange,
    contributions,
    replacements,
    take,
    without,
)
from recommender.allocation.limits import Numbers
from recommender.allocation.market import Answer, Market, paid_for, worth_at
from recommender.allocation.result import Prices
from recommender.allocation.table import Table
from recommender.data import BoolArray, LongArray

SHARES = (0.95, 0.9, 0.8, 0.95, 0.7, 0.5)
"""How much of the prices counts in each of the first rounds of improving."""
ROUNDS = 30
"""So many rounds without prices at most."""
ENOUGH = 1e-6
"""A round that brings less than this share of the whole is the last."""
_LITTLE = np.float32(1e-12)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Takes:
    """
    Offers that customers ask for: columns of one length.

    ``tables`` and ``rows`` say whose it is, ``places`` where it would stand,
    ``columns`` which candidate it is; ``worths`` what it brings by unit of what is
    scarce. ``more`` is 1 where the place was empty, ``spent`` what the exchange costs.
    """

    tables: LongArray
    rows: LongArray
    places: LongArray
    columns: LongArray
    offers: LongArray
    costs: Numbers
    worths: Numbers
    more: Numbers
    spent: Numbers

    @classmethod
    def of(cls, parts: list[tuple[NDArray[np.generic], ...]]) -> Self:
        """Join what the tables ask for: all columns but ``tables``."""
        parts = parts or [(np.zeros(0),) * 8]
        sizes = [len(part[0]) for part in parts]
        tables = np.repeat(np.arange(len(parts)), sizes)
        rows, places, columns, offers = (
            np.concatenate([part[i] for part in parts]).astype(np.int64)
            for i in range(4)
        )
        costs, worths, more, spent = (
            np.concatenate([part[i] for part in parts]).astype(np.float64)
            for i in range(4, 8)
        )
        return cls(
            tables=tables,
            rows=rows,
            places=places,
            columns=columns,
            offers=offers,
            costs=costs,
            worths=worths,
            more=more,
            spent=spent,
        )


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Stock:
    """What is left of each limit."""

    offers: Numbers
    money: Numbers
    cap: float
    budget: float

    @classmethod
    def of(cls, market: Market, slots: list[Slots]) -> Self:
        """Return what these choices leave over."""
        offers, costs = market.used(slots)
        limits = market.limits
        return cls(
            offers=limits.caps - offers,
            money=limits.budgets - costs,
            cap=limits.cap - float(offers.sum()),
            budget=limits.budget - float(costs.sum()),
        )

    @property
    def enough(self) -> bool:
        """Whether no limit is passed."""
        least = np.concatenate((self.offers, self.money, [self.cap, self.budget]))
        return bool(least.min() >= 0)

    def serve(self, asked: Takes) -> LongArray:
        """
        Return which of the takes are granted: of each offer the best that fit.

        Sums of costs are exact (see ``rounded_up``), so nothing is ever overdrawn.
        What comes after the first that does not fit waits for the next round.
        """
        order = np.lexsort((-asked.worths, asked.offers))
        offers, costs = asked.offers[order], asked.costs[order]
        first = np.searchsorted(offers, offers)
        spent = np.cumsum(costs)
        spent -= (spent - costs)[first]
        number = np.arange(len(offers)) - first + 1
        fits = (number <= self.offers[offers]) & (spent <= self.money[offers])
        kept = order[fits]
        kept = kept[np.argsort(-asked.worths[kept], kind="stable")]
        number = np.cumsum(asked.more[kept])
        spent = np.cumsum(np.maximum(asked.spent[kept], 0))
        granted: LongArray = kept[(number <= self.cap) & (spent <= self.budget)]
        return granted


def trim(market: Market, answer: Answer) -> list[Slots]:
    """
    Take back what is over a limit: first where the next best is as good.

    What counts is the loss by unit of what is scarce, at the answer's prices.
    """
    parts = market.each(lambda t, s: _held(t, s, answer.prices), answer.slots)
    empty = [np.full_like(slots, -1) for slots in answer.slots]
    asked = Takes.of(parts)
    return _put(empty, asked, Stock.of(market, empty).serve(asked))


def _held(
    table: Table, slots: Slots, prices: Prices
) -> tuple[NDArray[np.generic], ...]:
    """Ask for everything that the customers have chosen."""
    rows, places = np.nonzero(slots >= 0)
    columns = slots[rows, places]
    offers, costs = table.offers[rows, columns], table.costs[rows, columns]
    worth = worth_at(table, prices)
    others = without(worth, slots)
    instead = [brings.max(axis=1) for brings in replacements(table, slots, others)]
    loss = contributions(table, worth, slots) - np.maximum(np.stack(instead, axis=1), 0)
    scarce = loss[rows, places] / (paid_for(prices, offers, costs) + _LITTLE)
    return rows, places, columns, offers, costs, scarce, np.ones(len(rows)), costs


def improve(market: Market, slots: list[Slots], prices: Prices) -> list[Slots]:
    """
    Exchange places while that makes the whole worth more and everything fits.

    In each round every customer names their best exchange for something that is still
    there; of each offer those who gain most by unit of what is scarce are served.
    What they give back can be taken in the next round. At first most of the prices
    counts, for what comes and for what goes, so that not all want the same; in the
    last rounds only value counts, and it can only rise.
    """
    for share in SHARES:
        slots, _ = _round(market, slots, prices, share)
    value = market.worth_of(slots)
    for _ in range(ROUNDS):
        slots, moved = _round(market, slots, prices, 0.0)
        before, value = value, market.worth_of(slots)
        if not moved or value - before <= ENOUGH * value:
            break
    return slots


def _round(
    market: Market, slots: list[Slots], prices: Prices, share: float
) -> tuple[list[Slots], int]:
    stock = Stock.of(market, slots)
    asked = Takes.of(
        market.each(lambda t, s: _wished(t, s, stock, prices, share), slots)
    )
    granted = stock.serve(asked)
    return _put(slots, asked, granted), len(granted)


def _wished(
    table: Table, slots: Slots, stock: Stock, prices: Prices, share: float
) -> tuple[NDArray[np.generic], ...]:
    """Ask for each customer's best exchange for something that is still there."""
    worth = table.values
    if share:
        worth = worth - np.float32(share) * paid_for(prices, table.offers, table.costs)
    coming = without(np.where(_there(table, stock), worth, -np.inf), slots)
    going = contributions(table, worth, slots)
    if stock.cap < 1:
        going = np.where(slots >= 0, going, np.inf)
    rows = np.flatnonzero(coming.max(axis=1) > going.min(axis=1))
    some, mine = take(table, rows), slots[rows]
    move = best_exchange(some, mine, coming[rows], going[rows])
    least = np.abs(table.values[rows]).max(axis=1) * np.float32(1e-6)
    good = np.flatnonzero((move.gain > least) & (move.column >= 0))
    place, column = move.slot[good], move.column[good]
    offers, costs = some.offers[good, column], some.costs[good, column]
    old = mine[good, place]
    back = np.where(old >= 0, some.costs[good, old], 0)
    scarce = move.gain[good] / (paid_for(prices, offers, costs) + _LITTLE)
    return rows[good], place, column, offers, costs, scarce, old < 0, costs - back


def _there(table: Table, stock: Stock) -> BoolArray:
    """Return which candidates may still be had by one customer."""
    there = (table.values > 0) & (stock.offers[table.offers] >= 1)
    there &= table.costs <= stock.money[table.offers]
    return there


def _put(slots: list[Slots], asked: Takes, granted: LongArray) -> list[Slots]:
    """Return the slots with what was granted in its places."""
    found = [mine.copy() for mine in slots]
    order = granted[np.argsort(asked.tables[granted], kind="stable")]
    edges = np.searchsorted(asked.tables[order], np.arange(len(slots) + 1))
    for index, mine in enumerate(found):
        some = order[edges[index] : edges[index + 1]]
        mine[asked.rows[some], asked.places[some]] = asked.columns[some]
    return found
