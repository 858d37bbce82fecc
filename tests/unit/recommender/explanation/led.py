"""A model whose parts a test decides."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np

from recommender.data import FloatArray, IntArray
from recommender.explanation.neighbours import Linear
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


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Together:
    """A model in which one item speaks for another."""

    inputs: IntArray
    weights: FloatArray
    name: str = "next"

    @classmethod
    def of(cls, trained: Trained, bought: str, wanted: str) -> "Together":
        places = trained.space.items.positions
        weights = np.zeros((len(places) + 1, len(places)), np.float32)
        weights[places[bought], places[wanted]] = 0.5
        weights[-1] = 9.0
        return cls(inputs=np.arange(len(places), dtype=np.int32), weights=weights)

    def score(self, audience: Audience, targets: Targets) -> FloatArray:
        return np.zeros((len(audience), len(targets)), np.float32)


def led_by(trained: Trained, **parts: float) -> Trained:
    """Return the model, whose re-ranker gives each pair these parts."""
    ranker = trained.ranker
    assert ranker is not None
    known: dict[str, Any] = {
        one.name: getattr(ranker, one.name) for one in fields(Ranker)
    }
    return replace(trained, ranker=Led(**known, given=parts))


def in_company(trained: Trained, bought: str, wanted: str) -> Trained:
    """Return the model, led by neighbours who buy the one and then the other."""
    model = led_by(trained, neighbours=1.0)
    assert model.ranker is not None
    quiet = [silenced(one) for one in model.ranker.inputs]
    inputs = (*quiet, Together.of(trained, bought, wanted))
    return replace(model, ranker=replace(model.ranker, inputs=inputs))


def silenced(model: Any) -> Any:  # noqa: ANN401  # of any kind
    """Take its weights from a model from items to items."""
    if isinstance(model, Linear):
        return replace(model, weights=np.zeros_like(model.weights))  # type: ignore[type-var]  # all of them are dataclasses
    return model
