"""Task 1: what each household buys in the weeks after a cut-off, ranked before it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from recommender.config import Config
from recommender.data import BoolArray, Customer, FloatArray, IntArray, day_of
from recommender.evaluation.calibration import calibrate
from recommender.evaluation.coverage import cover, mean_coverage
from recommender.evaluation.metrics import Judged, judge, top_k
from recommender.evaluation.rows import (
    ALL,
    FRESH,
    Calibration,
    Comparison,
    CoverageRow,
    Data,
    Task,
)
from recommender.evaluation.scoreboard import Scoreboard
from recommender.evaluation.segments import segments
from recommender.features import Audience
from recommender.models.base import Model
from recommender.scoring import audience_of
from recommender.splitting import Window, hold_out
from recommender.training import Lesson, Progress, Trained, fit

MOST: Final = 20_000
"""So many households are judged at a cut-off; of more, so many are drawn by lot."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Cutoff:
    """
    A model trained before ``window.start``, and those who are judged as of then.

    ``past``: what there was to learn from; ``customers`` go with the audience;
    ``rows`` are their places among the lesson's customers.
    """

    past: Lesson
    trained: Trained
    audience: Audience
    customers: Sequence[Customer]
    rows: IntArray
    window: Window

    @classmethod
    def of(
        cls, lesson: Lesson, config: Config, day: int, progress: Progress
    ) -> "Cutoff":
        """
        Train on what was bought before the day.

        :raises NothingToLearn: if nothing was
        """
        past = lesson.before(day)
        trained = fit(past, config, progress)
        whole = audience_of(trained, past.events, past.customers, past.catalogue, day)
        rows = _drawn(len(whole), config.seed)
        return cls(
            past=past,
            trained=trained,
            audience=whole.rows(rows),
            customers=[past.customers[row] for row in rows.tolist()],
            rows=rows,
            window=Window(start=day, end=day + config.window_days),
        )

    @property
    def day(self) -> str:
        """Return the cut-off as an ISO date."""
        return day_of(self.window.start).isoformat()

    @property
    def known(self) -> BoolArray:
        """Return (customers, items): whether they had ever bought it."""
        known: BoolArray = self.audience.history.counts.toarray() > 0
        return known


def _drawn(customers: int, seed: int) -> IntArray:
    """Return the places of those who are judged, in their order."""
    if customers <= MOST:
        return np.arange(customers, dtype=np.int32)
    chance = np.random.default_rng(seed)
    drawn = chance.choice(customers, MOST, replace=False)
    return np.sort(drawn).astype(np.int32)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Findings:
    """What was found at the cut-offs so far."""

    board: Scoreboard
    covered: dict[str, list[CoverageRow]] = field(default_factory=dict)
    probabilities: list[FloatArray] = field(default_factory=list)
    happened: list[BoolArray] = field(default_factory=list)

    def coverage(self) -> tuple[CoverageRow, ...]:
        """Return a row for each model."""
        return tuple(mean_coverage(rows) for rows in self.covered.values())

    def calibration(self, model: str) -> Calibration | None:
        """Return how good the probabilities were, of all cut-offs together."""
        if not self.probabilities:
            return None
        said, true = (
            np.concatenate([part.ravel() for part in parts])
            for parts in (self.probabilities, self.happened)
        )
        return calibrate(model, said, true)

    def comparisons(self, model: str) -> tuple[Comparison, ...]:
        """Return the model's paired differences from all others, by segment."""
        return tuple(
            comparison
            for segment in self.board.found
            for comparison in self.board.compare(segment, model, Task.RANKING)
        )


def judge_cutoff(
    cutoff: Cutoff, lesson: Lesson, models: Sequence[Model], findings: Findings
) -> None:
    """Add how well each model ranks what was bought in the cut-off's window."""
    audience, trained = cutoff.audience, cutoff.trained
    everything, fresh = hold_out(
        lesson.events.rows(cutoff.rows), audience.history, cutoff.window
    )
    k = min(trained.config.top, len(trained.items))
    scores = {model.name: model.score(audience, trained.items) for model in models}
    ranked = {name: top_k(found, k) for name, found in scores.items()}
    judged = {name: judge(places, everything) for name, places in ranked.items()}
    _add(findings.board, ALL, cutoff, judged)
    known = cutoff.known
    unknown = {
        name: top_k(np.where(known, -np.inf, found).astype(np.float32), k)
        for name, found in scores.items()
    }
    judged_fresh = {name: judge(places, fresh) for name, places in unknown.items()}
    _add(findings.board, FRESH, cutoff, judged_fresh)
    _add_segments(findings.board, cutoff, judged)
    for name, places in ranked.items():
        row = cover(
            name,
            places,
            scores[name],
            known=known,
            buyers=trained.popularity.buyers,
        )
        findings.covered.setdefault(name, []).append(row)


def judge_probabilities(cutoff: Cutoff, lesson: Lesson, findings: Findings) -> None:
    """Add what the model says of every pair, and what happened."""
    bought, _ = hold_out(
        lesson.events.rows(cutoff.rows), cutoff.audience.history, cutoff.window
    )
    said = cutoff.trained.rank(cutoff.audience, cutoff.trained.items).probability
    findings.probabilities.append(said)
    findings.happened.append(bought.toarray() > 0)


def _add(
    board: Scoreboard, segment: str, cutoff: Cutoff, judged: dict[str, Judged]
) -> None:
    rows = next(iter(judged.values())).rows
    values = {name: found.values for name, found in judged.items()}
    board.add(segment, cutoff.audience.ids[rows], values)


def _add_segments(board: Scoreboard, cutoff: Cutoff, judged: dict[str, Judged]) -> None:
    """Add the segments of the model in use and of the two baselines."""
    trained = cutoff.trained
    names = (trained.popularity.name, trained.frequency.name, trained.best.name)
    rows = next(iter(judged.values())).rows
    customers = cutoff.audience.ids[rows]
    for segment, members in segments(cutoff.audience, cutoff.customers).items():
        mine = members[rows]
        values = {name: judged[name].values[mine] for name in names if name in judged}
        board.add(segment, customers[mine], values)


def data_of(lesson: Lesson) -> Data:
    """Say what was evaluated on."""
    days = lesson.events.days
    return Data(
        first_day=day_of(int(days.min())).isoformat() if len(days) else "",
        last_day=day_of(int(days.max())).isoformat() if len(days) else "",
        customers=len(lesson.customers),
        items=len(lesson.items),
        events=len(days),
    )
