"""
Why an offer was chosen, as data, from what really drove its score.

=============  =======================================  ==============================
kind           fields                                   says
=============  =======================================  ==============================
often_bought   category, times, every_days, last        you buy this every so often
bought_before  category, times, last                    you have bought this
similar_to     category                                 goes with what you buy there
interest       category                                 you said that you like this
popular                                                 many customers buy it
=============  =======================================  ==============================

``category`` is the category (of an interest perhaps the department) that the reason
speaks of, ``last`` a date as ``YYYY-MM-DD``, ``every_days`` the mean days between.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from recommender.data import Customer, FloatArray, Sparse, day_of
from recommender.dataset import Catalogue
from recommender.features import LIKES, Audience, Space, Targets
from recommender.models.mixed import Mixed

Reason = Mapping[str, str | int]
RHYTHM = 3
"""From so many purchases on, the days between them mean something."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Explainer:
    """
    Gives reasons for the scores of a model.

    ``customers`` go with the rows of ``audience``. What customers told about
    themselves (language, facts, tier) has its part in scores and is never named.
    """

    mixed: Mixed
    space: Space
    catalogue: Catalogue
    audience: Audience
    customers: Sequence[Customer]
    targets: Targets
    _leanings: Sparse = field(init=False)
    _usual: FloatArray = field(init=False)
    _has: FloatArray = field(init=False)
    _liking: Mapping[int, int] = field(init=False)

    def __post_init__(self) -> None:
        """Prepare what all reasons need."""
        hybrid, items = self.mixed.hybrid, self.mixed.items.features
        biases = hybrid.biases[:, np.newaxis]
        vectors = np.hstack((hybrid.items, biases))
        names = enumerate(self.space.items.names)
        columns = self.space.customer.positions
        liking = {columns[LIKES + name]: item for item, name in names}
        object.__setattr__(self, "_leanings", self.audience.leanings)
        object.__setattr__(self, "_usual", (items @ vectors).mean(axis=0))
        object.__setattr__(self, "_has", self.targets.features @ vectors)
        object.__setattr__(self, "_liking", liking)

    def reason(self, row: int, target: int, *, own: float, discovery: float) -> Reason:
        """
        Return the reason for one target: what had the greatest part in its score.

        :param own: the part of what the customer buys anyway, 0 to 1, unmixed
        :param discovery: LightFM's part, 0 to 1, unmixed
        """
        share = self.mixed.discovery_share
        item = self._own_item(row, target)
        if item is not None and own > 0 and (1 - share) * own >= share * discovery:
            return self._own(row, item)
        liked, popular = self._contributions(row, target)
        if not liked or sum(liked.values()) <= popular or max(liked.values()) <= 0:
            return {"kind": "popular"}
        best = max(liked, key=lambda place: (liked[place], -place))
        return self._liked(row, target, best)

    def _own_item(self, row: int, target: int) -> int | None:
        """Find what the customer leans to most of what the target is for."""
        shares = _entries(self.targets.shares, target)
        days = _entries(self._leanings, row)
        bought = {
            item: days[item] * part for item, part in shares.items() if item in days
        }
        return max(bought, key=lambda item: (bought[item], -item), default=None)

    def _own(self, row: int, item: int) -> Reason:
        """Say what weighs more: that it was bought, or that it was declared."""
        bought = _entries(self.audience.history.decayed, row).get(item, 0.0)
        wanted = self._declared(row, item)
        declared = _entries(self.audience.wishes, row).get(item, 0.0)
        if wanted is not None and declared > bought:
            return {"kind": "interest", "category": wanted}
        return self._bought(row, item)

    def _bought(self, row: int, item: int) -> Reason:
        history = self.audience.history
        times = round(_entries(history.counts, row)[item])
        first = round(_entries(history.first, row)[item])
        last = round(_entries(history.last, row)[item])
        reason: dict[str, str | int] = {
            "kind": "bought_before",
            "category": self.space.items.names[item],
            "times": times,
            "last": day_of(last).isoformat(),
        }
        if times >= RHYTHM:
            reason["kind"] = "often_bought"
            reason["every_days"] = max(round((last - first) / (times - 1)), 1)
        return reason

    def _contributions(self, row: int, target: int) -> tuple[dict[int, float], float]:
        """
        Split LightFM's score, against the mean item's, by what it came from.

        :return: each liked item's part, and the part of being popular: the bias
            and what holds for everyone or for so little known customers
        """
        features = _entries(self.audience.features, row)
        difference = self._has[target] - self._usual
        vectors = self.mixed.hybrid.customers
        liked: dict[int, float] = {}
        popular = float(difference[-1])
        for column, weight in features.items():
            part = weight * float(vectors[column] @ difference[:-1])
            if column in self._liking:
                liked[self._liking[column]] = part
            elif self.space.customer.names[column].startswith(("everyone", "baskets:")):
                popular += part
        return liked, popular

    def _liked(self, row: int, target: int, item: int) -> Reason:
        """Name a liked item, which is perhaps what the target is for."""
        if item in _entries(self.targets.shares, target):
            return self._own(row, item)
        wanted = self._declared(row, item)
        if wanted is not None:
            return {"kind": "interest", "category": wanted}
        return {"kind": "similar_to", "category": self.space.items.names[item]}

    def _declared(self, row: int, item: int) -> str | None:
        """Find the declared interest that the item is in."""
        interests = self.customers[row].interests
        found = (name for name in interests if item in self.catalogue.items_in(name))
        return next(found, None)


def _entries(matrix: Sparse, row: int) -> dict[int, float]:
    """Return a row of a sparse matrix as positions and values."""
    start, end = matrix.indptr[row], matrix.indptr[row + 1]
    places = matrix.indices[start:end].tolist()
    return dict(zip(places, matrix.data[start:end].tolist(), strict=True))
