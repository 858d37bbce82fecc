"""What each customer buys anyway: the baseline that embarrasses models."""

from dataclasses import dataclass

import numpy as np

from recommender.data import FloatArray
from recommender.features import Audience, Targets
from recommender.models.popularity import Popularity


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Frequency:
    """
    On how many days the customer bought it, older days counting less.

    Popularity decides between equals, so that a customer of whom nothing is known
    gets what is popular.
    """

    popularity: Popularity
    name: str = "own frequency"

    def score(self, audience: Audience, targets: Targets) -> FloatArray:
        """Return log(1 + days), plus at most a thousandth for popularity."""
        own = np.log1p((audience.history.decayed @ targets.shares.T).toarray())
        ties = 1e-3 * self.popularity.score(audience, targets)
        return np.asarray(own + ties, np.float32)
