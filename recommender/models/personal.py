"""
LightFM with a vector for each customer and item, with or without their features.

The usual form, to compare with: it knows nothing of who comes after training, beyond
what they told about themselves. The vectors are of single people, so it is never
stored.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from recommender.config import Config
from recommender.data import FloatArray, LongArray, Sparse
from recommender.dataset import History
from recommender.features import Audience, Targets
from recommender.models.hybrid import Examples, fit_hybrid


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Personal:
    """
    ``ids`` (customers, sorted) have ``own`` vectors (customers, components).

    ``features`` (customer features, components) add to it where the form has them,
    nothing for those of the history;
    ``items`` (items, components) and ``biases`` (items) are with all of their parts.
    """

    ids: LongArray
    own: FloatArray
    features: FloatArray | None
    items: FloatArray
    biases: FloatArray
    name: str

    def score(self, audience: Audience, targets: Targets) -> FloatArray:
        """Return the mean of the scores of each target's items."""
        wants = np.zeros((len(audience), self.items.shape[1]), np.float32)
        known = np.isin(audience.ids, self.ids)
        wants[known] = self.own[np.searchsorted(self.ids, audience.ids[known])]
        if self.features is not None:
            wants += audience.features @ self.features
        scores = wants @ self.items.T + self.biases
        return np.asarray((targets.shares @ scores.T).T, np.float32)


def fit_personal(
    history: History,
    ids: LongArray,
    told: Sparse | None,
    items: Targets,
    config: Config,
    progress: Callable[[int, int], None],
) -> Personal:
    """
    Train on all of a history: the logs of decayed days.

    :param told: (customers, customer features), and with them the items' own; None:
        from interactions only
    """
    liked = history.decayed.copy()
    liked.data = np.log1p(liked.data)
    customers, things = _itself(len(ids)), _itself(len(items))
    if told is not None:
        customers = sparse.hstack((customers, told), format="csr")
        things = sparse.hstack((things, items.features), format="csr")
    fitted = fit_hybrid(
        Examples(bought=liked, customers=customers, items=things), config, progress
    )
    features = None
    if told is not None:
        trained = np.diff(told.tocsc().indptr) > 0
        features = fitted.customers[len(ids) :] * trained[:, np.newaxis]
    return Personal(
        ids=ids,
        own=fitted.customers[: len(ids)],
        features=features,
        items=np.asarray(things @ fitted.items, np.float32),
        biases=np.asarray(things @ fitted.biases, np.float32),
        name="LightFM interactions" if told is None else "LightFM hybrid",
    )


def _itself(count: int) -> Sparse:
    return sparse.eye_array(count, dtype=np.float32, format="csr")
