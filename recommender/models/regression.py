"""
What customers with such a history bought next: a linear model from items to items.

Ridge regression (Hoerl and Kennard, 1970), as EASE (Steck, "Embarrassingly Shallow
Autoencoders for Sparse Data", 2019) but from what was bought before a day to what was
bought after it, so that it learns what leads to what and not only what goes together.
It holds sums over all customers and nothing of any one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np

from recommender.data import BoolArray, FloatArray, IntArray, Sparse
from recommender.dataset import History
from recommender.features import Audience, Targets

WIDEST: Final = 300
"""So many items are inputs, the most bought: it takes their number squared."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Steps:
    """
    From one period to the next, a row for a customer at some time.

    ``decayed``, ``known`` and ``bought`` are (rows, items): decayed days before, what
    had ever been bought, and what was bought in the period.
    """

    decayed: FloatArray
    known: BoolArray
    bought: BoolArray

    @classmethod
    def of(cls, history: History, bought: Sparse) -> Self:
        """Return the steps of those who have a history."""
        rows = np.flatnonzero(history.baskets)
        return cls(
            decayed=history.decayed[rows].toarray(),
            known=history.counts[rows].toarray() > 0,
            bought=bought[rows].toarray() > 0,
        )

    @classmethod
    def none(cls, items: int) -> Self:
        """Return the steps of nobody."""
        nothing = np.zeros((0, items), bool)
        days = np.zeros((0, items), np.float32)
        return cls(decayed=days, known=nothing, bought=nothing)

    @classmethod
    def together(cls, steps: Sequence["Steps"]) -> Self:
        """Return all of these; at least one."""
        return cls(
            decayed=np.concatenate([one.decayed for one in steps]),
            known=np.concatenate([one.known for one in steps]),
            bought=np.concatenate([one.bought for one in steps]),
        )


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Regression:
    """
    About a probability for each item, from the log of one plus decayed days of others.

    ``inputs`` are the items that it looks at, ``weights`` (inputs + 1, items); the
    last row holds for everybody.
    """

    inputs: IntArray
    weights: FloatArray
    name: str

    def score(self, audience: Audience, targets: Targets) -> FloatArray:
        """Return the mean of each target's items."""
        scores = _design(audience.history.decayed, self.inputs) @ self.weights
        return np.asarray((targets.shares @ scores.T).T, np.float32)


def fit_next(steps: Steps, strength: float) -> Regression:
    """
    Learn what is bought next.

    :param strength: how strongly weights are drawn to nothing, in customers
    """
    inputs = _most_bought(steps)
    x = _design(steps.decayed, inputs)
    found = np.linalg.solve(_ridge(x, strength), x.T.astype(np.float64) @ steps.bought)
    return Regression(inputs=inputs, weights=found.astype(np.float32), name="next")


def fit_next_new(steps: Steps, strength: float) -> Regression:
    """Learn what is bought next for the first time, each item of whom it is new to."""
    inputs = _most_bought(steps)
    x = _design(steps.decayed, inputs)
    every = _ridge(x, strength)
    weights = np.zeros((x.shape[1], steps.known.shape[1]), np.float32)
    for item, known in enumerate(steps.known.T):
        old = x[known]
        new = steps.bought[:, item] & ~known
        weights[:, item] = np.linalg.solve(every - old.T @ old, x[new].sum(axis=0))
    return Regression(inputs=inputs, weights=weights, name="next_new")


def _most_bought(steps: Steps) -> IntArray:
    """Return the items that most have bought, in their order."""
    buyers = steps.known.sum(axis=0)
    most = np.argsort(-buyers, kind="stable")[:WIDEST]
    return np.sort(most).astype(np.int32)


def _ridge(x: FloatArray, strength: float) -> FloatArray:
    """Return the sum of x xᵀ with the strength on its diagonal."""
    ridge = np.full(x.shape[1], strength)
    ridge[-1] = 1
    return np.asarray((x.T @ x).astype(np.float64) + np.diag(ridge), np.float64)


def _design(decayed: FloatArray | Sparse, inputs: IntArray) -> FloatArray:
    """Return (customers, inputs + 1): the logs, and a one for everybody."""
    days = decayed[:, inputs]
    logs = np.log1p(days if isinstance(days, np.ndarray) else days.toarray())
    ones = np.ones((len(logs), 1), np.float32)
    return np.hstack((logs, ones)).astype(np.float32)
