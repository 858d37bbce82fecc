"""Task 1: what each household buys in the weeks after a cut-off, ranked before it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from recommender.config import Config
from recommender.data import BoolArray, FloatArray, day_of
from recommender.evaluation.metrics import judge, top_k
from recommender.evaluation.report import ALL, FRESH, Comparison, Data, Task
from recommender.evaluation.scoreboard import Scoreboard
from recommender.features import Audience
from recommender.models.base import Model
from recommender.scoring import audience_of
from recommender.splitting import Window, before, hold_out
from recommender.training import Lesson, Progress, Trained, fit


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Cutoff:
    """
    A model trained before ``window.start``, and the audience as of then.

    ``known`` (customers, items): whether they had ever bought it.
    """

    trained: Trained
    audience: Audience
    known: BoolArray
    window: Window

    @classmethod
    def of(
        cls, lesson: Lesson, config: Config, day: int, progress: Progress
    ) -> "Cutoff":
        """
        Train on what was bought before the day.

        :raises NothingToLearn: if nothing was
        """
        past = replace(lesson, events=before(lesson.events, day), day=day)
        trained = fit(past, config, progress)
        audience = audience_of(
            trained, past.events, past.customers, past.catalogue, day
        )
        return cls(
            trained=trained,
            audience=audience,
            known=audience.history.counts.toarray() > 0,
            window=Window(start=day, end=day + config.window_days),
        )


def judge_cutoff(
    cutoff: Cutoff, lesson: Lesson, models: Sequence[Model], board: Scoreboard
) -> None:
    """Add how well each model ranks what was bought in the cut-off's window."""
    audience, trained = cutoff.audience, cutoff.trained
    everything, fresh = hold_out(lesson.events, audience.history, cutoff.window)
    k = min(trained.config.top, len(trained.items))
    scores = {model.name: model.score(audience, trained.items) for model in models}
    for segment, wanted, left_out in (
        (ALL, everything, None),
        (FRESH, fresh, cutoff.known),
    ):
        judged = {
            name: judge(top_k(_without(found, left_out), k), wanted)
            for name, found in scores.items()
        }
        rows = next(iter(judged.values())).rows
        values = {name: found.values for name, found in judged.items()}
        board.add(segment, audience.ids[rows], values)


def _without(scores: FloatArray, left_out: BoolArray | None) -> FloatArray:
    if left_out is None:
        return scores
    return np.where(left_out, -np.inf, scores).astype(np.float32)


def compare_rankings(board: Scoreboard, model: str) -> tuple[Comparison, ...]:
    """Return the model's paired differences from all others, in every segment."""
    return tuple(
        comparison
        for segment in board.found
        for comparison in board.compare(
            segment,
            model,
            [name for name in board.of(segment).models if name != model],
            Task.RANKING,
        )
    )


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
