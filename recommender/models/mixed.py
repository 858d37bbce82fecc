"""The two aims, mixed openly: what they buy anyway, and what they may discover."""

from dataclasses import dataclass

import numpy as np

from recommender.data import FloatArray
from recommender.features import Audience, Targets
from recommender.models.hybrid import Hybrid


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Parts:
    """Both aims before they are mixed: (customers, targets), from 0 to 1."""

    own: FloatArray
    discovery: FloatArray


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Mixed:
    """
    ``(1 - discovery_share) * own + discovery_share * discovery``.

    Own: log(1 + days) of what the customer bought or declared (of an offer for some
    products: of these products); 0 is nothing, 1 the customer's first item.
    Discovery: LightFM's score; 0 is the customer's last item and 1 the first. An
    offer is put on the same scales, so the share means the same for everybody. Of
    whom nothing is known, discovery alone decides.
    """

    hybrid: Hybrid
    items: Targets
    discovery_share: float
    name: str = "LightFM + own frequency"

    def score(self, audience: Audience, targets: Targets) -> FloatArray:
        """Return the mix, from 0 to 1."""
        return self.mix(self.parts(audience, targets))

    def mix(self, parts: Parts) -> FloatArray:
        """Return the mix of both aims."""
        share = np.float32(self.discovery_share)
        return parts.own * (1 - share) + parts.discovery * share

    def parts(self, audience: Audience, targets: Targets) -> Parts:
        """Return both aims."""
        return Parts(
            own=_own(audience, targets),
            discovery=self._discovery(audience, targets),
        )

    def _discovery(self, audience: Audience, targets: Targets) -> FloatArray:
        all_items = self.hybrid.score(audience, self.items)
        low = all_items.min(axis=1, keepdims=True)
        width = np.maximum(all_items.max(axis=1, keepdims=True) - low, 1e-9)
        scores = self.hybrid.score(audience, targets)
        return np.asarray(np.clip((scores - low) / width, 0, 1), np.float32)


def _own(audience: Audience, targets: Targets) -> FloatArray:
    most = np.log1p(audience.leanings.max(axis=1).toarray().reshape(-1, 1))
    own = np.log1p(audience.days(targets)) / np.maximum(most, 1e-9)
    return np.asarray(np.clip(own, 0, 1), np.float32)
