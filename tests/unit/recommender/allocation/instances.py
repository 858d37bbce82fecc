"""Small allocation problems, and what a solver says of them."""

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

from recommender.allocation import Candidates, Limits
from recommender.allocation.limits import Numbers
from recommender.data import LongArray


def candidates(
    rows: list[list[tuple[int, float, float, bool]]], blocked: tuple[int, ...] = ()
) -> Candidates:
    """Return the candidates (offer, value, cost, fresh) of customers from 0."""
    flat = [one for row in rows for one in row]
    barred = np.zeros(len(flat), np.bool_)
    barred[list(blocked)] = True
    return Candidates(
        ids=np.arange(len(rows), dtype=np.int64),
        starts=np.cumsum([0, *map(len, rows)]).astype(np.int64),
        offers=np.array([one[0] for one in flat], np.int32),
        values=np.array([one[1] for one in flat], np.float32),
        costs=np.array([one[2] for one in flat], np.float32),
        fresh=np.array([one[3] for one in flat], np.bool_),
        blocked=barred,
    )


def tight(
    seed: int, customers: int, offers: int, each: int
) -> tuple[Candidates, Limits]:
    """
    Return a problem in which most money budgets bind.

    Values and costs are expected ones, of a chance to be taken, a margin and a cost;
    each budget is 10 to 30 % of what all of an offer's candidates would cost.
    """
    chance = np.random.default_rng(seed)
    size = customers * each
    picked = [np.sort(chance.permutation(offers)[:each]) for _ in range(customers)]
    offer = np.concatenate(picked).astype(np.int32)
    taken = chance.beta(2, 6, size)
    margin = chance.uniform(50, 300, offers)
    cost = margin * chance.uniform(0.2, 0.6, offers)
    value = taken * (margin - cost)[offer] * chance.uniform(0.7, 1.3, size)
    costs = np.ceil(taken * cost[offer] * 1024) / 1024
    demand = np.bincount(offer, costs, minlength=offers)
    budgets = np.floor(demand * chance.uniform(0.1, 0.3, offers) * 1024) / 1024
    found = Candidates(
        ids=np.arange(customers, dtype=np.int64) * 7 + 3,
        starts=np.arange(0, size + 1, each, dtype=np.int64),
        offers=offer,
        values=value.astype(np.float32),
        costs=costs.astype(np.float32),
        fresh=chance.random(size) < 0.4,
        blocked=chance.random(size) < 0.05,
    )
    limits = Limits(
        groups=(np.arange(offers) // 2).astype(np.int32),
        related=(np.arange(offers) // 4).astype(np.int32),
        caps=np.floor(chance.uniform(0.4, 1.5, offers) * customers * 3 / offers),
        budgets=budgets,
        per_customer=3,
        discovery=1,
    )
    return found, limits


@dataclass(frozen=True, kw_only=True, slots=True)
class Relaxed:
    """The value of the linear programme, and the share of the budgets that bind."""

    value: float
    binding: float


def relaxed(found: Candidates, limits: Limits) -> Relaxed:
    """Return what HiGHS says of the linear programme; without diversity."""
    matrix, most, loss, upper = _problem(found, limits)
    solved = linprog(
        loss, A_ub=matrix, b_ub=most, bounds=np.stack((0 * upper, upper), axis=1)
    )
    money = solved.ineqlin.marginals[-int(np.isfinite(limits.budgets).sum()) :]
    return Relaxed(value=-solved.fun, binding=float((money < -1e-9).mean()))


def exact(found: Candidates, limits: Limits) -> float:
    """Return the best value there is, by HiGHS, to a thousandth."""
    matrix, most, loss, upper = _problem(found, limits)
    solved = milp(
        loss,
        constraints=LinearConstraint(matrix, -np.inf, most),
        integrality=np.ones(len(loss)),
        bounds=Bounds(0, upper),
        options={"mip_rel_gap": 1e-3},
    )
    return float(-solved.fun)


def _problem(
    found: Candidates, limits: Limits
) -> tuple[sparse.csr_array, Numbers, Numbers, Numbers]:
    """Return the limits, how much of each there is, losses and upper bounds."""
    matrix, most = _rows(found, limits)
    finite = np.isfinite(most)
    wanted = ~found.blocked & (found.values > 0)
    loss = -np.where(wanted, found.values, 0).astype(np.float64)
    return matrix[finite], most[finite], loss, wanted.astype(np.float64)


def _rows(found: Candidates, limits: Limits) -> tuple[sparse.csr_array, Numbers]:
    """Return all limits as a matrix over the candidates; budgets are the last."""
    customers, size = found.rows, len(found.offers)
    every = np.arange(size)
    groups = limits.groups[found.offers]
    pairs = customers * (int(limits.groups.max()) + 1) + groups
    kinds, kind = np.unique(pairs, return_inverse=True)
    fresh = found.fresh & ~found.blocked & (found.values > 0)
    kept = np.array(
        [
            len(set(groups[(customers == row) & fresh].tolist()))
            for row in range(len(found))
        ]
    )

    def matrix(weights: Numbers, rows: LongArray, count: int) -> sparse.csr_array:
        return sparse.csr_array((weights, (rows, every)), shape=(count, size))

    parts = [
        (np.ones(size), customers, np.full(len(found), limits.per_customer)),
        (np.ones(size), kind, np.ones(len(kinds))),
        (
            1.0 - found.fresh,
            customers,
            limits.per_customer - np.minimum(kept, limits.discovery),
        ),
        (np.ones(size), np.zeros(size, int), np.array([limits.cap])),
        (found.costs.astype(float), np.zeros(size, int), np.array([limits.budget])),
        (np.ones(size), found.offers, limits.caps),
        (found.costs.astype(float), found.offers, limits.budgets),
    ]
    rows = [matrix(weights, row, len(most)) for weights, row, most in parts]
    return sparse.csr_array(sparse.vstack(rows)), np.concatenate([p[2] for p in parts])
