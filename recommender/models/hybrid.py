"""
LightFM, and the only module that knows it.

Maciej Kula, "Metadata Embeddings for User and Item Cold-start Recommendations",
2015, https://arxiv.org/abs/1507.08439; the loss is WARP (Weston, Bengio, Usunier,
"WSABIE", 2011).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from lightfm import LightFM
from scipy import sparse

from recommender.config import Config
from recommender.data import FloatArray, Sparse
from recommender.features import Audience, Targets


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Examples:
    """
    What to learn from; a row is a customer at some time.

    ``bought`` (rows, items) has weights above zero; ``customers`` and ``items`` are
    the features of its rows and columns.
    """

    bought: Sparse
    customers: Sparse
    items: Sparse


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Hybrid:
    """
    A customer and a target are each the sum of the vectors of their features.

    ``customers`` (customer features, components), ``items`` (item features,
    components), ``biases`` (item features). A score is the product of the two
    vectors plus the target's bias; a customer's own bias ranks nothing and is not
    kept.
    """

    customers: FloatArray
    items: FloatArray
    biases: FloatArray
    name: str = "LightFM history"

    def score(self, audience: Audience, targets: Targets) -> FloatArray:
        """Return the product of the vectors plus the target's bias."""
        wants = audience.features @ self.customers
        has = targets.features @ self.items
        scores = wants @ has.T + targets.features @ self.biases
        return np.asarray(scores, np.float32)


def fit_hybrid(
    examples: Examples, config: Config, progress: Callable[[int, int], None]
) -> Hybrid:
    """
    Train LightFM; with one thread the same seed gives the same numbers.

    :param progress: is told the epoch that is done and how many there are
    """
    model = LightFM(
        no_components=config.components,
        loss="warp",
        learning_rate=config.learning_rate,
        random_state=config.seed,
    )
    weights = _coordinates(examples.bought)
    ones = weights.copy()
    ones.data = np.ones_like(ones.data)
    for epoch in range(config.epochs):
        model.fit_partial(
            ones,
            user_features=sparse.csr_matrix(examples.customers, dtype=np.float32),
            item_features=sparse.csr_matrix(examples.items, dtype=np.float32),
            sample_weight=weights,
            num_threads=config.threads,
        )
        progress(epoch + 1, config.epochs)
    return Hybrid(
        customers=model.user_embeddings,
        items=model.item_embeddings,
        biases=model.item_biases,
    )


def _coordinates(matrix: Sparse) -> Sparse:
    """Return the kind of matrix that LightFM takes weights in."""
    return sparse.coo_matrix(matrix.tocoo(), dtype=np.float32)
