"""How jobs go, counted in Valkey: any process can tell, whoever ran them.

The counts begin anew when Valkey is emptied, as Prometheus expects of counters.
"""

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from redis import Redis
from redis.exceptions import RedisError

from jobs.queues import JOBS, QueueName, open_queue
from loyalty.core.jobs import JobRuns

WITHIN_SECONDS = (0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 1800.0, 7200.0)
"""The bounds by which durations are counted: from a doorbell to a night's training."""

_KEY = "loyalty:job-runs"
_LONGER = "longer"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RqMeter:
    """Counts runs of jobs, and says how long the queues are."""

    connection: Redis

    def note(self, job: str, *, failed: bool, seconds: float) -> None:
        """Count one run; a Valkey that is away loses the count and nothing else."""
        bound = next((str(most) for most in WITHIN_SECONDS if seconds <= most), _LONGER)
        name = f"{job}|{'failed' if failed else 'done'}"
        try:
            with self.connection.pipeline(transaction=False) as pipeline:
                pipeline.hincrby(_KEY, f"{name}|{bound}", 1)
                pipeline.hincrbyfloat(_KEY, f"{name}|seconds", seconds)
                pipeline.execute()
        except RedisError:
            _log.warning("A run of %s is not counted: Valkey can't be reached", job)

    def lengths(self) -> Mapping[str, int]:
        """
        Return how many jobs wait in each queue.

        :raises ConnectionError: if Valkey can't be reached
        """
        try:
            return {
                name.value: open_queue(name, self.connection).count
                for name in QueueName
            }
        except RedisError as problem:
            raise ConnectionError(str(problem)) from problem

    def runs(self) -> Sequence[JobRuns]:
        """
        Return how the jobs of the table went that ended so far.

        :raises ConnectionError: if Valkey can't be reached
        """
        try:
            stored = cast("dict[bytes, bytes]", self.connection.hgetall(_KEY))
        except RedisError as problem:
            raise ConnectionError(str(problem)) from problem
        found: defaultdict[tuple[str, bool], dict[str, float]] = defaultdict(dict)
        for field, value in stored.items():
            job, outcome, what = field.decode().split("|")
            if job in JOBS:
                found[job, outcome == "failed"][what] = float(value)
        return [
            _runs(job, figures, failed=failed)
            for (job, failed), figures in sorted(found.items())
        ]


def _runs(job: str, figures: Mapping[str, float], *, failed: bool) -> JobRuns:
    within = []
    count = 0
    for bound in WITHIN_SECONDS:
        count += int(figures.get(str(bound), 0))
        within.append((bound, count))
    return JobRuns(
        job=job,
        failed=failed,
        count=count + int(figures.get(_LONGER, 0)),
        seconds=figures.get("seconds", 0.0),
        within=within,
    )
