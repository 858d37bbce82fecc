"""Several models judged on the same households, segment by segment."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from recommender.data import LongArray
from recommender.evaluation.intervals import bounds, resampled_means
from recommender.evaluation.metrics import MEASURES, NDCG, Numbers
from recommender.evaluation.rows import Comparison, Outcome, RankingRow, Task


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Found:
    """``values`` (rows, models, measures) of the households in ``customers``."""

    customers: LongArray
    models: tuple[str, ...]
    values: Numbers

    @property
    def households(self) -> int:
        """Count the different households."""
        return len(np.unique(self.customers))


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """What a comparison is about."""

    task: Task
    segment: str
    households: int
    measure: str = "ndcg"


@dataclass(frozen=True, kw_only=True, slots=True)
class Scoreboard:
    """Collects what was found at each cut-off and draws it together."""

    seed: int
    found: dict[str, list[Found]] = field(default_factory=dict)

    def add(
        self, segment: str, customers: LongArray, values: Mapping[str, Numbers]
    ) -> None:
        """Add (households, measures) of each model; all of the same households."""
        stacked = np.stack(list(values.values()), axis=1)
        one = Found(customers=customers, models=tuple(values), values=stacked)
        self.found.setdefault(segment, []).append(one)

    def of(self, segment: str) -> Found:
        """Return all of a segment's cut-offs together."""
        parts = self.found[segment]
        return Found(
            customers=np.concatenate([part.customers for part in parts]),
            models=parts[0].models,
            values=np.concatenate([part.values for part in parts]),
        )

    def rows(self) -> tuple[RankingRow, ...]:
        """Return a row for each segment and model."""
        return tuple(row for segment in self.found for row in self._rows(segment))

    def _rows(self, segment: str) -> Iterable[RankingRow]:
        found = self.of(segment)
        draws = self._draws(found)
        for place, model in enumerate(found.models):
            means = found.values[:, place].mean(axis=0) if len(found.values) else None
            low, high = bounds(draws[:, place])
            yield RankingRow(
                model=model,
                segment=segment,
                households=found.households,
                low=low,
                high=high,
                **{
                    name: 0.0 if means is None else float(means[measure])
                    for measure, name in enumerate(MEASURES)
                },
            )

    def compare(self, segment: str, model: str, task: Task) -> list[Comparison]:
        """Return the model's paired differences of NDCG from all others."""
        found = self.of(segment)
        if model not in found.models or not len(found.values):
            return []
        draws, mine = self._draws(found), found.models.index(model)
        subject = Subject(task=task, segment=segment, households=found.households)
        return [
            compare(
                subject,
                found.values[:, [mine, place], NDCG].mean(axis=0),
                draws[:, [mine, place]],
                model=model,
                baseline=name,
            )
            for place, name in enumerate(found.models)
            if name != model
        ]

    def _draws(self, found: Found) -> Numbers:
        return resampled_means(
            found.customers, found.values[:, :, NDCG], seed=self.seed
        )


def compare(
    subject: Subject, means: Numbers, draws: Numbers, *, model: str, baseline: str
) -> Comparison:
    """
    Return the difference of two measures that were drawn together.

    :param means: of the model and of the baseline
    :param draws: (resamples, 2), the same of drawn households
    """
    low, high = bounds(draws[:, 0] - draws[:, 1])
    base = np.maximum(draws[:, 1], 1e-12)
    relative_low, relative_high = bounds((draws[:, 0] - draws[:, 1]) / base)
    difference = float(means[0] - means[1])
    return Comparison(
        task=subject.task,
        segment=subject.segment,
        measure=subject.measure,
        model=model,
        baseline=baseline,
        households=subject.households,
        difference=difference,
        low=low,
        high=high,
        relative=difference / max(float(means[1]), 1e-12),
        relative_low=relative_low,
        relative_high=relative_high,
        outcome=outcome(low, high),
    )


def outcome(low: float, high: float) -> Outcome:
    """Say on which side of zero the interval lies."""
    if low > 0:
        return Outcome.BETTER
    return Outcome.WORSE if high < 0 else Outcome.UNCLEAR
