"""The whole evaluation, and the two that are quicker."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from recommender.config import Config
from recommender.data import day_number, day_of
from recommender.evaluation.campaigns import judge_campaigns
from recommender.evaluation.cold import judge_cold_start
from recommender.evaluation.intervals import RESAMPLES
from recommender.evaluation.material import Material
from recommender.evaluation.peers import peers
from recommender.evaluation.ranking import (
    Cutoff,
    Findings,
    data_of,
    judge_cutoff,
    judge_probabilities,
)
from recommender.evaluation.report import Kind, Report
from recommender.evaluation.scoreboard import Scoreboard
from recommender.splitting import Split
from recommender.training import Progress


def evaluate_cutoffs(
    material: Material, config: Config, cutoffs: Sequence[date], progress: Progress
) -> Report:
    """
    Train before each cut-off and rank what each customer bought after it.

    :raises NothingToLearn: if nothing was bought before a cut-off
    """
    days = [day_number(cutoff) for cutoff in cutoffs]
    return _judge(material, config, days, progress, full=False)


def evaluate_full(
    material: Material, config: Config, split: Split, progress: Progress
) -> Report:
    """
    Judge everything on the days that nothing was chosen on.

    :raises NothingToLearn: if nothing was bought before a cut-off
    """
    report = _judge(material, config, split.reporting, progress, full=True)
    return replace(report, tuned_before=day_of(split.reserved_from).isoformat())


def evaluate_tuning(
    material: Material, config: Config, split: Split, progress: Progress
) -> Report:
    """
    Judge everything on the days that settings may be chosen on; see no later one.

    :raises NothingToLearn: if nothing was bought before a cut-off
    """
    seen = material.open_to_tuning(split)
    return _judge(seen, config, split.tuning, progress, full=True)


def _judge(
    material: Material,
    config: Config,
    days: Sequence[int],
    progress: Progress,
    *,
    full: bool,
) -> Report:
    lesson = material.lesson(config)
    findings = Findings(board=Scoreboard(seed=config.seed))
    best = ""
    for number, day in enumerate(days):
        progress("cut-offs", number, len(days))
        cutoff = Cutoff.of(lesson, config, day, progress)
        others = peers(cutoff.past, config, progress) if full else ()
        judge_cutoff(cutoff, lesson, (*others, *cutoff.trained.models), findings)
        judge_probabilities(cutoff, lesson, findings)
        best = cutoff.trained.best.name
    progress("cut-offs", len(days), len(days))
    judged = None
    if full and days:
        judged = judge_campaigns(material, config, min(days), progress)
    campaigns, differences = judged or (None, ())
    cold = judge_cold_start(lesson, config, days, progress) if full else None
    return Report(
        kind=Kind.FULL if full else Kind.CUTOFFS,
        model=best,
        k=config.top,
        window_days=config.window_days,
        cutoffs=tuple(day_of(day).isoformat() for day in days),
        tuned_before=None,
        resamples=RESAMPLES,
        data=data_of(lesson),
        ranking=findings.board.rows(),
        comparisons=(
            *findings.comparisons(best),
            *differences,
            *(() if cold is None else cold.comparisons()),
        ),
        campaigns=campaigns,
        coverage=findings.coverage(),
        calibration=findings.calibration(best),
        cold_start=() if cold is None else cold.rows(),
    )
