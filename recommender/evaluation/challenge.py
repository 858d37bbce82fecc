"""A new model against the running one, quickly: what happens every night."""

from dataclasses import dataclass, replace

import numpy as np

from recommender.config import Config
from recommender.data import FloatArray
from recommender.dataset import Catalogue, Events
from recommender.evaluation.gate import RUNNING, gate
from recommender.evaluation.intervals import RESAMPLES
from recommender.evaluation.material import Material
from recommender.evaluation.ranking import (
    Cutoff,
    Findings,
    data_of,
    judge_cutoff,
    judge_probabilities,
)
from recommender.evaluation.report import Kind, Report
from recommender.evaluation.scoreboard import Scoreboard
from recommender.features import Audience, Targets
from recommender.models.base import Model
from recommender.scoring import audience_of, ids_of
from recommender.splitting import last_window
from recommender.training import Progress, Trained, fit


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Running:
    """The model that is current, and the report that was stored with it."""

    trained: Trained
    report: Report | None = None


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Answered:
    """A model that has been asked already: (customers, items)."""

    scores: FloatArray
    name: str = RUNNING

    def score(self, _audience: Audience, _targets: Targets) -> FloatArray:
        """Return the answers; nobody else and nothing else can be asked for."""
        return self.scores


def challenge(
    material: Material, config: Config, running: Running | None, progress: Progress
) -> Report:
    """
    Train before the last whole period and judge on it, with the gate's verdict.

    The running model is judged beside it if it has seen nothing of the period; if
    its settings are other ones, so is a model trained with these on the same past.
    Else only the reports can be compared: the same settings on the same past give
    the same model.

    :raises NothingToLearn: if nothing was bought before the last period
    """
    lesson = material.lesson(config)
    window = last_window(lesson.events, config)
    cutoff = Cutoff.of(lesson, config, window.start, progress)
    trained = cutoff.trained
    models: list[Model] = [trained.popularity, trained.frequency, trained.best]
    if running is not None:
        answered = _answers(material, cutoff, running.trained, progress)
        models += [] if answered is None else [answered]
    findings = Findings(board=Scoreboard(seed=config.seed))
    judge_cutoff(cutoff, lesson, models, findings)
    judge_probabilities(cutoff, lesson, findings)
    report = Report(
        kind=Kind.NIGHTLY,
        model=trained.best.name,
        k=config.top,
        window_days=config.window_days,
        cutoffs=(cutoff.day,),
        tuned_before=None,
        resamples=RESAMPLES,
        data=data_of(lesson),
        ranking=findings.board.rows(),
        comparisons=findings.comparisons(trained.best.name),
        coverage=findings.coverage(),
        calibration=findings.calibration(trained.best.name),
    )
    verdict = gate(
        report,
        None if running is None else running.report,
        version=None if running is None else running.trained.version,
    )
    return replace(report, gate=verdict)


def _answers(
    material: Material, cutoff: Cutoff, running: Trained, progress: Progress
) -> Answered | None:
    """Return what the running model says of the same households, if that is fair."""
    day = cutoff.window.start
    if running.last_day >= day:
        if running.config == cutoff.trained.config:
            return None
        lesson = material.lesson(running.config).before(day)
        running = fit(lesson, running.config, progress)
    catalogue = Catalogue.of(
        material.products, config=running.config, items=running.space.items
    )
    silent = [replace(customer, interests=()) for customer in cutoff.customers]
    events = Events.of(material.purchases, catalogue, ids_of(silent))
    audience = audience_of(running, events, silent, catalogue, day)
    scores = running.best.score(audience, running.items)
    names = cutoff.trained.items.keys
    found = np.full((len(silent), len(names)), scores.min() - 1, np.float32)
    place_of = running.space.items.positions
    for place, name in enumerate(names):
        if name in place_of:
            found[:, place] = scores[:, place_of[name]]
    return Answered(scores=found)
