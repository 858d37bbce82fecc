"""
Two exchanges at once, for few customers.

Where a single place is a large part of the whole, no exchange of one customer may
help alone while two together do: one gives back what the other can use. All pairs of
those exchanges are tried that lose least at the prices.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np

from recommender.allocation.choosing import (
    Slots,
    contributions,
    replacements,
    without,
)
from recommender.allocation.limits import Limits, Numbers
from recommender.allocation.market import Market, paid_for
from recommender.allocation.result import Prices
from recommender.allocation.rounding import Stock
from recommender.allocation.table import Table
from recommender.data import LongArray

COMPARED = 5_000_000
"""So many comparisons of pairs with limits are made in one step at most."""
STEPS = 100
LITTLE = 1e-6
"""What brings less than this share of the best value is not worth a step."""
_NOTHING = -1


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Exchanges:
    """
    Exchanges of one place each, columns of one length.

    At (``rows``, ``places``) comes ``columns``, or nothing (-1); that brings ``gains``
    in value, and ``paid`` more at the prices. ``offers`` and ``costs`` are what comes,
    ``olds`` and ``backs`` what goes, -1 and 0 where nothing does.
    """

    rows: LongArray
    places: LongArray
    columns: LongArray
    gains: Numbers
    paid: Numbers
    offers: LongArray
    costs: Numbers
    olds: LongArray
    backs: Numbers

    @classmethod
    def of(cls, table: Table, slots: Slots, prices: Prices) -> Self:
        """Return all exchanges that the customers' own limits allow."""
        held = contributions(table, table.values, slots)
        coming = without(np.where(table.values > 0, table.values, -np.inf), slots)
        coming = coming.astype(np.float32)
        brings = np.stack(list(replacements(table, slots, coming)), axis=1)
        nothing = np.where(slots >= 0, 0, -np.inf)[:, :, None]
        brings = np.concatenate((brings, nothing), axis=2)
        rows, places, columns = np.nonzero(np.isfinite(brings))
        none = columns == brings.shape[2] - 1
        columns = np.where(none, 0, columns)
        old = slots[rows, places]
        offers, costs = table.offers[rows, columns], table.costs[rows, columns]
        olds, backs = table.offers[rows, old], table.costs[rows, old]
        gains = brings[rows, places, np.where(none, -1, columns)] - held[rows, places]
        paid = np.where(none, 0, paid_for(prices, offers, costs))
        paid -= np.where(old >= 0, paid_for(prices, olds, backs), 0)
        return cls(
            rows=rows,
            places=places,
            columns=np.where(none, _NOTHING, columns),
            gains=gains.astype(np.float64),
            paid=paid.astype(np.float64),
            offers=np.where(none, _NOTHING, offers),
            costs=np.where(none, 0, costs).astype(np.float64),
            olds=np.where(old >= 0, olds, _NOTHING),
            backs=np.where(old >= 0, backs, 0).astype(np.float64),
        )

    def best(self, most: int) -> Self:
        """Return so many, of those that lose least at the prices."""
        order = np.argsort(self.paid - self.gains, kind="stable")[:most]
        columns = {name: getattr(self, name)[order] for name in self.__slots__}
        return type(self)(**columns)

    def takes(self, offers: int) -> Numbers:
        """Return what each takes of each limit (limits, exchanges)."""
        found = np.zeros((2 * offers + 2, len(self.rows)))
        for which, costs, sign in (
            (self.offers, self.costs, 1),
            (self.olds, self.backs, -1),
        ):
            some = np.flatnonzero(which != _NOTHING)
            found[which[some], some] += sign
            found[offers + which[some], some] += sign * costs[some]
        found[-2] = found[:offers].sum(axis=0)
        found[-1] = found[offers:-2].sum(axis=0)
        return found


def exchange_pairs(market: Market, slots: list[Slots], prices: Prices) -> list[Slots]:
    """
    Make the best two exchanges at once, again and again, while that brings something.

    :param market: of one table
    """
    (table,), mine = market.tables, slots[0].copy()
    least = LITTLE * float(table.values.max())
    limits = _vector(market.limits, market.limits.caps, market.limits.budgets)
    finite = np.isfinite(limits)
    most = int(np.sqrt(COMPARED / max(int(finite.sum()), 1)))
    for _ in range(STEPS):
        found = Exchanges.of(table, mine, prices).best(most)
        stock = Stock.of(market, [mine])
        left = _vector(stock, stock.offers, stock.money)[finite]
        pair, gain = _best_pair(found, found.takes(len(market.limits))[finite], left)
        if gain <= least:
            break
        for one in pair:
            mine[found.rows[one], found.places[one]] = found.columns[one]
    return [mine]


def _vector(rest: Limits | Stock, offers: Numbers, money: Numbers) -> Numbers:
    return np.concatenate((offers, money, [rest.cap, rest.budget]))


def _best_pair(
    found: Exchanges, takes: Numbers, left: Numbers
) -> tuple[list[int], float]:
    """Return the two that bring most together and fit, or one alone."""
    takes = np.append(takes, np.zeros((len(takes), 1)), axis=1)  # and none at all
    gains = np.append(found.gains, 0.0)
    rows = np.append(found.rows, _NOTHING)
    together = gains[:, None] + gains[None, :]
    fits = (rows[:, None] != rows[None, :]) & (together > 0)
    for each, most in zip(takes, left, strict=True):
        fits &= each[:, None] + each[None, :] <= most
    together[~fits] = 0
    pair = divmod(int(together.argmax()), len(gains))
    return [one for one in pair if one < len(found.rows)], float(together[pair])
