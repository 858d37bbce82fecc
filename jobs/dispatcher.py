"""The dispatcher: rings bells for due work, and sweeps up after dead workers.

Any number may run; an advisory lock in PostgreSQL makes one of them lead. The lock
only saves work: two leaders would ring twice, which changes nothing.
"""

import logging
import os
import signal
import socket
import threading
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from types import FrameType

from sqlalchemy import Connection, func, select
from sqlalchemy.exc import DBAPIError

from jobs.channels import ChannelParts, open_channels
from jobs.channels.base import Channel
from jobs.queues import RqQueue, connect
from jobs.schedules import SCHEDULES, in_shop_time, schedules_of
from loyalty.core.clock import machine_now, utc_now
from loyalty.core.database import Database, open_engine
from loyalty.core.vault import Vault
from loyalty.customers.queries import has_changes
from loyalty.customers.values import Channel as ChannelName
from loyalty.delivery import service as delivery
from loyalty.delivery.queries.monitor import count_due, waits_for_upkeep
from loyalty.delivery.rules.gate import closed_until
from loyalty.delivery.rules.schedules import Schedule
from loyalty.delivery.service.claiming import SHARDS
from loyalty.delivery.service.gating import read_gates
from loyalty.delivery.values import MessageState
from loyalty.points.service import note_uptime
from loyalty.promotions.queries.backtests import queued_backtests
from loyalty.promotions.service import backtests
from loyalty.recommendations.queries import current_model, queued_runs
from loyalty.recommendations.service import runs
from loyalty.settings import Settings
from loyalty.webhooks.queries import waiting_endpoints

_SWEEPS = (("back-tests", backtests.sweep), ("recommender's runs", runs.sweep))

A_BELL = 2000
"""How many messages one bell asks for at most."""

_TICK_SECONDS = 1.0
_DEMO_TICK_SECONDS = 0.25
_ROUND_SECONDS = 5.0
LEADERS_LOCK = 0x10_7A_17  # any number, the same in every dispatcher

_log = logging.getLogger(__name__)


class Dispatcher:
    """One dispatcher process; call :meth:`tick` again and again."""

    def __init__(
        self,
        database: Database,
        queue: RqQueue,
        *,
        name: str,
        schedules: Sequence[Schedule] = SCHEDULES,
        channels: Mapping[ChannelName, Channel] | None = None,
    ) -> None:
        """
        Note what is rung and where.

        :param channels: those that have a provider here; None: any, each by its name
        """
        self._database = database
        self._queue = queue
        self._name = name
        self._schedules = schedules
        ways = channels or {}
        self._providers = {name: way.provider for name, way in ways.items()}
        self._askable = frozenset(name for name, way in ways.items() if way.askable)
        self._lock: Connection | None = None
        self._next_round = 0.0

    @property
    def leads(self) -> bool:
        """Whether this one holds the lock."""
        return self._lock is not None

    def tick(self) -> None:
        """
        Do what is due now; the one that does not lead only says that it is alive.

        :raises DBAPIError: if the database can't be reached
        """
        self._elect()
        a_round = time.monotonic() >= self._next_round
        if a_round:
            self._next_round = time.monotonic() + _ROUND_SECONDS
            self._beat()
        if not self.leads:
            return
        if a_round:
            self._sweep()
            self._sweep_runs()
        try:
            if a_round:
                self._ring_backtests()
                self._ring_runs()
                self._ring_webhooks()
            self._ring_changes()
            self._ring_schedules()
            self._ring_for_due()
        except ConnectionError:
            _log.warning("Valkey can't be reached: what is due stays due")

    def close(self) -> None:
        """Let another one lead."""
        lock, self._lock = self._lock, None
        if lock is not None:
            lock.invalidate()
            lock.close()

    def _elect(self) -> None:
        if self._lock is not None:
            try:
                self._lock.execute(select(1))
            except DBAPIError:
                # The lock went with the connection; somebody else may have it.
                self.close()
                raise
            return
        connection = self._database.engine.connect()
        connection = connection.execution_options(isolation_level="AUTOCOMMIT")
        if connection.scalar(select(func.pg_try_advisory_lock(LEADERS_LOCK))):
            self._lock = connection
            self._next_round = 0.0
            _log.info("Dispatcher %s leads", self._name)
            with self._database.transaction() as session:
                delivery.keep_schedules(
                    session,
                    schedules=in_shop_time(session, self._schedules),
                    now=utc_now(),
                )
        else:
            connection.close()

    def _beat(self) -> None:
        with self._database.transaction() as session:
            delivery.beat(
                session,
                name=self._name,
                kind="dispatcher",
                leads=self.leads,
                machine_now=machine_now(),
            )
            if self.leads:
                note_uptime(session, now=utc_now(), machine_now=machine_now())

    def _sweep(self) -> None:
        with self._database.transaction() as session:
            found = delivery.expire_leases(
                session,
                now=utc_now(),
                machine_now=machine_now(),
                askable=self._askable,
            )
        for state, count in found.items():
            level = logging.INFO if state is MessageState.PLANNED else logging.WARNING
            _log.log(level, "%s messages of a lost worker are now %s", count, state)

    def _sweep_runs(self) -> None:
        """Find long runs whose process is gone."""
        for what, sweep in _SWEEPS:
            with self._database.transaction() as session:
                found = sweep(session, now=utc_now(), machine_now=machine_now())
            for state, count in found.items():
                _log.warning("%s %s of a lost worker are now %s", count, what, state)

    def _ring_backtests(self) -> None:
        """Ring for back-tests whose bell was lost: they wait, and no job does."""
        with self._database.transaction() as session:
            waiting = queued_backtests(session)
        if waiting and not self._queue.waits("backtest"):
            for backtest_id in waiting:
                self._queue.push("backtest", {"backtest_id": backtest_id})

    def _ring_runs(self) -> None:
        """Ring for what the recommender was asked to do and no job waits for."""
        with self._database.transaction() as session:
            waiting = [runs.bell(run) for run in queued_runs(session)]
        for job, arguments in waiting:
            if not self._queue.waits(job):
                self._queue.push(job, arguments)

    def _ring_changes(self) -> None:
        """Ring once for customers whose recommendations are out of date."""
        with self._database.transaction() as session:
            waiting = has_changes(session) and current_model(session) is not None
        if waiting and not self._queue.waits("score_at_once"):
            self._queue.push("score_at_once", {})

    def _ring_webhooks(self) -> None:
        """Ring for what is due again, and for what a killed worker held."""
        with self._database.transaction() as session:
            waiting = waiting_endpoints(session, machine_now=machine_now())
        if waiting and not self._queue.waits("send_webhooks"):
            self._queue.push("send_webhooks", {})

    def _ring_schedules(self) -> None:
        with self._database.transaction() as session:
            for due in delivery.take_due_schedules(session, now=utc_now()):
                if self._queue.waits(due.job):
                    # One run does for all rings that come before it.
                    continue
                # Queued before the commit: a ring that fails stays due. One that is
                # queued twice, because the commit fails, may run twice.
                self._queue.push(due.job, due.arguments)

    def _ring_for_due(self) -> None:
        """Ring providers that may be used for what is due at them."""
        with self._database.transaction() as session:
            due = count_due(session, now=utc_now())
            gates = read_gates(session) if due else {}
            has_failed, in_doubt = waits_for_upkeep(session, now=utc_now())
        counts: defaultdict[str, int] = defaultdict(int)
        for channel, count in due.items():
            counts[self._providers.get(channel, channel.value)] += count
        now = machine_now()
        free = SHARDS * len(counts) - self._queue.waiting("drain") if counts else 0
        for provider, count in sorted(counts.items()):
            gate = gates.get(provider)
            if gate is not None and closed_until(gate, now=now) is not None:
                continue
            for shard in range(SHARDS) if count > A_BELL else (None,):
                if free > 0:
                    free -= 1
                    self._queue.push("drain", _bell(provider, shard))
        for job, waits in (("fall_back", has_failed), ("ask_about_unknown", in_doubt)):
            if waits and not self._queue.waits(job):
                self._queue.push(job, {})


def _bell(provider: str, shard: int | None) -> dict[str, int | str | bool | None]:
    return {"provider": provider, "shard": shard, "at_most": A_BELL}


def run_dispatcher(settings: Settings) -> None:
    """Run a dispatcher until the process is told to stop (SIGTERM, SIGINT)."""
    queue = RqQueue(connect(settings.redis_url))
    vault = Vault(settings.secret_key.get_secret_value())
    engine = open_engine(settings.database_url, pool_size=2)
    name = f"dispatcher:{socket.gethostname()}:{os.getpid()}"
    channels = open_channels(
        ChannelParts(settings=settings, vault=vault, public_url=settings.public_url)
    )
    dispatcher = Dispatcher(
        Database(engine, queue, vault),
        queue,
        name=name,
        schedules=schedules_of(settings),
        channels=channels,
    )
    stop = threading.Event()

    def ask_to_stop(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, ask_to_stop)
    signal.signal(signal.SIGINT, ask_to_stop)
    pause = _DEMO_TICK_SECONDS if settings.demo else _TICK_SECONDS
    try:
        while not stop.is_set():
            try:
                dispatcher.tick()
            except DBAPIError:
                _log.warning("The database can't be reached; trying again")
                stop.wait(_TICK_SECONDS)
            stop.wait(pause)
    finally:
        dispatcher.close()
        engine.dispose()
