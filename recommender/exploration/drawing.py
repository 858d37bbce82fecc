"""
Offers drawn instead of chosen, so that other ways of choosing can be judged later.

Prices are sought anew for choices with noise: a Gumbel variable added to each worth
and to the outside choice makes the best choice a draw from the softmax (Gumbel-top-k:
Kool, van Hoof and Welling, 2019), so the prices of an allocation of noisy values are
those at which draws use up about what there is. The draws themselves are independent
of that noise. Customers come in random order, in small blocks; an offer is open to a
block only if all of the block could have it, so that nothing is ever overdrawn, and
what is open does not depend on what the block draws. Each recorded probability is
therefore exact, given the draws before it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from recommender.allocation import Allocation, Candidates, Limits, Usage
from recommender.allocation.allocating import SAMPLE
from recommender.allocation.choosing import Slots, at, total_of
from recommender.allocation.eligibility import wanted_of, why_nothing
from recommender.allocation.limits import Numbers
from recommender.allocation.market import Market, part, whole
from recommender.allocation.pricing import Pace, settle
from recommender.allocation.result import Prices
from recommender.allocation.rounding import Stock
from recommender.allocation.table import UNWANTED, Table, lay_out
from recommender.config import Config
from recommender.data import BoolArray, LongArray
from recommender.exploration.walking import walk

Progress = Callable[[str, int, int], None]
BLOCKS, LARGEST = 400, 512
"""So many blocks at least, where there are as many customers, and how large at most."""
REST = 1e-3
"""Where less than this share of a campaign's limit is left, it is used up."""
PRICED = Pace(rounds=150, first=0.05, last=0.001, mixing=150)
THEN_ALL = Pace(rounds=15, first=0.005, last=0.001, mixing=15)
"""For all customers, where the first prices were sought for a sample."""


def quiet(_step: str, _done: int, _total: int) -> None:
    """Tell nobody."""


def explore(
    candidates: Candidates,
    limits: Limits,
    allocation: Allocation,
    config: Config,
    progress: Progress = quiet,
) -> Allocation:
    """
    Draw offers for every customer, within all limits, near the allocation's prices.

    ``ranks`` are then the order of drawing and ``propensity`` each offer's probability
    given those before it. ``config.temperature`` of 0 draws nothing: the allocation
    itself is returned. The same input and ``config.seed`` give the same draws.

    :param allocation: of the same candidates and limits
    """
    if config.temperature == 0 or len(candidates.offers) == 0:
        return allocation
    recent = candidates.among(limits.recent)
    limits = whole(limits)
    wanted = wanted_of(candidates, limits, recent)
    chance = np.random.default_rng((config.seed, 2))
    scene = _Scene(
        candidates=candidates, limits=limits, wanted=wanted, warmth=config.temperature
    )
    prices = _priced(scene, allocation.prices, config, progress)
    drawn = [_nobody(), *_drawn(scene, prices, chance, progress)]
    return _recorded(scene, drawn, allocation, recent, prices)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Scene:
    candidates: Candidates
    limits: Limits
    wanted: BoolArray
    warmth: float

    def tables(self, rows: LongArray) -> list[Table]:
        return list(lay_out(self.candidates, self.limits, self.wanted, rows))


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Drawn:
    """What a table's customers drew; ``value`` is what it is worth together."""

    chosen: LongArray
    ranks: NDArray[np.intp]
    chances: Numbers
    costs: Numbers
    value: float


def _nobody() -> _Drawn:
    none = np.zeros(0, np.int64)
    return _Drawn(
        chosen=none, ranks=none, chances=np.zeros(0), costs=np.zeros(0), value=0.0
    )


def _priced(scene: _Scene, start: Prices, config: Config, progress: Progress) -> Prices:
    """Return prices at which draws use up about what there is."""
    limits, count = scene.limits, len(scene.candidates)
    every = np.concatenate((limits.caps, limits.budgets))
    if np.isinf(every).all() and np.isinf(limits.cap) and np.isinf(limits.budget):
        return start
    paces = [(count, PRICED)]
    if count > 2 * SAMPLE:
        paces = [(SAMPLE, PRICED), (count, THEN_ALL)]
    noise = np.random.default_rng((config.seed, 1))
    for some, pace in paces:
        rows = np.linspace(0, count - 1, some).astype(np.int64)
        tables = [_noisy(one, scene.warmth, noise) for one in scene.tables(rows)]
        start = settle(
            Market(
                tables=tables,
                limits=part(limits, some / count),
                threads=config.threads,
            ),
            start,
            pace,
            seed=config.seed,
            each=lambda done, total: progress("prices of draws", done, total),
        ).prices
    return start


def _noisy(table: Table, warmth: float, noise: np.random.Generator) -> Table:
    """Return the table with Gumbel noise on each value against the outside choice."""
    heat = np.float32(warmth) * np.maximum(table.values.max(axis=1, keepdims=True), 0)
    gumbel = -np.log(noise.standard_exponential(table.values.shape, np.float32))
    outside = -np.log(noise.standard_exponential((len(table), 1), np.float32))
    noisy = table.values + heat * (gumbel - outside)
    return replace(table, values=np.where(table.values > 0, noisy, UNWANTED))


def _drawn(
    scene: _Scene, prices: Prices, chance: np.random.Generator, progress: Progress
) -> Iterator[_Drawn]:
    """Draw block after block, in random order."""
    market = Market(tables=[], limits=scene.limits)
    stock = Stock.of(market, [])
    count = len(scene.candidates)
    order = chance.permutation(count)
    size = min(max(count // BLOCKS, 1), LARGEST)
    waiting = [order[start : start + size] for start in range(0, count, size)][::-1]
    done = 0
    while waiting:
        rows = waiting.pop()
        if _used_up(stock, scene.limits):
            return
        tables = scene.tables(rows)
        if len(rows) > 1 and not _enough(tables, stock):
            half = len(rows) // 2
            waiting += [rows[half:], rows[:half]]
            continue
        for table in tables:
            slots, chances = _draw(table, prices, stock, scene.warmth, chance)
            stock = _less(stock, table, slots)
            yield _of(scene.candidates, table, slots, chances)
        done += len(rows)
        progress("drawing", done, count)


def _used_up(stock: Stock, limits: Limits) -> bool:
    """Test whether there is nothing left for the campaign as a whole."""
    return stock.cap < 1 or (
        np.isfinite(limits.budget) and stock.budget <= REST * limits.budget
    )


def _enough(tables: list[Table], stock: Stock) -> bool:
    """Test whether the campaign's own limits hold whatever these customers draw."""
    most = sum(len(table) * table.places for table in tables)
    money = sum(float(table.costs.sum(dtype=np.float64)) for table in tables)
    return most <= stock.cap and money <= stock.budget


def _draw(
    table: Table,
    prices: Prices,
    stock: Stock,
    warmth: float,
    chance: np.random.Generator,
) -> tuple[Slots, Numbers]:
    """Draw for a table, from the offers that are open to all of it."""
    wanted = table.values > 0
    offers, size = table.offers[wanted], len(stock.offers)
    costs = table.costs[wanted].astype(np.float64)
    asked = np.bincount(offers, minlength=size)
    spent = np.bincount(offers, weights=costs, minlength=size)
    there = (asked <= stock.offers) & (spent <= stock.money)
    open_ = there[table.offers]
    if len(table) == 1:  # the campaign's limits may be smaller than all places
        dearest = np.sort(np.where(open_ & wanted, table.costs, 0)[0])
        worst = dearest[-table.places :].sum(dtype=np.float64)
        fits = table.costs * table.places <= stock.budget
        open_ = open_ & (fits | (worst <= stock.budget))
    few = int(min(stock.cap, table.places)) if len(table) == 1 else table.places

    def pick(place: int, chances: Numbers) -> NDArray[np.intp]:
        at_most = chance.random((len(table), 1))
        beyond = np.cumsum(chances, axis=1) > at_most
        column = beyond.argmax(axis=1)
        stop = ~beyond.any(axis=1) | (place >= few)
        return np.where(stop, -1, column)

    return walk(table, prices, open_, warmth, pick)


def _less(stock: Stock, table: Table, slots: Slots) -> Stock:
    """Return the stock without what was drawn."""
    some, size = slots >= 0, len(stock.offers)
    offers = at(table.offers, slots)[some]
    costs = at(table.costs, slots)[some].astype(np.float64)
    return Stock(
        offers=stock.offers - np.bincount(offers, minlength=size),
        money=stock.money - np.bincount(offers, weights=costs, minlength=size),
        cap=stock.cap - len(offers),
        budget=stock.budget - float(costs.sum()),
    )


def _of(candidates: Candidates, table: Table, slots: Slots, chances: Numbers) -> _Drawn:
    rows, places = np.nonzero(slots >= 0)
    columns = slots[rows, places]
    return _Drawn(
        chosen=candidates.starts[table.rows[rows]] + columns,
        ranks=places + 1,
        chances=chances[rows, places],
        costs=table.costs[rows, columns].astype(np.float64),
        value=total_of(table, slots),
    )


def _recorded(
    scene: _Scene,
    drawn: list[_Drawn],
    allocation: Allocation,
    recent: BoolArray,
    prices: Prices,
) -> Allocation:
    candidates, size = scene.candidates, len(scene.limits)
    chosen = np.concatenate([one.chosen for one in drawn])
    ranks = np.concatenate([one.ranks for one in drawn])
    rows = np.searchsorted(candidates.starts, chosen, side="right") - 1
    order = np.lexsort((ranks, rows))
    chosen = chosen[order]
    offers = candidates.offers[chosen]
    costs = np.concatenate([one.costs for one in drawn])[order]
    chances = np.concatenate([one.chances for one in drawn])[order]
    return replace(
        allocation,
        chosen=chosen,
        customers=rows[order],
        ranks=ranks[order].astype(np.int32),
        propensity=chances.astype(np.float32),
        value=sum(one.value for one in drawn),
        prices=prices,
        usage=Usage(
            offers=np.bincount(offers, minlength=size),
            costs=np.bincount(offers, weights=costs, minlength=size).astype(float),
        ),
        nothing=why_nothing(candidates, recent, chosen),
    )
