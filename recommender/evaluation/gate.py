"""Whether a new model may take the running one's place."""

from math import hypot
from typing import Final

from recommender.evaluation.report import Judgement, Reason, Report, Verdict
from recommender.evaluation.rows import ALL, Comparison, Outcome, Task
from recommender.evaluation.scoreboard import outcome

OWN_FREQUENCY: Final = "own frequency"
"""The name of :class:`recommender.models.frequency.Frequency`."""
RUNNING: Final = "running model"
"""What the running model is called where it is compared with."""
FEWEST: Final = 30
"""Fewer households that bought anything say nothing."""


def gate(
    new: Report, running: Report | None = None, *, version: str | None = None
) -> Verdict:
    """
    Refuse a model that is worse beyond the interval, on Task 1, NDCG, all households.

    Worse than own frequency, and worse than the running model: by the paired
    difference if the new report has one, else by what each of the two gains over own
    frequency in its own weeks.

    :param running: the running model's report; None if it has none
    :param version: of the running model; None if there is none
    """
    households = max((r.households for r in new.ranking if r.segment == ALL), default=0)
    if households < FEWEST:
        reason = Reason(kind=Judgement.NOTHING_TO_JUDGE)
        return Verdict(promoted=True, reasons=(reason,), running=version)
    reasons = [_against(_find(new, OWN_FREQUENCY), Judgement.WORSE_THAN_OWN_FREQUENCY)]
    if version is None:
        reasons.append(Reason(kind=Judgement.FIRST))
    else:
        found = _find(new, RUNNING) or _between(new, running)
        reasons.append(_against(found, Judgement.WORSE_THAN_RUNNING))
    good = {Judgement.FIRST, Judgement.NOT_WORSE}
    return Verdict(
        promoted=all(reason.kind in good for reason in reasons),
        reasons=tuple(reasons),
        running=version,
    )


def _against(comparison: Comparison | None, worse: Judgement) -> Reason:
    is_worse = comparison is not None and comparison.outcome is Outcome.WORSE
    kind = worse if is_worse else Judgement.NOT_WORSE
    return Reason(kind=kind, comparison=comparison)


def _find(report: Report, baseline: str) -> Comparison | None:
    found = (
        row
        for row in report.comparisons
        if (row.task, row.segment, row.baseline) == (Task.RANKING, ALL, baseline)
    )
    return next(found, None)


def _between(new: Report, running: Report | None) -> Comparison | None:
    """
    Compare what each gains over own frequency, as a share of it.

    Their households overlap, so the difference is surer than these bounds, which
    take them to be independent.
    """
    mine = _find(new, OWN_FREQUENCY)
    theirs = None if running is None else _find(running, OWN_FREQUENCY)
    if mine is None or theirs is None:
        return None
    gain = mine.relative - theirs.relative
    down = hypot(
        mine.relative - mine.relative_low, theirs.relative_high - theirs.relative
    )
    up = hypot(
        mine.relative_high - mine.relative, theirs.relative - theirs.relative_low
    )
    return Comparison(
        task=Task.RANKING,
        segment=ALL,
        measure="gain over own frequency",
        model=new.model,
        baseline=RUNNING,
        households=min(mine.households, theirs.households),
        difference=gain,
        low=gain - down,
        high=gain + up,
        relative=gain,
        relative_low=gain - down,
        relative_high=gain + up,
        outcome=outcome(gain - down, gain + up),
    )
