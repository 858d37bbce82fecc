"""A model's score as a place between a customer's last item and first."""

from dataclasses import dataclass

import numpy as np

from recommender.data import FloatArray
from recommender.features import Audience, Targets
from recommender.models.base import Model


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Standing:
    """
    0 is the customer's last item and 1 the first; a target is put on the same scale.

    So scores that mean nothing beyond one customer compare between customers.
    """

    model: Model
    items: Targets

    @property
    def name(self) -> str:
        """The model's own."""
        return self.model.name

    def score(self, audience: Audience, targets: Targets) -> FloatArray:
        """Return where each target stands, from 0 to 1."""
        every = self.model.score(audience, self.items)
        low = every.min(axis=1, keepdims=True, initial=np.float32(np.inf))
        high = every.max(axis=1, keepdims=True, initial=np.float32(-np.inf))
        scores = every if targets is self.items else self.model.score(audience, targets)
        standing = (scores - low) / np.maximum(high - low, np.float32(1e-9))
        return np.asarray(np.clip(standing, 0, 1), np.float32)
