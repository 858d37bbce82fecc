"""New customers: households whose history was hidden, and how well they are served."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from recommender.config import Config
from recommender.data import FloatArray
from recommender.evaluation.hiding import Hidden
from recommender.evaluation.metrics import judge, top_k
from recommender.evaluation.rows import (
    HISTORIES,
    ColdStartRow,
    Comparison,
    Task,
)
from recommender.evaluation.scoreboard import Scoreboard
from recommender.features import Audience, Targets
from recommender.models.base import Model
from recommender.models.popularity import Popularity
from recommender.splitting import bought, within
from recommender.training import Lesson, Progress, Trained, fit

DRAWS: Final = 4
"""So many times households are drawn, hidden, and a model is trained without them."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class InterestsFirst:
    """What is popular within the declared interests, then what is popular."""

    popularity: Popularity
    name: str = "popular, interests first"

    def score(self, audience: Audience, targets: Targets) -> FloatArray:
        """Return popularity, which is below 1, and 1 for what was declared."""
        wanted = (audience.wishes @ targets.shares.T).toarray() > 0
        scores = self.popularity.score(audience, targets) + wanted
        return np.asarray(scores, np.float32)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class ColdStart:
    """What was found, by how much of the history was left."""

    board: Scoreboard
    best: str = ""

    def rows(self) -> tuple[ColdStartRow, ...]:
        """Return a row for each history and model."""
        return tuple(
            ColdStartRow(
                history=row.segment,
                model=row.model,
                households=row.households,
                ndcg=row.ndcg,
                low=row.low,
                high=row.high,
            )
            for row in self.board.rows()
        )

    def comparisons(self) -> tuple[Comparison, ...]:
        """Return the differences of the model in use from all others."""
        return tuple(
            comparison
            for history in self.board.found
            for comparison in self.board.compare(history, self.best, Task.COLD_START)
        )


def judge_cold_start(
    lesson: Lesson, config: Config, days: Sequence[int], progress: Progress
) -> ColdStart:
    """
    Hide households, train without them, and rank for them as for new customers.

    :param days: the cut-offs; each draw of households is at the next of them
    """
    board, best = Scoreboard(seed=config.seed), ""
    for draw in range(DRAWS):
        progress("new customers", draw, DRAWS)
        chance = np.random.default_rng((config.seed, draw))
        hidden = Hidden.of(lesson.before(days[draw % len(days)]), chance)
        if len(hidden.rows) == 0:
            continue
        trained = fit(hidden.open, config, progress)
        best = trained.best.name
        _judge_draw(lesson, hidden, trained, chance, board)
    progress("new customers", DRAWS, DRAWS)
    return ColdStart(board=board, best=best)


def _judge_draw(
    lesson: Lesson,
    hidden: Hidden,
    trained: Trained,
    chance: np.random.Generator,
    board: Scoreboard,
) -> None:
    config, start = trained.config, hidden.past.day
    future = within(lesson.events.rows(hidden.rows), start, start + config.window_days)
    wanted = bought(future)
    interests_first: Model = InterestsFirst(popularity=trained.popularity)
    k = min(config.top, len(trained.items))
    for history in HISTORIES:
        audience = hidden.left(history, trained, config, chance)
        judged = {
            model.name: judge(top_k(model.score(audience, trained.items), k), wanted)
            for model in (interests_first, *trained.models)
        }
        rows = next(iter(judged.values())).rows
        values = {name: found.values for name, found in judged.items()}
        board.add(history, audience.ids[rows], values)
