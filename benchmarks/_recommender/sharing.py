"""
Allocation, and what else one would do, measured in a process of its own.

Reads a JSON object (customers, offers, candidates, threads, way) and prints one.
"""

import json
import resource
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import linprog

from benchmarks._timing import Timed
from recommender.allocation import Candidates, Limits, allocate
from recommender.config import Config
from recommender.data import BoolArray, FloatArray, IntArray

TASTES = 16
PLACES = 4
SEED = 1
_BLOCK = 8_192


@dataclass(frozen=True, kw_only=True, slots=True)
class Block:
    """Some customers' best candidates, of most value first, as scoring gives them."""

    customers: NDArray[np.int64]
    places: IntArray
    probability: FloatArray
    value: FloatArray
    cost: FloatArray
    fresh: BoolArray


def blocks(customers: int, offers: int, kept: int) -> Iterator[Block]:
    """
    Make customers with tastes, and offers with margins and costs.

    A redemption's probability is a logistic function of taste, popularity and how
    active the customer is; value is probability times what a redemption earns.
    """
    chance = np.random.default_rng(SEED)
    traits = chance.normal(size=(offers, TASTES)) / np.sqrt(TASTES)
    popular = chance.normal(size=offers) * 0.35
    margin = np.exp(chance.normal(size=offers) * 0.3 + 5)
    cost = margin * chance.uniform(0.2, 0.5, offers)
    for start in range(0, customers, _BLOCK):
        ids = np.arange(start, min(start + _BLOCK, customers))
        own = np.random.default_rng((SEED, start))
        taste = own.normal(size=(len(ids), TASTES)) * 1.2
        logit = taste @ traits.T + popular + own.normal(size=(len(ids), 1)) * 0.8 - 3
        logit += own.normal(size=logit.shape) * 0.5
        taken = 1 / (1 + np.exp(-logit))
        worth = taken * (margin - cost)
        best = np.argsort(-worth, axis=1)[:, :kept]
        likely = np.take_along_axis(taken, best, axis=1)
        yield Block(
            customers=ids.astype(np.int64),
            places=best.astype(np.int32),
            probability=likely.astype(np.float32),
            value=np.take_along_axis(worth, best, axis=1).astype(np.float32),
            cost=cost[best].astype(np.float32),
            fresh=own.random(best.shape) < 0.3 / (1 + 2 * likely),
        )


def limits_for(found: Candidates, offers: int) -> Limits:
    """Return caps, and money budgets of which most bind."""
    chance = np.random.default_rng(SEED + 1)
    fair = PLACES * len(found) / offers
    number = np.bincount(found.offers, minlength=offers)
    cost = np.bincount(found.offers, found.costs, minlength=offers)
    share = np.minimum(fair, number * PLACES / np.diff(found.starts).max())
    groups = (chance.permutation(offers) // 4).astype(np.int32)
    return Limits(
        groups=groups,
        related=groups // 6,
        caps=np.floor(fair * chance.uniform(0.5, 2, offers)),
        budgets=share * chance.uniform(0.8, 2.2, offers) * cost / np.maximum(number, 1),
        per_customer=PLACES,
        discovery=1,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What one way came to; ``bound`` is what it proves, if anything."""

    value: float
    bound: float | None
    binding: float | None = None


def here(found: Candidates, limits: Limits, threads: int) -> Outcome:
    """Allocate as the service does."""
    allocation = allocate(found, limits, replace(Config(), threads=threads))
    return Outcome(
        value=allocation.value,
        bound=allocation.bound,
        binding=allocation.binding.get("budgets"),
    )


def greedy(found: Candidates, limits: Limits, _threads: int) -> Outcome:
    """Take candidates by falling value, each where every limit allows it."""
    left, money = limits.caps.tolist(), limits.budgets.tolist()
    rows, offers = found.rows.tolist(), found.offers.tolist()
    costs, fresh = found.costs.tolist(), found.fresh.tolist()
    groups = limits.groups.tolist()
    places = [PLACES] * len(found)
    habits = [PLACES - limits.discovery] * len(found)
    taken: set[tuple[int, int]] = set()
    value = 0.0
    for at in np.argsort(-found.values, kind="stable").tolist():
        row, offer = rows[at], offers[at]
        room = places[row] and left[offer] >= 1 and costs[at] <= money[offer]
        if not room or (row, groups[offer]) in taken or not (fresh[at] or habits[row]):
            continue
        taken.add((row, groups[offer]))
        places[row] -= 1
        habits[row] -= not fresh[at]
        left[offer] -= 1
        money[offer] -= costs[at]
        value += float(found.values[at])
    return Outcome(value=value, bound=None)


def highs(found: Candidates, limits: Limits, _threads: int) -> Outcome:
    """Solve the linear programme by HiGHS's interior point method: the bound."""
    size, every = len(found.offers), np.arange(len(found.offers))
    rows = found.rows
    pairs = rows * len(limits) + limits.groups[found.offers]
    kinds, kind = np.unique(pairs, return_inverse=True)
    some = np.bincount(rows[found.fresh], minlength=len(found)) > 0

    def matrix(
        weights: NDArray[np.floating], row: NDArray[np.integer], count: int
    ) -> object:
        return sparse.csr_array((weights, (row, every)), shape=(count, size))

    one, costs = np.ones(size), found.costs.astype(np.float64)
    solved = linprog(
        -found.values.astype(np.float64),
        A_ub=sparse.vstack(
            [
                matrix(one, rows, len(found)),
                matrix(one, kind, len(kinds)),
                matrix(1.0 - found.fresh, rows, len(found)),
                matrix(one, found.offers, len(limits)),
                matrix(costs, found.offers, len(limits)),
            ]
        ),
        b_ub=np.concatenate(
            [
                np.full(len(found), PLACES),
                np.ones(len(kinds)),
                np.where(some, PLACES - limits.discovery, PLACES),
                limits.caps,
                limits.budgets,
            ]
        ),
        bounds=(0, 1),
        method="highs-ipm",
        options={"time_limit": 600},
    )
    if solved.fun is None:
        return Outcome(value=0.0, bound=None)
    return Outcome(value=-solved.fun, bound=-solved.fun)


WAYS: dict[str, Callable[[Candidates, Limits, int], Outcome]] = {
    "here": here,
    "greedy by value": greedy,
    "HiGHS, linear programme": highs,
}


def main() -> None:
    """Do what is asked."""
    asked = json.load(sys.stdin)
    made = blocks(asked["customers"], asked["offers"], asked["candidates"])
    found = Candidates.of(made)
    limits = limits_for(found, asked["offers"])
    timed = Timed()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    outcome = timed.call(WAYS[asked["way"]], found, limits, asked["threads"])
    told = {
        "value": outcome.value,
        "bound": outcome.bound,
        "binding": outcome.binding,
        "wall": timed.wall[0],
        "cpu": timed.cpu[0],
        "before": before,
        "kilobytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
    }
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main()
