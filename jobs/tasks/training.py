"""Training a model, judging it, and letting it take the running one's place."""

import logging
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from jobs.context import worker
from jobs.tasks.books import Books, read_books
from jobs.tasks.looking_back import look_back
from jobs.tasks.models import keep_known, registry, score_anew
from jobs.tasks.running import ANTICIPATED, Progress, running
from loyalty.core.clock import utc_now
from loyalty.core.database import Database
from loyalty.recommendations.queries import latest_run
from loyalty.recommendations.service import runs
from loyalty.recommendations.values import NewRun, RunKind, RunState
from recommender import pipeline
from recommender.evaluation import Material, Report, Running, challenge
from recommender.registry import (
    DamagedModel,
    ForeignModel,
    ModelNotFound,
    Registry,
    Stored,
)
from recommender.training import NothingToLearn

MODELS_KEPT: Final = 10
"""So many old models are kept unless a setting says otherwise."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """What is done with a model once it is trained."""

    kept: int = MODELS_KEPT
    """So many old models stay."""

    judged: bool = True
    """False takes half the time: for a first model that somebody waits for, and that
    has none to be compared with."""


USUAL: Final = Policy()


@dataclass(frozen=True, kw_only=True, slots=True)
class Learned:
    """A model that was trained, and whether it is the current one."""

    stored: Stored
    report: Report | None
    """None where there is too little of the past to judge by."""

    promoted: bool

    @property
    def version(self) -> str:
        """The model's version."""
        return self.stored.version


def train_model(  # where, by whom, when
    database: Database,
    data_dir: Path,
    *,
    now: datetime,
    progress: Progress,
    actor: str = "system",
    policy: Policy = USUAL,
) -> Learned:
    """
    Train on everything until now, judge and store the model.

    It becomes the current one unless it is clearly worse than that, or than what
    customers buy anyway. A process that is killed leaves what was current before.

    :raises NothingToLearn: if nobody who agreed has bought anything yet
    :raises RunGoing: if another process trains
    """
    new = NewRun(kind=RunKind.TRAIN, actor=actor)
    with running(database, new, now=now, also=progress) as run:
        run.tell("reading purchases", 0, 1)
        with database.transaction() as session:
            books = read_books(session, now=now)
        kept = registry(data_dir)
        report = judge(books, kept, run.tell) if policy.judged else None
        trained = pipeline.train(
            books.purchases,
            books.customers,
            books.products,
            books.config,
            run.tell,
            books.past,
        )
        run.tell("storing the model", 0, 1)
        stored = kept.save(trained, now=now, report=report)
        promoted = may_be_promoted(report)
        if promoted:
            kept.promote(stored.version)
        kept.prune(keep=policy.kept, now=utc_now())
        with database.transaction() as session:
            keep_known(session, kept)
            runs.forget(session, now=now)
            scored = latest_run(session, kind=RunKind.SCORE) is not None
        if promoted and not scored:
            # The first model: nothing is recommended to anybody yet.
            score_anew(database, actor=actor, now=now)
        run.model_version = stored.version
        if report is not None:
            # Of no part of the manifest: what was drawn is the shop's, not the model's.
            logged = look_back(database, trained, now=now, progress=run.tell)
            run.report = {**report.as_dict(), "off_policy": logged}
    _log.info(
        "Model %s is %s", stored.version, "current" if promoted else "not promoted"
    )
    return Learned(stored=stored, report=report, promoted=promoted)


def train(*, asked: bool = False) -> None:
    """
    Train anew; running it twice makes two versions of the same model.

    :param asked: only if somebody asked for it and nobody has begun yet. A bell that
        rings twice would else train again, and undo a way back that was taken since
    """
    context = worker.get()
    if asked and not _waits(context.database):
        return
    try:
        train_model(
            context.database,
            context.data_dir,
            now=utc_now(),
            progress=_tell,
            policy=Policy(kept=context.models_kept),
        )
    except NothingToLearn:
        # Every night in a new shop: no failure.
        _log.info("Nobody who agreed to personal offers has bought anything yet")
    except ANTICIPATED as problem:
        _log.warning("No model was trained: %s", problem)


def _waits(database: Database) -> bool:
    """Test whether somebody waits for a training."""
    with database.transaction() as session:
        waiting = latest_run(session, kind=RunKind.TRAIN, states=(RunState.QUEUED,))
    return waiting is not None


def judge(books: Books, kept: Registry, progress: Progress) -> Report | None:
    """Train before the last period and judge on it, beside the running model."""
    material = Material(
        purchases=books.purchases, customers=books.customers, products=books.products
    )
    try:
        return challenge(material, books.config, _running(kept), progress)
    except NothingToLearn:
        return None


def _running(kept: Registry) -> Running | None:
    """Return the current model; None if there is none that can be read."""
    try:
        trained = kept.load()
        metrics = kept.read(trained.version).manifest.get("metrics")
        report = None if metrics is None else Report.from_dict(metrics)
    except (ModelNotFound, ForeignModel, DamagedModel) as problem:
        _log.info("No running model to compare with: %s", problem)
        return None
    except ValueError as problem:
        _log.warning("The running model's report cannot be read: %s", problem)
        return Running(trained=trained)
    return Running(trained=trained, report=report)


def may_be_promoted(report: Report | None) -> bool:
    """Test whether the gate lets the model through; True where nobody could judge."""
    return report is None or report.gate is None or report.gate.promoted


def _tell(step: str, done: int, total: int) -> None:
    _log.debug("%s: %d of %d", step, done, total)
