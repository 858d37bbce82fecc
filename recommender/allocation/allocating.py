"""The front door of allocation."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from recommender.allocation.candidates import Candidates
from recommender.allocation.choosing import Slots
from recommender.allocation.eligibility import wanted_of, why_nothing
from recommender.allocation.limits import Limits
from recommender.allocation.market import Answer, Market, no_prices, part, whole
from recommender.allocation.pricing import Pace, Scale, settle
from recommender.allocation.refining import refine
from recommender.allocation.result import Allocation, Usage
from recommender.allocation.rounding import Stock, improve, trim
from recommender.allocation.table import lay_out
from recommender.config import Config
from recommender.data import BoolArray, LongArray

Progress = Callable[[str, int, int], None]
"""Is told the step, how much of it is done, and how much there is."""

SAMPLE = 20_000
"""Prices are first sought for so many of the customers."""
_ROUNDING = 1e-9
ALONE = Pace(rounds=400, first=0.05, last=0.0005, mixing=300)
SAMPLED = Pace(rounds=400, first=0.05, last=0.0005, mixing=400)
THEN_ALL = Pace(rounds=40, first=0.005, last=0.0015, mixing=10)


def quiet(_step: str, _done: int, _total: int) -> None:
    """Tell nobody."""


def allocate(
    candidates: Candidates,
    limits: Limits,
    config: Config,
    progress: Progress = quiet,
) -> Allocation:
    """
    Choose offers for every customer, within all limits, of high total value.

    The same input and ``config.seed`` give the same allocation, with any number of
    ``config.threads``. The method is in docs/algorithms/allocation.md.

    :raises ValueError: if a candidate is an offer that the limits do not know
    """
    if len(candidates.offers) and int(candidates.offers.max()) >= len(limits):
        text = "A candidate is an offer that the limits do not know."
        raise ValueError(text)
    recent = candidates.among(limits.recent)
    limits = whole(limits)
    shop = Shop(
        candidates=candidates,
        limits=limits,
        wanted=wanted_of(candidates, limits, recent),
        config=config,
    )
    market = shop.market()
    answer = _settled(shop, market, progress)
    certain = market.ask(answer.prices, exactly=True)
    progress("choosing", 0, 1)
    slots = certain.slots
    best = market.worth_of(slots) >= certain.bound * (1 - _ROUNDING)
    if not best or not Stock.of(market, slots).enough:
        slots = improve(market, trim(market, answer), answer.prices)
        slots = refine(market, slots, certain, seed=config.seed)
    progress("choosing", 1, 1)
    return _allocation(shop, market, slots, certain, recent)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Shop:
    """What is to be allocated; ``wanted`` are the candidates that may be chosen."""

    candidates: Candidates
    limits: Limits
    wanted: BoolArray
    config: Config

    def market(self, customers: int | None = None) -> Market:
        """Lay out all customers, or so many of them with their share of all limits."""
        count = len(self.candidates)
        some = count if customers is None else customers
        rows = np.linspace(0, count - 1, some).astype(np.int64)
        limits = part(self.limits, some / count) if some < count else self.limits
        return Market(
            tables=list(lay_out(self.candidates, self.limits, self.wanted, rows)),
            limits=limits,
            threads=self.config.threads,
        )


def _settled(shop: Shop, market: Market, progress: Progress) -> Answer:
    """Seek the best prices, first for a sample where there are many customers."""

    def each(done: int, total: int) -> None:
        progress("prices", done, total)

    free = market.ask(no_prices(len(shop.limits)))
    if Stock.of(market, free.slots).enough:
        return free
    seed, start, pace = shop.config.seed, free.prices, ALONE
    if len(shop.candidates) > 2 * SAMPLE:
        sample = shop.market(SAMPLE)
        start = settle(sample, start, SAMPLED, seed=seed, each=each).prices
        pace = THEN_ALL
    return settle(market, start, pace, seed=seed, each=each)


def _allocation(
    shop: Shop,
    market: Market,
    slots: list[Slots],
    certain: Answer,
    recent: BoolArray,
) -> Allocation:
    candidates = shop.candidates
    chosen = _positions(candidates, market, slots)
    customers = candidates.rows[chosen]
    firsts = np.searchsorted(customers, customers)
    offers, costs = market.used(slots)
    return Allocation(
        chosen=chosen,
        customers=customers,
        ranks=(np.arange(len(chosen)) - firsts + 1).astype(np.int32),
        propensity=np.ones(len(chosen), np.float32),
        value=market.worth_of(slots),
        bound=certain.bound,
        prices=certain.prices,
        usage=Usage(offers=offers.astype(np.int64), costs=costs),
        binding=Scale.of(market).binding(certain.prices),
        nothing=why_nothing(candidates, recent, chosen),
    )


def _positions(candidates: Candidates, market: Market, slots: list[Slots]) -> LongArray:
    """Return where in the candidates the choices are, of most value first."""
    found = [np.zeros(0, np.int64)]
    for table, mine in zip(market.tables, slots, strict=True):
        rows, places = np.nonzero(mine >= 0)
        found.append(candidates.starts[table.rows[rows]] + mine[rows, places])
    chosen = np.concatenate(found)
    order = np.lexsort((-candidates.values[chosen], candidates.rows[chosen]))
    return chosen[order]
