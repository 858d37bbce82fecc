"""A model whose parts a test decides."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace

import numpy as np

from recommender.data import FloatArray, IntArray
from recommender.features import Audience, Targets
from recommender.features.pairs import GROUPS
from recommender.models.ranker import Ranker
from recommender.training import Trained


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Led(Ranker):
    """Gives every pair the same parts."""

    given: Mapping[str, float] = field(default_factory=dict)

    def parts(
        self,
        audience: Audience,
        targets: Targets,
        rows: IntArray,
        places: IntArray,
        items: Targets,
    ) -> tuple[FloatArray, FloatArray]:
        assert len(places) == len(rows) <= len(audience) * len(targets)
        assert items.keys
        row = [self.given.get(name, 0.0) for name in GROUPS]
        parts = np.tile(np.array(row, np.float32), (len(rows), 1))
        return parts, np.zeros(len(rows), np.float32)


def led_by(trained: Trained, **parts: float) -> Trained:
    """Return the model, whose re-ranker gives each pair these parts."""
    ranker = trained.ranker
    assert ranker is not None
    known = {one.name: getattr(ranker, one.name) for one in fields(ranker)}
    return replace(trained, ranker=Led(**known, given=parts))
