"""
What customers with such a history buy, taken apart by what this customer bought.

The models are linear in the logarithm of one plus the decayed days of each item, so
each item's part is exact: its logarithm times its weight for the target, against its
mean weight for all items.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol, Self, runtime_checkable

import numpy as np

from recommender.data import FloatArray, IntArray, Sparse
from recommender.features import Audience, Targets

_CHUNK = 2048
"""So many pairs at a time: with 300 inputs, 2.5 MB for each step."""


@runtime_checkable
class Linear(Protocol):
    """
    A model from items to items.

    ``inputs`` are the items it looks at; ``weights`` (inputs and more, items), a row
    for each input first.
    """

    @property
    def inputs(self) -> IntArray:
        """Which items it looks at."""

    @property
    def weights(self) -> FloatArray:
        """What each of them says of each item."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Company:
    """
    The weights of all such models together: ``weights`` (items, items).

    A row says what having bought an item says of each, against what it says on average.
    """

    weights: FloatArray

    @classmethod
    def of(cls, models: Iterable[object], items: int) -> Self:
        """Return the weights of those models that are linear in the history."""
        total = np.zeros((items, items), np.float32)
        for model in models:
            if isinstance(model, Linear):
                total[model.inputs] += model.weights[: len(model.inputs)]
        return cls(weights=total - total.mean(axis=1, keepdims=True))

    def leading(
        self, audience: Audience, targets: Targets, rows: IntArray, places: IntArray
    ) -> IntArray:
        """Return the bought item that speaks most for each pair; -1: none does."""
        found = np.full(len(rows), -1, np.int32)
        for start in range(0, len(rows), _CHUNK):
            chosen = slice(start, start + _CHUNK)
            decayed = audience.history.decayed[rows[chosen]]
            parts = self.parts(decayed, targets.shares[places[chosen]])
            best = parts.argmax(axis=1)
            led = np.take_along_axis(parts, best[:, np.newaxis], axis=1)[:, 0] > 0
            found[chosen] = np.where(led, best, -1)
        return found

    def parts(self, decayed: Sparse, shares: Sparse) -> FloatArray:
        """Return the part of each bought item, (pairs, items)."""
        logs = np.log1p(decayed.toarray())
        return np.asarray(logs * (shares @ self.weights.T), np.float32)
