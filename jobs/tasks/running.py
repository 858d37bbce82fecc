"""A run of the recommender while it lasts: how far it is, and how it ended."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from loyalty.core.clock import machine_now, utc_now
from loyalty.core.database import Database
from loyalty.core.errors import LoyaltyError
from loyalty.recommendations.service import runs
from loyalty.recommendations.values import Document, Held, NewRun
from recommender.config import RecommenderError

Progress = Callable[[str, int, int], None]
"""Is told the step, how much of it is done, and how much there is."""

ANTICIPATED: Final = (LoyaltyError, RecommenderError)
"""Failures whose words are for people; others are bugs."""

_BEAT_SECONDS: Final = 30.0
_TELL_SECONDS: Final = 0.5
_BUG: Final = "Something unexpected went wrong; the log of the worker says what."

_log = logging.getLogger(__name__)


class RunLost(Exception):
    """The run was taken for dead and is not this process's any more."""


def quiet(_step: str, _done: int, _total: int) -> None:
    """Tell nobody."""


@dataclass(kw_only=True)
class Running:
    """What a run may say while it is being done."""

    database: Database
    held: Held
    also: Progress = quiet
    """Is told as well, as the bar of a command."""

    report: Document = field(default_factory=dict)
    model_version: str | None = None
    _next: float = 0.0
    _step: str = ""

    def tell(self, step: str, done: int, total: int) -> None:
        """
        Note how far the run is: each step at once, its progress twice a second.

        :raises RunLost: if the run was taken for dead meanwhile
        """
        now = time.monotonic()
        if step != self._step or now >= self._next or done >= total:
            self._keep(step, done, total, now)
        self.also(step, done, total)

    def _keep(self, step: str, done: int, total: int, now: float) -> None:
        self._step, self._next = step, now + _TELL_SECONDS
        with self.database.transaction() as session:
            ours = runs.advance(
                session,
                held=self.held,
                step=step,
                done=done,
                total=total,
                machine_now=machine_now(),
            )
        if not ours:
            message = f"Run {self.held.run.id} is not ours any more."
            raise RunLost(message)


@contextmanager
def running(
    database: Database, run: NewRun, *, now: datetime, also: Progress = quiet
) -> Iterator[Running]:
    """
    Do a run: its row says how far it is, that it lives, and how it ended.

    :raises RunGoing: if another process does the same
    """
    with database.transaction() as session:
        held = runs.begin(session, run=run, now=now, machine_now=machine_now())
    if held is None:
        message = "Another process does this at the moment, or has done it already."
        raise runs.RunGoing(message)
    doing = Running(database=database, held=held, also=also)
    try:
        with _beating(database, held):
            yield doing
    except BaseException as problem:
        _fail(database, held, problem)
        raise
    with database.transaction() as session:
        kept = runs.finish(
            session,
            held=held,
            report=doing.report,
            model_version=doing.model_version,
            now=utc_now(),
        )
    if not kept:
        _log.warning("Run %s was taken for dead, and was not", held.run.id)


def _fail(database: Database, held: Held, problem: BaseException) -> None:
    if isinstance(problem, RunLost):
        return
    words = str(problem) if isinstance(problem, ANTICIPATED) else _BUG
    with database.transaction() as session:
        runs.fail(session, held=held, error=words, now=utc_now())


@contextmanager
def _beating(database: Database, held: Held) -> Iterator[None]:
    """Say every half minute that the run lives, whatever it is busy with."""
    over = threading.Event()

    def beat() -> None:
        while not over.wait(_BEAT_SECONDS):
            try:
                with database.transaction() as session:
                    runs.beat(session, held=held, machine_now=machine_now())
            except SQLAlchemyError:
                _log.warning("The database can't be reached; run %s goes on", held.run)

    pulse = threading.Thread(target=beat, name=f"run-{held.run.id}", daemon=True)
    pulse.start()
    try:
        yield
    finally:
        over.set()
        pulse.join()
