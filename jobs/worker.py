"""A worker process: one queue, the parts its tasks need, and a clean end."""

import gc
import logging
import os
import socket
import time

from redis import Redis
from redis.client import Pipeline
from redis.exceptions import RedisError
from rq import SimpleWorker, Worker
from rq.executions import Execution
from rq.job import Job
from rq.queue import Queue
from rq.serializers import JSONSerializer
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from jobs.alerting import Alerts, AlertsNotReady, open_alerts
from jobs.channels import ChannelParts, open_channels
from jobs.context import WorkerContext, worker
from jobs.metering import RqMeter
from jobs.posting import Poster
from jobs.queues import AllowedJob, QueueName, RqQueue, connect, open_queue
from loyalty.core.clock import machine_now
from loyalty.core.database import Database, open_engine
from loyalty.core.vault import Vault
from loyalty.delivery import service as delivery
from loyalty.settings import Settings

FORKING = frozenset({QueueName.RECOMMENDER})
"""Queues whose jobs run in a process of their own: training takes memory and runs
native code. The others run in the worker, which keeps its connections."""

WORKER_TTL_SECONDS = 20
MAINTENANCE_SECONDS = 15
_BEAT_SECONDS = 10.0

_log = logging.getLogger(__name__)


class NotReady(Exception):
    """A server that the worker needs can't be used; the message says which."""


class _Beating:
    """Says in the database, too, that the process is alive."""

    database: Database
    meter: RqMeter
    alerts: Alerts | None = None
    name: str
    _next_beat = 0.0

    def beat(self) -> None:
        """Note the process as alive, at most every ten seconds."""
        if time.monotonic() < self._next_beat:
            return
        self._next_beat = time.monotonic() + _BEAT_SECONDS
        try:
            with self.database.transaction() as session:
                delivery.beat(
                    session,
                    name=self.name,
                    kind="worker",
                    leads=False,
                    machine_now=machine_now(),
                )
                if self.alerts is not None:
                    self.alerts.look(session, machine_now=machine_now())
        except SQLAlchemyError:
            _log.warning("The database can't be reached; the worker goes on trying")

    def note_run(self, job: Job, started: float, *, done: bool) -> None:
        """Count a run that has ended."""
        took = time.monotonic() - started
        self.meter.note(job.description or "", failed=not done, seconds=took)


class InProcessWorker(_Beating, SimpleWorker):
    """Runs jobs itself: made for many short ones that share connections."""

    def perform_job(self, job: Job, queue: Queue, execution: Execution) -> bool:
        """Run a job, and count how it went."""
        started = time.monotonic()
        done = super().perform_job(job, queue, execution)
        self.note_run(job, started, done=done)
        return done

    def heartbeat(
        self, timeout: int | None = None, pipeline: Pipeline | None = None
    ) -> None:
        """Say that the worker is alive."""
        super().heartbeat(timeout, pipeline)
        self.beat()


class ForkingWorker(_Beating, Worker):
    """Runs each job in a child: memory comes back, a crash costs one job."""

    def perform_job(self, job: Job, queue: Queue, execution: Execution) -> bool:
        """Run a job in the child, and count how it went."""
        started = time.monotonic()
        done = super().perform_job(job, queue, execution)
        self.note_run(job, started, done=done)
        return done

    def heartbeat(
        self, timeout: int | None = None, pipeline: Pipeline | None = None
    ) -> None:
        """Say that the worker is alive."""
        super().heartbeat(timeout, pipeline)
        self.beat()

    def fork_work_horse(self, job: Job, queue: Queue) -> None:
        """Fork without open database connections: two processes can't share one."""
        self.database.engine.dispose()
        super().fork_work_horse(job, queue)


def run_worker(settings: Settings, queue: QueueName) -> None:
    """
    Serve one queue until the process is told to stop (SIGTERM, SIGINT).

    The job at hand is finished first. What a killed worker held is found by the
    dispatcher when its lease ends.

    :raises NotReady: if the database or Valkey can't be used
    """
    connection = connect(settings.redis_url)
    vault = Vault(settings.secret_key.get_secret_value())
    engine = open_engine(settings.database_url, pool_size=2)
    database = Database(engine, RqQueue(connection), vault)
    _check(database, connection)
    name = f"{queue.value}:{socket.gethostname()}:{os.getpid()}"
    channels = open_channels(
        ChannelParts(settings=settings, vault=vault, public_url=settings.public_url)
    )
    context = WorkerContext(
        name=name,
        database=database,
        vault=vault,
        channels=channels,
        public_url=settings.public_url,
        data_dir=settings.data_dir,
        models_kept=settings.models_kept,
        dask_scheduler=settings.dask_scheduler,
        poster=Poster(allow_private=settings.webhook_allow_private),
    )
    urls = settings.alert_urls
    try:
        alerts = open_alerts(urls.get_secret_value() if urls else None)
    except AlertsNotReady as problem:
        raise NotReady(str(problem)) from problem
    if queue is QueueName.DELIVERY:
        _note_providers(context, settings)
    token = worker.set(context)
    try:
        made = make_worker(queue, connection, database, name)
        made.alerts = alerts
        # What was imported stays; looking through it for garbage, again and again,
        # would take a tenth of a sender's time.
        gc.collect()
        gc.freeze()
        made.work(logging_level=settings.log_level)
    finally:
        worker.reset(token)
        engine.dispose()


def _note_providers(context: WorkerContext, settings: Settings) -> None:
    rates = settings.rates
    with context.database.transaction() as session:
        delivery.keep_providers(
            session,
            rates={
                way.provider: rates.get(way.provider)
                for way in context.channels.values()
            },
            machine_now=machine_now(),
        )


def make_worker(
    queue: QueueName, connection: Redis, database: Database, name: str
) -> InProcessWorker | ForkingWorker:
    """Return the RQ worker of one queue, as it must be set up to lose nothing."""
    kind = ForkingWorker if queue in FORKING else InProcessWorker
    made = kind(
        [open_queue(queue, connection)],
        name=name,
        connection=connection,
        job_class=AllowedJob,
        serializer=JSONSerializer,
        worker_ttl=WORKER_TTL_SECONDS,
        maintenance_interval=MAINTENANCE_SECONDS,
        log_job_description=False,
    )
    made.log_result_lifespan = False
    made.database = database
    made.meter = RqMeter(connection)
    return made


def _check(database: Database, connection: Redis) -> None:
    try:
        with database.transaction() as session:
            session.execute(text("select 1"))
    except SQLAlchemyError as problem:
        message = "the database can't be used: check LOYALTY_DATABASE_URL"
        raise NotReady(message) from problem
    try:
        connection.ping()
    except RedisError as problem:
        message = "Valkey can't be used: check LOYALTY_REDIS_URL"
        raise NotReady(message) from problem
