"""The front door of allocation."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from recommender.allocation.candidates import Candidates
from recommender.allocation.limits import Limits
from recommender.allocation.result import Allocation, Prices, Usage, WhyNothing
from recommender.config import Config
from recommender.data import BoolArray, LongArray

Progress = Callable[[str, int, int], None]
"""Is told the step, how much of it is done, and how much there is."""


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

    :raises ValueError: if a candidate is an offer that the limits do not know
    """
    del config
    if len(candidates.offers) and int(candidates.offers.max()) >= len(limits):
        text = "A candidate is an offer that the limits do not know."
        raise ValueError(text)
    recent = candidates.among(limits.recent)
    wanted = ~candidates.blocked & ~recent & (candidates.values > 0)
    progress("choosing", 0, len(candidates))
    chosen = _greedy(candidates, limits, wanted)
    progress("choosing", len(candidates), len(candidates))
    customers = candidates.rows[chosen]
    starts = np.searchsorted(customers, customers)
    offers = candidates.offers[chosen]
    costs = candidates.costs[chosen].astype(np.float64)
    size = len(limits)
    return Allocation(
        chosen=chosen,
        customers=customers,
        ranks=(np.arange(len(chosen)) - starts + 1).astype(np.int32),
        propensity=np.ones(len(chosen), np.float32),
        value=float(candidates.values[chosen].sum(dtype=np.float64)),
        bound=float(candidates.values[wanted].sum(dtype=np.float64)),
        prices=Prices(offers=np.zeros(size), money=np.zeros(size), cap=0.0, budget=0.0),
        usage=Usage(
            offers=np.bincount(offers, minlength=size),
            costs=np.bincount(offers, weights=costs, minlength=size).astype(float),
        ),
        binding={},
        nothing=why_nothing(candidates, recent, chosen),
    )


def _greedy(candidates: Candidates, limits: Limits, wanted: BoolArray) -> LongArray:
    """Take the candidates by falling value, each where every limit allows it."""
    rows = candidates.rows
    left, money = limits.caps.copy(), limits.budgets.copy()
    all_left, all_money = limits.cap, limits.budget
    groups: set[tuple[int, int]] = set()
    places = np.full(len(candidates), limits.per_customer)
    habits = np.full(len(candidates), limits.per_customer - limits.discovery)
    taken: list[int] = []
    order = np.argsort(-candidates.values, kind="stable")
    for at in order[wanted[order]].tolist():
        row, offer = int(rows[at]), int(candidates.offers[at])
        cost, new = float(candidates.costs[at]), bool(candidates.fresh[at])
        pair = (row, int(limits.groups[offer]))
        room = min(places[row], left[offer], all_left) >= 1 and (new or habits[row] > 0)
        if pair in groups or not room or cost > min(money[offer], all_money):
            continue
        groups.add(pair)
        places[row] -= 1
        habits[row] -= not new
        left[offer] -= 1
        money[offer] -= cost
        all_left, all_money = all_left - 1, all_money - cost
        taken.append(at)
    found = np.array(taken, np.int64)
    return found[np.lexsort((-candidates.values[found], rows[found]))]


def why_nothing(
    candidates: Candidates, recent: BoolArray, chosen: LongArray
) -> NDArray[np.int8]:
    """Return for each customer why they get nothing."""
    rows, size = candidates.rows, len(candidates)

    def some(where: BoolArray) -> BoolArray:
        return np.bincount(rows[where], minlength=size) > 0

    wanted = ~candidates.blocked
    why = np.full(size, WhyNothing.EXHAUSTED, np.int8)
    why[~some(wanted & ~recent & (candidates.values > 0))] = WhyNothing.WORTHLESS
    why[~some(wanted & ~recent)] = WhyNothing.RECENT
    why[~some(wanted)] = WhyNothing.OWN_WISHES
    why[candidates.counts == 0] = WhyNothing.NO_CANDIDATES
    why[rows[chosen]] = WhyNothing.SOMETHING
    return why
