"""What is recommended to customers of whom something changed, within seconds."""

import logging
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy.orm import Session

from jobs.context import worker
from jobs.tasks.desks import Stock, read_stock
from jobs.tasks.running import ANTICIPATED, Progress, quiet, running
from jobs.tasks.scoring import MOST_CHANGES, Told, open_for, recommend
from loyalty.core.clock import utc_now
from loyalty.core.database import Database
from loyalty.customers.queries import list_changes
from loyalty.customers.service.changes import forget_changes
from loyalty.recommendations.values import NewRun, RunKind
from recommender.registry import ModelNotFound

_REST_SECONDS: Final = 60.0
_REMEMBER_SECONDS: Final = 600.0

_log = logging.getLogger(__name__)


@dataclass(kw_only=True, slots=True)
class Remembered:
    """
    The catalogue as it was some minutes ago, for a worker that is rung every second.

    Reading a hundred thousand articles takes seconds. What is new in them is offered
    to everybody by the next hourly run.
    """

    kept: Stock | None = None
    until: float = 0.0

    def stock(self, session: Session, *, now: datetime) -> Stock:
        """Return it, read anew where it is older than ten minutes."""
        if self.kept is None or time.monotonic() >= self.until:
            self.kept = read_stock(session, now=now)
            self.until = time.monotonic() + _REMEMBER_SECONDS
        return self.kept


_REMEMBERED: Final = Remembered()


def recommend_again(
    database: Database,
    *,
    data_dir: Path,
    now: datetime,
    remembered: Remembered | None = None,
    progress: Progress = quiet,
) -> Told:
    """
    Recommend to those of whom something changed, and see to these changes.

    :param remembered: a catalogue that was read some minutes ago will do
    :raises ModelNotFound: if no model was trained yet; the changes stay
    """
    with database.transaction() as session:
        seen = list_changes(session, most=MOST_CHANGES)
        if not seen:
            return Told(customers=0, served=0, model_version=None)
        concerned = {change.standing for change in seen}
        concerned |= {change.customer_id for change in seen}
        stock = remembered.stock(session, now=now) if remembered else None
        desk = open_for(session, data_dir, concerned, now=now, stock=stock)
    told = recommend(database, desk, concerned, progress=progress)
    with database.transaction() as session:
        forget_changes(session, changes=seen)
    return told


def score_changed() -> None:
    """See to all changes, as a run that says so."""
    context = worker.get()
    new = NewRun(kind=RunKind.RESCORE)
    try:
        with running(context.database, new, now=utc_now()) as run:
            told = recommend_again(
                context.database,
                data_dir=context.data_dir,
                now=utc_now(),
                progress=run.tell,
            )
            run.report, run.model_version = told.as_dict(), told.model_version
    except ANTICIPATED as problem:
        _log.warning("Changes were not seen to: %s", problem)


def score_at_once() -> None:
    """
    See to changes as they happen; the hourly run finds what this one leaves.

    What fails rests for a minute: the dispatcher rings as long as there are changes.
    """
    context = worker.get()
    if time.monotonic() < context.not_before.get("score_at_once", 0.0):
        return
    try:
        told = recommend_again(
            context.database,
            data_dir=context.data_dir,
            now=utc_now(),
            remembered=_REMEMBERED,
        )
    except ModelNotFound:
        _log.debug("No model was trained yet")
    except ANTICIPATED as problem:
        context.not_before["score_at_once"] = time.monotonic() + _REST_SECONDS
        _log.warning("Changes were not seen to: %s", problem)
    else:
        _log.debug("Recommended after changes: %s", told)
