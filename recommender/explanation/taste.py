"""
LightFM's score of each pair, taken apart by what the customer likes.

The score is linear in the customer's features, so each feature's part is exact: its
weight times the product of its vector with the target's. It is told against the mean
item's score, for what raises all items alike explains none.
"""

from dataclasses import dataclass

import numpy as np

from recommender.data import BoolArray, FloatArray, IntArray, Sparse
from recommender.dataset import csr
from recommender.explanation.entries import heaviest
from recommender.features import LIKES, Audience, Space, Targets
from recommender.models.hybrid import Hybrid

_CHUNK = 2048
"""So many pairs at a time: with 50 features each and 32 components, 13 MB."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Taste:
    """
    Of each pair (n): the ``items`` that raise it most, -1 where none does.

    ``led``: whether all that the customer likes raises it more than its being popular
    does; where not, no liked item is its reason.
    """

    items: IntArray
    led: BoolArray


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Taster:
    """Takes LightFM's scores apart; ``usual`` is the mean item's vector and bias."""

    hybrid: Hybrid
    item_of: IntArray
    """(customer features): the item that a feature likes; -1 everyone, -2 nothing."""

    usual: FloatArray

    @classmethod
    def of(cls, hybrid: Hybrid, space: Space, items: Targets) -> "Taster":
        """Return a taster for the items a model was trained with."""
        places = space.items.positions
        item_of = np.full(len(space.customer), -2, np.int32)
        for column, name in enumerate(space.customer.names):
            if name.startswith(LIKES):
                item_of[column] = places.get(name.removeprefix(LIKES), -2)
            elif name.startswith(("everyone", "baskets:")):
                item_of[column] = -1
        mean = items.features @ _vectors(hybrid)
        return cls(hybrid=hybrid, item_of=item_of, usual=mean.mean(axis=0))

    def taste(
        self, audience: Audience, targets: Targets, rows: IntArray, places: IntArray
    ) -> Taste:
        """Return what leads each pair."""
        has = targets.features @ _vectors(self.hybrid) - self.usual
        items = np.full(len(rows), -1, np.int32)
        led = np.zeros(len(rows), bool)
        for start in range(0, len(rows), _CHUNK):
            chosen = slice(start, start + _CHUNK)
            features = audience.features[rows[chosen]]
            items[chosen], led[chosen] = self._leading(features, has[places[chosen]])
        return Taste(items=items, led=led)

    def parts(self, features: Sparse, has: FloatArray) -> FloatArray:
        """Return the part of each entry of the features: (entries)."""
        owners = np.repeat(np.arange(len(has)), np.diff(features.indptr))
        vectors = self.hybrid.customers[features.indices]
        products = np.einsum("ij,ij->i", vectors, has[owners, :-1])
        return np.asarray(features.data * products, np.float32)

    def _leading(self, features: Sparse, has: FloatArray) -> tuple[IntArray, BoolArray]:
        parts = self.parts(features, has)
        owners = np.repeat(np.arange(len(has)), np.diff(features.indptr))
        kinds = self.item_of[features.indices]
        liked, shared = kinds >= 0, kinds == -1
        popular = has[:, -1] + _sums(parts[shared], owners[shared], len(has))
        total = _sums(parts[liked], owners[liked], len(has))
        shape = (len(has), int(self.item_of.max(initial=0)) + 1)
        by_item = csr(owners[liked], kinds[liked], parts[liked], shape)
        items, _ = heaviest(by_item)
        return items, (total > popular) & (items >= 0)


def _sums(values: FloatArray, owners: IntArray, length: int) -> FloatArray:
    found = np.bincount(owners, weights=values, minlength=length)
    return np.asarray(found, np.float32)


def _vectors(hybrid: Hybrid) -> FloatArray:
    """Return each item feature's vector with its bias as the last component."""
    return np.hstack((hybrid.items, hybrid.biases[:, np.newaxis]))
