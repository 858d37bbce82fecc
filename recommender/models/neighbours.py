"""
User-wise popularity with neighbours (UP-CF).

Guglielmo Faggioli, Mirko Polato, Fabio Aiolli, "Recency Aware Collaborative Filtering
for Next Basket Recommendation", UMAP 2020, https://doi.org/10.1145/3340631.3394850.
"""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np

from recommender.data import FloatArray
from recommender.dataset import Events, distinct
from recommender.features import Audience, Targets
from recommender.splitting import bought, shortened

RECENCY: Final = 25
"""So many of the latest baskets count."""
LOCALITY: Final = 10
"""The power of a similarity: the higher, the fewer neighbours have a say."""
ASYMMETRY: Final = 0.25
"""0.5 is the cosine; below it, what only the neighbour buys counts against them."""
MOST: Final = 5000
"""So many customers are neighbours; of more, so many are drawn."""
_ROWS: Final = 1024


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Neighbours:
    """
    What a customer and those alike buy: the mean of their shares of baskets.

    ``shares`` (neighbours, items): in which share of the latest ``RECENCY`` baskets
    each neighbour has bought each item. A neighbour counts by the similarity to the
    power of ``LOCALITY``, the customer themselves by 1; the mean of all neighbours
    decides between equals. The shares are of single
    people, if without a name: so this one is compared with and never stored.
    """

    shares: FloatArray
    name: str = "UP-CF"

    @classmethod
    def fit(cls, events: Events, *, seed: int) -> Self:
        """Take the shares of those who have bought anything."""
        shares = user_wise(events)
        shares = shares[shares.any(axis=1)]
        if len(shares) > MOST:
            drawn = np.random.default_rng(seed).choice(len(shares), MOST, replace=False)
            shares = shares[np.sort(drawn)]
        return cls(shares=shares)

    def score(self, audience: Audience, targets: Targets) -> FloatArray:
        """Return the mean of each target's items."""
        own = user_wise(audience.events)
        scores = np.zeros_like(own)
        for start in range(0, len(own), _ROWS):
            mine = own[start : start + _ROWS]
            alike = similarity(mine, self.shares) ** LOCALITY
            said = mine + alike @ self.shares
            scores[start : start + _ROWS] = (
                said / (1 + alike.sum(axis=1))[:, np.newaxis]
            )
        scores += np.float32(1e-3) * self.shares.sum(axis=0) / max(len(self.shares), 1)
        return np.asarray((targets.shares @ scores.T).T, np.float32)


def user_wise(events: Events) -> FloatArray:
    """Return (customers, items): in which share of the latest baskets it was bought."""
    everybody = len(events.ids)
    latest = shortened(events, np.full(everybody, RECENCY, np.int32))
    owners, _ = distinct(latest.customers, latest.days)
    baskets = np.maximum(np.bincount(owners, minlength=everybody), 1)
    return np.asarray(bought(latest).toarray() / baskets[:, np.newaxis], np.float32)


def similarity(customers: FloatArray, neighbours: FloatArray) -> FloatArray:
    """Return the asymmetric cosines (customers, neighbours), 0 where there is none."""
    mine, theirs = (
        np.maximum((shares**2).sum(axis=1), 1e-12) for shares in (customers, neighbours)
    )
    lengths = np.outer(mine**ASYMMETRY, theirs ** (1 - ASYMMETRY))
    return np.asarray(customers @ neighbours.T / lengths, np.float32)
