"""Every queue and every job there is, in one table each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError
from rq import Queue, Retry
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.utils import import_attribute

from loyalty.core.jobs import JobArgument

_KEEP_RESULT_SECONDS = 60
_KEEP_FAILURE_SECONDS = 7 * 24 * 3600


class QueueName(StrEnum):
    """The queues. A worker process serves one; each needs at least one worker."""

    DELIVERY = "delivery"
    DEFAULT = "default"
    RECOMMENDER = "recommender"
    """Training, planning and back-tests: long jobs, one at a time."""

    SCORING = "scoring"
    """What is recommended to customers of whom something changed: it does not wait
    for a training."""

    WEBHOOKS = "webhooks"
    """Other people's servers, which may be slow: nothing else waits for them."""

    DEMO = "demo"


class JobSpec(NamedTuple):
    """Where a job lives and how it is run."""

    path: str
    queue: QueueName
    timeout: int
    """Seconds until a run is ended."""

    retries: int = 0
    """Further tries, at once. A later try belongs to the row that is still due: RQ's
    own scheduler, which would have to wait, is not run."""


JOBS: Mapping[str, JobSpec] = {
    "drain": JobSpec(
        path="jobs.tasks.delivery.drain",
        queue=QueueName.DELIVERY,
        timeout=300,
    ),
    "send_wallet_link": JobSpec(
        path="jobs.tasks.links.send_wallet_link",
        queue=QueueName.DEFAULT,
        timeout=60,
    ),
    "train": JobSpec(
        path="jobs.tasks.training.train",
        queue=QueueName.RECOMMENDER,
        timeout=4 * 3600,
    ),
    "promote_model": JobSpec(
        path="jobs.tasks.models.promote_model",
        queue=QueueName.DEFAULT,
        timeout=300,
    ),
    "roll_back_model": JobSpec(
        path="jobs.tasks.models.roll_back_model",
        queue=QueueName.DEFAULT,
        timeout=300,
    ),
    "plan_campaign": JobSpec(
        path="jobs.tasks.planning.plan_campaign",
        queue=QueueName.RECOMMENDER,
        timeout=4 * 3600,
    ),
    "preview_campaign": JobSpec(
        path="jobs.tasks.previewing.preview_campaign",
        queue=QueueName.RECOMMENDER,
        timeout=4 * 3600,
    ),
    "top_up_campaigns": JobSpec(
        path="jobs.tasks.topping_up.top_up_campaigns",
        queue=QueueName.RECOMMENDER,
        timeout=4 * 3600,
    ),
    "score_all": JobSpec(
        path="jobs.tasks.scoring.score_all",
        queue=QueueName.RECOMMENDER,
        timeout=12 * 3600,
    ),
    "score_changed": JobSpec(
        path="jobs.tasks.rescoring.score_changed",
        queue=QueueName.SCORING,
        timeout=3600,
    ),
    "score_at_once": JobSpec(
        path="jobs.tasks.rescoring.score_at_once",
        queue=QueueName.SCORING,
        timeout=600,
    ),
    "backtest": JobSpec(
        path="jobs.tasks.backtesting.backtest",
        queue=QueueName.RECOMMENDER,
        timeout=4 * 3600,
    ),
    "learn_hours": JobSpec(
        path="jobs.tasks.delivery.learn_hours",
        queue=QueueName.DEFAULT,
        timeout=600,
    ),
    "expire_gift_cards": JobSpec(
        path="jobs.tasks.programme.expire_gift_cards",
        queue=QueueName.DEFAULT,
        timeout=600,
    ),
    "review_tiers": JobSpec(
        path="jobs.tasks.programme.review_tiers",
        queue=QueueName.DEFAULT,
        timeout=1800,
    ),
    "follow_merges": JobSpec(
        path="jobs.tasks.programme.follow_merges",
        queue=QueueName.DEFAULT,
        timeout=600,
    ),
    "settle_referrals": JobSpec(
        path="jobs.tasks.programme.settle_referrals",
        queue=QueueName.DEFAULT,
        timeout=600,
    ),
    "follow_households": JobSpec(
        path="jobs.tasks.programme.follow_households",
        queue=QueueName.DEFAULT,
        timeout=600,
    ),
    "verify_books": JobSpec(
        path="jobs.tasks.delivery.verify_books",
        queue=QueueName.DEFAULT,
        timeout=300,
    ),
    "count_deliveries": JobSpec(
        "jobs.tasks.watching.count_deliveries", QueueName.DEFAULT, 1800
    ),
    "replay_messages": JobSpec(
        "jobs.tasks.watching.replay_messages", QueueName.DEFAULT, 1800
    ),
    "break_lost_codes": JobSpec(
        path="jobs.tasks.codes.break_lost_codes",
        queue=QueueName.DEFAULT,
        timeout=600,
    ),
    "clear_quotes": JobSpec(
        path="jobs.tasks.quotes.clear_quotes",
        queue=QueueName.DEFAULT,
        timeout=600,
    ),
    "mature_points": JobSpec(
        path="jobs.tasks.points.mature_points",
        queue=QueueName.DEFAULT,
        timeout=600,
    ),
    "expire_points": JobSpec(
        path="jobs.tasks.points.expire_points",
        queue=QueueName.DEFAULT,
        timeout=1800,
    ),
    "seal_points": JobSpec(
        path="jobs.tasks.points.seal_points",
        queue=QueueName.DEFAULT,
        timeout=1800,
    ),
    "verify_points": JobSpec(
        path="jobs.tasks.points.verify_points",
        queue=QueueName.DEFAULT,
        timeout=3600,
    ),
    "send_webhooks": JobSpec(
        path="jobs.tasks.webhooks.send_webhooks",
        queue=QueueName.WEBHOOKS,
        timeout=1800,
    ),
    "clear_webhooks": JobSpec(
        path="jobs.tasks.webhooks.clear_webhooks",
        queue=QueueName.DEFAULT,
        timeout=600,
    ),
    "fast_forward": JobSpec(
        path="jobs.tasks.demo.fast_forward",
        queue=QueueName.DEMO,
        timeout=3600,
    ),
}
"""Every job by its name; the function has the same name and keyword arguments only."""


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
