"""Runs of the recommender, from the question to the answer."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from loyalty.core import audit
from loyalty.core.errors import Refused
from loyalty.core.jobs import JobArgument, enqueue
from loyalty.recommendations.models import RunRow
from loyalty.recommendations.queries.runs import to_run
from loyalty.recommendations.values import (
    Document,
    Held,
    NewRun,
    Run,
    RunID,
    RunKind,
    RunState,
)

JOBS: Final[Mapping[RunKind, str]] = {
    RunKind.TRAIN: "train",
    RunKind.SCORE: "score_all",
    RunKind.RESCORE: "score_changed",
    RunKind.ALLOCATE: "plan_campaign",
    RunKind.TOP_UP: "top_up_campaigns",
    RunKind.PREVIEW: "preview_campaign",
    RunKind.PROMOTE: "promote_model",
    RunKind.ROLL_BACK: "roll_back_model",
}
"""Which job does a run of a kind."""

LOST_AFTER: Final = timedelta(minutes=5)
"""A run that has said nothing for so long is taken for dead."""

KEPT: Final = timedelta(days=90)

_ABOUT: Final[Mapping[RunKind, str]] = {
    RunKind.ALLOCATE: "campaign",
    RunKind.PREVIEW: "campaign",
    RunKind.PROMOTE: "version",
}
"""The name of the job's argument that is the run's subject."""

_LOST: Final = (
    "The process that did this was ended before it was done. Nothing of it counts; "
    "it can be started again."
)
_GOING: Final = (RunState.QUEUED, RunState.RUNNING)


class RunGoing(Refused):
    """The same is being done already."""

    code = "run_going"


def ask(session: Session, *, run: NewRun, now: datetime) -> RunID:
    """
    Keep what somebody asks the recommender to do, and ring for a process.

    :raises RunGoing: if the same waits or runs
    """
    run_id: RunID | None = session.scalar(
        insert(RunRow)
        .values(**_columns(run, now=now), state=RunState.QUEUED, attempt=0)
        .on_conflict_do_nothing()
        .returning(RunRow.id)
    )
    if run_id is None:
        message = "This is being done already: see how far it is."
        raise RunGoing(message)
    audit.record(
        session,
        now=now,
        actor=run.actor,
        action=f"recommender.{run.kind.value}",
        subject=f"run:{run_id}",
        after={"subject": run.subject},
    )
    enqueue(session, JOBS[run.kind], **_arguments(run.kind, run.subject))
    return run_id


def bell(run: Run) -> tuple[str, dict[str, JobArgument]]:
    """Return the job that does this run, and its arguments."""
    return JOBS[run.kind], _arguments(run.kind, run.subject)


def begin(
    session: Session, *, run: NewRun, now: datetime, machine_now: datetime
) -> Held | None:
    """
    Take a run that waits, or begin one.

    None if another process does the same, or if only what was asked for is to be done.

    Whoever waits for a run that lost its process does not wait for the dispatcher.
    """
    sweep(session, now=now, machine_now=machine_now)
    taken = {
        "state": RunState.RUNNING,
        "started_at": now,
        "beat_at": machine_now,
    }
    row = session.scalar(
        update(RunRow)
        .where(
            RunRow.kind == run.kind,
            RunRow.subject == run.subject,
            RunRow.state == RunState.QUEUED,
        )
        .values(**taken, attempt=RunRow.attempt + 1)
        .returning(RunRow)
        .execution_options(populate_existing=True)
    )
    if row is None and not run.only_asked:
        row = session.scalar(
            insert(RunRow)
            .values(**_columns(run, now=now), **taken, attempt=1)
            .on_conflict_do_nothing()
            .returning(RunRow)
        )
    return None if row is None else Held(run=to_run(row), attempt=row.attempt)


def advance(  # how far which step is, and when
    session: Session,
    *,
    held: Held,
    step: str,
    done: int,
    total: int,
    machine_now: datetime,
) -> bool:
    """Note how far a run is; False if it is not this process's any more."""
    return _change(
        session, held, step=step, done=done, total=total, beat_at=machine_now
    )


def beat(session: Session, *, held: Held, machine_now: datetime) -> bool:
    """Note that a run lives; False if it is not this process's any more."""
    return _change(session, held, beat_at=machine_now)


def finish(
    session: Session,
    *,
    held: Held,
    report: Document,
    model_version: str | None,
    now: datetime,
) -> bool:
    """Keep what came of a run; False if it is not this process's any more."""
    return _change(
        session,
        held,
        state=RunState.DONE,
        step="",
        report=dict(report),
        model_version=model_version,
        finished_at=now,
    )


def fail(session: Session, *, held: Held, error: str, now: datetime) -> bool:
    """Note that a run came to nothing, and why."""
    return _change(
        session, held, state=RunState.FAILED, step="", error=error, finished_at=now
    )


def sweep(
    session: Session, *, now: datetime, machine_now: datetime
) -> dict[RunState, int]:
    """
    Let runs fail whose process is gone; return how many.

    None begins again by itself: the next night or hour does the same, and a campaign
    that was not planned says so to those who wait for it.
    """
    lost = session.scalars(
        update(RunRow)
        .where(
            RunRow.state == RunState.RUNNING, RunRow.beat_at < machine_now - LOST_AFTER
        )
        .values(state=RunState.FAILED, step="", error=_LOST, finished_at=now)
        .returning(RunRow.id)
        .execution_options(synchronize_session=False)
    ).all()
    return {RunState.FAILED: len(lost)} if lost else {}


def forget(session: Session, *, now: datetime) -> None:
    """Remove runs that ended 90 days ago and more."""
    session.execute(
        delete(RunRow).where(
            RunRow.state.not_in(_GOING), RunRow.finished_at < now - KEPT
        )
    )


def _columns(run: NewRun, *, now: datetime) -> dict[str, object]:
    return {
        "kind": run.kind,
        "subject": run.subject,
        "step": "",
        "done": 0,
        "total": 0,
        "asked_at": now,
        "asked_by": run.actor,
    }


def _arguments(kind: RunKind, subject: str) -> dict[str, JobArgument]:
    if kind is RunKind.TRAIN:
        return {"asked": True}
    return {_ABOUT[kind]: subject} if kind in _ABOUT else {}


def _change(session: Session, held: Held, **values: object) -> bool:
    """Change a row, but only as the process that holds it."""
    found = session.scalar(
        update(RunRow)
        .where(
            RunRow.id == held.run.id,
            RunRow.state == RunState.RUNNING,
            RunRow.attempt == held.attempt,
        )
        .values(**values)
        .returning(RunRow.id)
        .execution_options(synchronize_session=False)
    )
    return found is not None
