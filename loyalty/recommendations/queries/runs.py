"""Reading runs of the recommender."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from loyalty.core.errors import NotFound
from loyalty.recommendations.models import RunRow
from loyalty.recommendations.values import Run, RunID, RunKind, RunState


class RunNotFound(NotFound):
    """There is no run with this number."""

    code = "run_not_found"


def get_run(session: Session, *, run_id: RunID) -> Run:
    """
    Return a run as it stands.

    :raises RunNotFound: if there is none
    """
    row = session.get(RunRow, run_id, populate_existing=True)
    if row is None:
        message = f"The recommender has no run {run_id}."
        raise RunNotFound(message)
    return to_run(row)


def list_runs(
    session: Session,
    *,
    kinds: Collection[RunKind] = tuple(RunKind),
    subject: str | None = None,
    limit: int = 20,
) -> tuple[Run, ...]:
    """Return the latest runs of these kinds, perhaps of one subject."""
    statement = select(RunRow).where(RunRow.kind.in_(kinds))
    if subject is not None:
        statement = statement.where(RunRow.subject == subject)
    rows = session.scalars(statement.order_by(RunRow.id.desc()).limit(limit))
    return tuple(to_run(row) for row in rows)


def latest_run(
    session: Session,
    *,
    kind: RunKind,
    subject: str = "",
    states: Collection[RunState] = tuple(RunState),
) -> Run | None:
    """Return the latest run of a kind in one of these states, or None."""
    row = session.scalar(
        select(RunRow)
        .where(RunRow.kind == kind, RunRow.subject == subject, RunRow.state.in_(states))
        .order_by(RunRow.id.desc())
        .limit(1)
    )
    return None if row is None else to_run(row)


def queued_runs(session: Session) -> tuple[Run, ...]:
    """Return the runs that wait for a process, the oldest first."""
    rows = session.scalars(
        select(RunRow).where(RunRow.state == RunState.QUEUED).order_by(RunRow.id)
    )
    return tuple(to_run(row) for row in rows)


def to_run(row: RunRow) -> Run:
    """Return a row as a value, for services."""
    return Run(
        id=row.id,
        kind=row.kind,
        subject=row.subject,
        state=row.state,
        step=row.step,
        done=row.done,
        total=row.total,
        asked_at=row.asked_at,
        asked_by=row.asked_by,
        started_at=row.started_at,
        finished_at=row.finished_at,
        model_version=row.model_version,
        report=row.report,
        error=row.error,
    )
