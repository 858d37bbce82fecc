"""Queues and jobs as workers and the dispatcher use them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError
from rq import Queue, Retry
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.utils import import_attribute

from jobs.queues.table import JOBS, JobSpec, QueueName
from loyalty.core.jobs import JobArgument

__all__ = [
    "JOBS",
    "AllowedJob",
    "JobNotAllowed",
    "JobSpec",
    "QueueName",
    "RqQueue",
    "connect",
    "open_queue",
]

_KEEP_RESULT_SECONDS = 60
_KEEP_FAILURE_SECONDS = 7 * 24 * 3600


class JobNotAllowed(Exception):
    """A queue holds a job that is not in the table."""


class AllowedJob(Job):
    """
    A job that runs only functions of the table ``JOBS``.

    RQ imports and calls whatever name it finds in Valkey, JSON or not; whoever can
    write there could run ``os.system``. The same goes for callbacks, and webhooks
    could be sent anywhere: neither is used here, so neither is read.
    """

    @property
    def func(self) -> Callable[..., Any]:
        """
        Return the function to run.

        :raises JobNotAllowed: if the table does not have it
        """
        name = self.func_name
        allowed = {spec.path for spec in JOBS.values()}
        if name not in allowed or self.instance is not None or self.args:
            message = f"job {self.id} asks for {name!r}, which is not in the table"
            raise JobNotAllowed(message)
        function: Callable[..., Any] = import_attribute(name)
        return function

    def restore(self, raw_data: dict[bytes, bytes]) -> None:
        """Read the job from Valkey, without what could make it call other things."""
        unwanted = (b"_callback_name", b"webhooks")
        super().restore(
            {
                key: value
                for key, value in raw_data.items()
                if not key.endswith(unwanted)
            }
        )


def connect(url: str) -> Redis:
    """Return a client for the Valkey or Redis server at this address."""
    return Redis.from_url(
        url, socket_connect_timeout=5, socket_timeout=5, health_check_interval=30
    )


def open_queue(name: str, connection: Redis) -> Queue:
    """Return the queue as workers and the dispatcher must use it."""
    return Queue(
        name, connection=connection, serializer=JSONSerializer, job_class=AllowedJob
    )


@dataclass(frozen=True, slots=True)
class RqQueue:
    """The queue that services get: names in, RQ jobs out, as JSON."""

    connection: Redis

    def push(self, name: str, arguments: dict[str, JobArgument]) -> None:
        """
        Queue the named job with the settings of its row in ``JOBS``.

        :raises ConnectionError: if Valkey can't be reached
        :raises KeyError: if there is no such job
        """
        spec = JOBS[name]
        try:
            open_queue(spec.queue, self.connection).enqueue_call(
                spec.path,
                kwargs=arguments,
                timeout=spec.timeout,
                result_ttl=_KEEP_RESULT_SECONDS,
                failure_ttl=_KEEP_FAILURE_SECONDS,
                description=name,
                retry=Retry(max=spec.retries) if spec.retries else None,
            )
        except (RedisConnectionError, RedisTimeoutError) as problem:
            raise ConnectionError(str(problem)) from problem

    def waits(self, name: str) -> bool:
        """
        Test whether such a job waits already, whatever its arguments.

        :raises ConnectionError: if Valkey can't be reached
        """
        try:
            jobs = open_queue(JOBS[name].queue, self.connection).jobs
        except (RedisConnectionError, RedisTimeoutError) as problem:
            raise ConnectionError(str(problem)) from problem
        return any(job.description == name for job in jobs)

    def waiting(self, name: str) -> int:
        """
        Return how many jobs wait in the queue that the named job goes to.

        :raises ConnectionError: if Valkey can't be reached
        """
        try:
            return open_queue(JOBS[name].queue, self.connection).count
        except (RedisConnectionError, RedisTimeoutError) as problem:
            raise ConnectionError(str(problem)) from problem
