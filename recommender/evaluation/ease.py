"""
EASE, a peer to compare with: one linear model from items to items.

Harald Steck, "Embarrassingly Shallow Autoencoders for Sparse Data", 2019,
https://arxiv.org/abs/1905.03375.
"""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np

from recommender.data import FloatArray
from recommender.dataset import Events
from recommender.features import Audience, Targets
from recommender.splitting import bought

_REGULARISATION: Final = 500.0


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Ease:
    """``weights`` (items, items), zero on the diagonal."""

    weights: FloatArray
    name: str = "EASE"

    @classmethod
    def fit(cls, events: Events) -> Self:
        """Learn which items go together from who has bought which."""
        seen = bought(events)
        seen.data[:] = 1
        together = (seen.T @ seen).toarray().astype(np.float64)
        together[np.diag_indices_from(together)] += _REGULARISATION
        inverse = np.linalg.inv(together)
        weights = -inverse / np.diag(inverse)
        np.fill_diagonal(weights, 0)
        return cls(weights=weights.astype(np.float32))

    def score(self, audience: Audience, targets: Targets) -> FloatArray:
        """Return what goes together with what the customer has bought."""
        seen = audience.history.counts.copy()
        seen.data = np.ones_like(seen.data)
        scores = seen @ self.weights
        return np.asarray(scores @ targets.shares.T.toarray(), np.float32)
