"""The rankings at some cut-offs: what ``evaluate`` says without ``--full``."""

from collections.abc import Sequence
from datetime import date

from recommender.config import Config
from recommender.data import day_number
from recommender.evaluation.intervals import RESAMPLES
from recommender.evaluation.ranking import (
    Cutoff,
    compare_rankings,
    data_of,
    judge_cutoff,
)
from recommender.evaluation.report import Kind, Report
from recommender.evaluation.scoreboard import Scoreboard
from recommender.training import Lesson, Progress


def evaluate_cutoffs(
    lesson: Lesson, config: Config, cutoffs: Sequence[date], progress: Progress
) -> Report:
    """
    Train before each cut-off and rank what each customer bought after it.

    :raises NothingToLearn: if nothing was bought before a cut-off
    """
    board = Scoreboard(seed=config.seed)
    model = ""
    for number, day in enumerate(cutoffs):
        progress("cut-off", number, len(cutoffs))
        cutoff = Cutoff.of(lesson, config, day_number(day), progress)
        judge_cutoff(cutoff, lesson, cutoff.trained.models, board)
        model = cutoff.trained.models[-1].name
    progress("cut-off", len(cutoffs), len(cutoffs))
    return Report(
        kind=Kind.CUTOFFS,
        model=model,
        k=config.top,
        window_days=config.window_days,
        cutoffs=tuple(day.isoformat() for day in cutoffs),
        tuned_before=None,
        resamples=RESAMPLES,
        data=data_of(lesson),
        ranking=board.rows(),
        comparisons=compare_rankings(board, model),
    )
