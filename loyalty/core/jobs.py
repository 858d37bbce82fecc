"""Asking for background work, without knowing who does it.

A service asks for a job by name; the request reaches the queue only when the
transaction that caused it has committed. The queue itself is handed in by the
composition root, so nothing in ``loyalty`` imports ``jobs``.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import event
from sqlalchemy.orm import Session, sessionmaker

JobArgument = int | str | bool | None
"""What a job may be given: identifiers and plain values, never objects."""

_PENDING = "pending_jobs"

_log = logging.getLogger(__name__)


class JobQueue(Protocol):
    """Where jobs go once their transaction has committed."""

    def push(self, name: str, arguments: dict[str, JobArgument]) -> None:
        """
        Queue the named job.

        :raises ConnectionError: if the queue can't be reached
        """


@dataclass(frozen=True, kw_only=True, slots=True)
class JobRuns:
    """How all runs of one job that ended in one way went, since counting began."""

    job: str
    failed: bool
    count: int
    seconds: float
    """Of all runs together."""

    within: Sequence[tuple[float, int]]
    """How many runs took at most so many seconds, the fewest seconds first."""


class JobMeter(Protocol):
    """What is known of queues and of jobs that ran, for whoever watches."""

    def lengths(self) -> Mapping[str, int]:
        """
        Return how many jobs wait in each queue.

        :raises ConnectionError: if the queue can't be reached
        """

    def runs(self) -> Sequence[JobRuns]:
        """
        Return how the jobs went that ended so far.

        :raises ConnectionError: if the queue can't be reached
        """


class NoMeter:
    """A meter where nothing is counted."""

    def lengths(self) -> Mapping[str, int]:
        """Return that there is no queue."""
        return {}

    def runs(self) -> Sequence[JobRuns]:
        """Return that nothing ran."""
        return ()


class NoQueue:
    """A queue for processes that only read, or whose rows a sweep will find."""

    def push(self, name: str, arguments: dict[str, JobArgument]) -> None:
        """Drop the doorbell: the row that caused it stays due."""
        _log.debug("No queue here: %s%s is left to the next sweep", name, arguments)


def enqueue(session: Session, name: str, /, **arguments: JobArgument) -> None:
    """Ask for the named job once the session's transaction has committed."""
    session.info.setdefault(_PENDING, []).append((name, arguments))


def push_after_commit(sessions: sessionmaker[Session], queue: JobQueue) -> None:
    """Make every session of the factory hand its jobs over when it commits."""

    def hand_over(session: Session) -> None:
        for name, arguments in session.info.pop(_PENDING, []):
            try:
                queue.push(name, arguments)
            except ConnectionError:
                # The rows are committed and stay due, so the dispatcher's next
                # sweep finds the work: a lost job is late, not gone.
                _log.warning("Unable to queue job %s", name, exc_info=True)

    def forget(session: Session) -> None:
        session.info.pop(_PENDING, None)

    event.listen(sessions, "after_commit", hand_over)
    event.listen(sessions, "after_rollback", forget)
