"""Runs of the recommender as the pages show them, and asking for one."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from flask import flash
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from loyalty.admin.pages import actor, blueprint, needs_all_stores, show
from loyalty.admin.recommendations.naming import step_name
from loyalty.core.clock import utc_now
from loyalty.core.errors import Refused
from loyalty.core.texts import gettext as _
from loyalty.recommendations.queries import get_run, list_runs
from loyalty.recommendations.service.runs import ask
from loyalty.recommendations.values import NewRun, Run, RunID, RunKind, RunState
from loyalty.staff.queries import actor_names
from loyalty.staff.rules import scope_of
from loyalty.staff.values import Permission
from loyalty.web.context import database
from loyalty.web.guards import requires
from loyalty.web.people import current_staff

GOING: Final = (RunState.QUEUED, RunState.RUNNING)
TONES: Final = {
    RunState.QUEUED: "plain",
    RunState.RUNNING: "info",
    RunState.DONE: "good",
    RunState.FAILED: "bad",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """A run in words."""

    run: Run
    name: str
    state: str
    tone: str
    step: str
    who: str
    going: bool

    @property
    def took(self) -> timedelta | None:
        """How long it worked."""
        if self.run.started_at is None or self.run.finished_at is None:
            return None
        return self.run.finished_at - self.run.started_at

    @property
    def at(self) -> datetime:
        """When it ended, or else began, or was asked for."""
        return self.run.finished_at or self.run.started_at or self.run.asked_at


def may_run() -> bool:
    """Test whether the reader may start runs and change models."""
    return scope_of(current_staff(), Permission.RECOMMENDER_RUN).everywhere


def shown(run: Run, names: dict[str, str]) -> Shown:
    """Return a run in words; ``names`` are those of actors."""
    return Shown(
        run=run,
        name=kind_name(run.kind),
        state=_state_names()[run.state],
        tone=TONES[run.state],
        step=step_name(run.step),
        who=names.get(run.asked_by, _("by itself")),
        going=run.state in GOING,
    )


def latest(session: Session, *kinds: RunKind, limit: int = 10) -> list[Shown]:
    """Return the latest runs of these kinds, or of all, in words."""
    names = actor_names(session)
    found = list_runs(session, kinds=kinds or tuple(RunKind), limit=limit)
    return [shown(run, names) for run in found]


def start(kind: RunKind, *, subject: str = "") -> RunID | None:
    """
    Ask for a run in the reader's name; None, and a word about it, if it goes already.

    :raises NotAllowed: if the reader's permission does not reach all stores
    """
    needs_all_stores(Permission.RECOMMENDER_RUN)
    try:
        with database().transaction() as session:
            return ask(
                session,
                run=NewRun(kind=kind, subject=subject, actor=actor()),
                now=utc_now(),
            )
    except Refused as error:
        flash(str(error), "warn")
        return None


@blueprint.get("/recommendations/runs/<int:number>/progress")
@requires(Permission.RECOMMENDER_READ)
def run_progress(number: int) -> ResponseReturnValue:
    """Show how far a run is, for a page that asks every second."""
    with database().transaction() as session:
        run = get_run(session, run_id=RunID(number))
        found = shown(run, actor_names(session))
    return show("recommender/progress.html", one=found)


def kind_name(kind: RunKind) -> str:
    """Return what a run does."""
    return {
        RunKind.TRAIN: _("Training"),
        RunKind.SCORE: _("Recommending to everybody"),
        RunKind.RESCORE: _("Recommending after changes"),
        RunKind.ALLOCATE: _("Choosing a campaign's offers"),
        RunKind.TOP_UP: _("Choosing offers for newcomers"),
        RunKind.PREVIEW: _("Trying a campaign"),
        RunKind.PROMOTE: _("Taking a model into use"),
        RunKind.ROLL_BACK: _("Going back to the model before"),
    }[kind]


def _state_names() -> dict[RunState, str]:
    return {
        RunState.QUEUED: _("Waiting"),
        RunState.RUNNING: _("Running"),
        RunState.DONE: _("Done"),
        RunState.FAILED: _("Failed"),
    }
