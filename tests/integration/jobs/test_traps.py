"""RQ's traps, one by one: without these settings it loses jobs or stalls."""

from collections.abc import Iterator

import pytest
from redis import Redis
from rq.job import Job
from rq.serializers import JSONSerializer

from jobs.metering import RqMeter
from jobs.queues import JOBS, AllowedJob, QueueName, RqQueue, open_queue
from jobs.worker import (
    FORKING,
    MAINTENANCE_SECONDS,
    WORKER_TTL_SECONDS,
    ForkingWorker,
    InProcessWorker,
    make_worker,
)
from loyalty.core.database import Database

_A_WEEK = 7 * 24 * 3600


@pytest.fixture
def redis(redis_url: str) -> Iterator[Redis]:
    with Redis.from_url(redis_url) as client:
        client.flushdb()
        yield client
        client.flushdb()


@pytest.fixture(params=list(QueueName))
def made(
    request: pytest.FixtureRequest, database: Database, redis: Redis
) -> InProcessWorker | ForkingWorker:
    name: QueueName = request.param
    return make_worker(name, redis, database, f"{name.value}:test:1")


def pushed(redis: Redis, name: str) -> Job:
    """Queue a job and read it as a worker would."""
    RqQueue(redis).push(name, {})
    (job,) = open_queue(JOBS[name].queue, redis).jobs
    return job


class TestEveryWorker:
    def test_serves_one_queue(self, made: InProcessWorker | ForkingWorker) -> None:
        assert len(made.queues) == 1

    def test_reads_and_writes_json_alone(
        self, made: InProcessWorker | ForkingWorker
    ) -> None:
        assert made.serializer is JSONSerializer
        assert made.queues[0].serializer is JSONSerializer

    def test_runs_jobs_of_the_table_alone(
        self, made: InProcessWorker | ForkingWorker
    ) -> None:
        assert made.job_class is AllowedJob
        assert made.queues[0].job_class is AllowedJob

    def test_finds_an_abandoned_job_within_a_minute(
        self, made: InProcessWorker | ForkingWorker
    ) -> None:
        assert made.worker_ttl == WORKER_TTL_SECONDS <= 20
        assert made.maintenance_interval == MAINTENANCE_SECONDS <= made.worker_ttl

    def test_forks_only_for_long_jobs(
        self, made: InProcessWorker | ForkingWorker
    ) -> None:
        forks = QueueName(made.queues[0].name) in FORKING
        assert isinstance(made, ForkingWorker) is forks


class TestWork:
    def test_runs_without_a_scheduler(self, database: Database, redis: Redis) -> None:
        made = make_worker(QueueName.DELIVERY, redis, database, "delivery:test:1")
        made.meter = RqMeter(redis)
        made.work(burst=True)

        assert made.scheduler is None
        assert redis.keys("rq:scheduler*") == []


class TestEveryJob:
    @pytest.mark.parametrize("name", sorted(JOBS))
    def test_is_kept_for_a_week_when_it_fails(self, redis: Redis, name: str) -> None:
        job = pushed(redis, name)

        assert job.failure_ttl == _A_WEEK  # RQ's own is a year
        assert job.result_ttl == 60
        assert job.timeout == JOBS[name].timeout

    @pytest.mark.parametrize("name", sorted(JOBS))
    def test_is_never_tried_later(self, redis: Redis, name: str) -> None:
        # Only RQ's scheduler would bring it back, and none runs.
        job = pushed(redis, name)

        assert not job.retry_intervals or set(job.retry_intervals) == {0}


class TestValkey:
    def test_forgets_nothing_for_want_of_memory(self, redis: Redis) -> None:
        assert redis.info("memory")["maxmemory_policy"] == "noeviction"
