"""The same ranking for everybody: what most customers bought lately."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from recommender.config import Config
from recommender.data import FloatArray
from recommender.dataset import Events, distinct
from recommender.features import Audience, Targets
from recommender.splitting import within


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Popularity:
    """``buyers`` (items): the share of customers who bought it in the period."""

    buyers: FloatArray
    name: str = "popularity"

    @classmethod
    def fit(cls, events: Events, *, day: int, config: Config) -> Self:
        """Count buyers in the last ``config.popularity_days`` before ``day``."""
        recent = within(events, day - config.popularity_days, day)
        customers, items = distinct(recent.customers, recent.items)
        counts = np.bincount(items, minlength=events.n_items)
        active = max(len(np.unique(customers)), 1)
        return cls(buyers=(counts / active).astype(np.float32))

    def score(self, audience: Audience, targets: Targets) -> FloatArray:
        """Return each target's mean share of buyers, the same row for everybody."""
        row = (targets.shares @ self.buyers).astype(np.float32)
        return np.tile(row, (len(audience), 1))
