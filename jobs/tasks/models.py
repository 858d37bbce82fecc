"""The stored models: which one is current, the way back, and what is known of them."""

import contextlib
import logging
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy.orm import Session

from jobs.context import worker
from jobs.tasks.running import ANTICIPATED, Progress, quiet, running
from loyalty.core import audit
from loyalty.core.clock import utc_now
from loyalty.core.database import Database
from loyalty.recommendations.service import runs
from loyalty.recommendations.service.versions import keep_models
from loyalty.recommendations.values import (
    Model,
    ModelState,
    NewRun,
    RunKind,
)
from recommender.registry import DamagedModel, ForeignModel, Registry, Stored

_LEFT_OUT: Final = frozenset({"files", "format", "metrics"})
"""Of a manifest: of no interest to people, or shown elsewhere."""

_log = logging.getLogger(__name__)


def registry(data_dir: Path) -> Registry:
    """Return where the models are kept."""
    return Registry(data_dir / "models")


def promote(  # which, where, by whom, when
    database: Database,
    *,
    version: str,
    data_dir: Path,
    actor: str,
    now: datetime,
    progress: Progress = quiet,
) -> str:
    """
    Make a stored model the current one, whatever the gate said to it.

    :raises ModelNotFound: if there is no such model
    :raises DamagedModel: if it cannot be loaded; the current one stays
    :raises RunGoing: if another process does the same
    """
    new = NewRun(kind=RunKind.PROMOTE, subject=version, actor=actor)
    with running(database, new, now=now, also=progress) as run:
        run.tell("checking the model", 0, 1)
        kept = registry(data_dir)
        before = _current(kept)
        kept.promote(version)
        run.model_version = version
        run.report = {"before": before, "after": version}
        _keep(database, kept, before=before, actor=run.held.run.asked_by, now=now)
    score_anew(database, actor=run.held.run.asked_by, now=now)
    return version


def roll_back(
    database: Database,
    *,
    data_dir: Path,
    actor: str,
    now: datetime,
    only_asked: bool = False,
    progress: Progress = quiet,
) -> str:
    """
    Go back to the model that was current before, and return its version.

    :param only_asked: only if somebody asked for it and nobody has done it yet
    :raises NothingToRollBackTo: if there was none; the current one stays
    :raises RunGoing: if another process does the same
    """
    new = NewRun(kind=RunKind.ROLL_BACK, actor=actor, only_asked=only_asked)
    with running(database, new, now=now, also=progress) as run:
        run.tell("checking the model", 0, 1)
        kept = registry(data_dir)
        before = _current(kept)
        version = kept.roll_back()
        run.model_version = version
        run.report = {"before": before, "after": version}
        _keep(database, kept, before=before, actor=run.held.run.asked_by, now=now)
    score_anew(database, actor=run.held.run.asked_by, now=now)
    return version


def score_anew(database: Database, *, actor: str, now: datetime) -> None:
    """Ask for everything to be scored by the model that is current now."""
    with contextlib.suppress(runs.RunGoing), database.transaction() as session:
        runs.ask(session, run=NewRun(kind=RunKind.SCORE, actor=actor), now=now)


def known_models(kept: Registry) -> tuple[Model, ...]:
    """Return what the models' folder says, the latest first; damaged ones left out."""
    try:
        chain = kept.promoted()
    except DamagedModel:
        chain = ()
    found = []
    for version in reversed(kept.versions()):
        try:
            stored = kept.read(version)
        except (DamagedModel, ForeignModel) as problem:
            _log.warning("A stored model can't be read: %s", problem)
        else:
            found.append(_model(stored, chain))
    return tuple(found)


def keep_known(session: Session, kept: Registry) -> None:
    """Let the tables say what the models' folder says."""
    keep_models(session, models=known_models(kept))


def promote_model(*, version: str) -> None:
    """Make a model current; running it twice does it once."""
    context = worker.get()
    try:
        promote(
            context.database,
            version=version,
            data_dir=context.data_dir,
            actor="system",
            now=utc_now(),
        )
    except ANTICIPATED as problem:
        # The run's row says so to who asked for it.
        _log.warning("Model %s was not promoted: %s", version, problem)


def roll_back_model() -> None:
    """Go back one model for each run that was asked for."""
    context = worker.get()
    try:
        roll_back(
            context.database,
            data_dir=context.data_dir,
            actor="system",
            now=utc_now(),
            only_asked=True,
        )
    except ANTICIPATED as problem:
        _log.warning("Nothing was rolled back: %s", problem)


def _model(stored: Stored, chain: Sequence[str]) -> Model:
    manifest = stored.manifest
    facts = {name: value for name, value in manifest.items() if name not in _LEFT_OUT}
    if stored.version in chain:
        # Where it stands in what was current: the way back goes from the last down.
        turns = {version: turn for turn, version in enumerate(chain)}
        facts["turn"] = turns[stored.version]
    report: dict[str, Any] | None = manifest.get("metrics")
    verdict = report.get("gate") if report else None
    return Model(
        version=stored.version,
        trained_at=datetime.fromisoformat(manifest["created_at"]),
        state=_state(stored.version, chain, verdict),
        facts=facts,
        report=report,
        verdict=verdict,
    )


def _state(
    version: str, chain: Sequence[str], verdict: dict[str, Any] | None
) -> ModelState:
    if version in chain:
        return ModelState.CURRENT if version == chain[-1] else ModelState.EARLIER
    refused = verdict is not None and not verdict.get("promoted", True)
    return ModelState.REFUSED if refused else ModelState.STORED


def _current(kept: Registry) -> str | None:
    try:
        chain = kept.promoted()
    except DamagedModel:
        return None
    return chain[-1] if chain else None


def _keep(
    database: Database,
    kept: Registry,
    *,
    before: str | None,
    actor: str,
    now: datetime,
) -> None:
    """Note what became of the models, and who did it."""
    with database.transaction() as session:
        keep_known(session, kept)
        audit.record(
            session,
            now=now,
            actor=actor,
            action="recommender.current",
            subject="recommender",
            before={"model": before},
            after={"model": _current(kept)},
        )
