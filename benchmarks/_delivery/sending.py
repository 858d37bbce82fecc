"""Sending what is due: worker processes with all bookkeeping, beside bare loops."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Final

from redis import Redis
from sqlalchemy import delete, func, select

from benchmarks._delivery import bare
from benchmarks._delivery.effort import Effort
from benchmarks._delivery.shop import Shop, add_members, plan, tidy
from benchmarks._table import Table
from jobs.queues import RqQueue, connect
from loyalty.core.database import Database
from loyalty.delivery.models import HeartbeatRow, MessageRow
from loyalty.settings import Settings

A_BELL: Final = 500
_PATIENCE_SECONDS: Final = 900.0
_TICKS: Final = os.sysconf("SC_CLK_TCK")
_ROOT: Final = Path(__file__).parent.parent.parent


def tables(effort: Effort, shop: Shop) -> list[Table]:
    """Return one table of all ways, and what became of the messages."""
    table = Table(title="Sending by SMTP to a sink on loopback")
    add_members(shop.database, shop.vault, effort.sent)
    run = _Run(effort, shop)
    for row in run.rows():
        table.add(**row)
    table.notes += [f"Sink: {shop.sink.kind}; {run.counted}.", run.states()]
    return [table]


_Way = tuple[str, int, float, float | None]
"""What it is, how many mails, how many a second, a worker's CPU milliseconds."""


class _Run:
    """All ways to send, one after another, to one sink."""

    def __init__(self, effort: Effort, shop: Shop) -> None:
        self._effort = effort
        self._shop = shop
        self._settings = shop.settings
        self._database = shop.database
        self._sink = shop.sink
        self._mail = bare.a_mail(shop.vault)
        self._bare: dict[str, list[float]] = {"plain": [], "pipelined": []}
        self._expected = 0

    @property
    def counted(self) -> str:
        """Say what the sink has counted, and what it should have."""
        return f"it counted {self._sink.count:,} mails of {self._expected:,}"

    def rows(self) -> Iterator[dict[str, object]]:
        """Yield a row for each way; bare loops run before, between and after."""
        found: list[_Way] = []
        count = self._effort.sent
        self._loops()
        for workers in (1, 2):
            rate, cpu = self._work(count, workers=workers, a_bell=A_BELL)
            found.append((f"{workers} worker(s), all bookkeeping", count, rate, cpu))
            self._loops()
        one = self._effort.one_by_one
        rate, cpu = self._work(one, workers=1, a_bell=1)
        found.append(("1 worker, a job a message", one, rate, cpu))
        yield from self._compared(found)

    def _compared(self, found: list[_Way]) -> Iterator[dict[str, object]]:
        plain, ahead = (median(self._bare[name]) for name in ("plain", "pipelined"))
        every = self._effort.bare
        found.insert(0, ("bare loop, smtplib.sendmail", every, plain, None))
        found.insert(1, ("bare loop, pipelined", every, ahead, None))
        for way, mails, rate, cpu in found:
            yield {
                "way": way,
                "mails": mails,
                "mails a second": rate,
                "of smtplib's": rate / plain,
                "of the pipelined": rate / ahead,
                "worker's CPU ms": "-" if cpu is None else round(cpu, 3),
            }

    def states(self) -> str:
        """Say in which states the messages are."""
        counts = select(MessageRow.state, func.count()).group_by(MessageRow.state)
        with self._database.transaction() as session:
            found = session.execute(counts).all()
        return "Messages: " + ", ".join(f"{count:,} {state}" for state, count in found)

    def _loops(self) -> None:
        for name, loop in (("plain", bare.plain), ("pipelined", bare.pipelined)):
            rate = loop(self._sink.port, self._mail, self._effort.bare)
            self._bare[name].append(rate)
            self._expected += self._effort.bare

    def _work(self, count: int, *, workers: int, a_bell: int) -> tuple[float, float]:
        """Return the mails a second, and the workers' CPU milliseconds a mail."""
        occasion = f"{workers}-{a_bell}"
        ids = range(1, count + 1)
        plan(self._database, ids, occasion=occasion, brought_forward=True)
        tidy(self._shop)
        queue = RqQueue(connect(self._settings.redis_url))
        with _workers(self._settings, self._database, workers) as processes:
            before, cpu = self._sink.count, _cpu(processes)
            began = time.perf_counter()
            for _ in range(-(-count // a_bell) + workers):
                asked = {"provider": "smtp", "shard": None, "at_most": a_bell}
                queue.push("drain", asked)
            self._wait(before + count, processes)
            seconds = time.perf_counter() - began
            cpu = _cpu(processes) - cpu
            _wait_until_idle(queue.connection)
        self._expected += count
        return count / seconds, cpu / count * 1_000

    def _wait(self, count: int, processes: list[subprocess.Popen[bytes]]) -> None:
        until = time.monotonic() + _PATIENCE_SECONDS
        while self._sink.count < count:
            if time.monotonic() > until or any(one.poll() for one in processes):
                message = f"no more mails came: {self._sink.count} of {count}"
                raise RuntimeError(message)
            time.sleep(0.01)


@contextmanager
def _workers(
    settings: Settings, database: Database, count: int
) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Run workers as the service does, and give them when they are ready."""
    environ = {**os.environ, **settings.as_environ()}
    arguments = [sys.executable, "-m", "jobs.cli", "worker", "delivery"]
    with database.transaction() as session:
        session.execute(delete(HeartbeatRow))
    with tempfile.TemporaryFile() as log:
        processes = [
            subprocess.Popen(  # noqa: S603  # our own
                arguments, env=environ, cwd=_ROOT, stdout=log, stderr=log
            )
            for _ in range(count)
        ]
        try:
            _wait_for(database, count, processes)
            yield processes
        except RuntimeError as problem:
            log.seek(0)
            problem.add_note(log.read().decode()[-4_000:])
            raise
        finally:
            for process in processes:
                process.terminate()
            for process in processes:
                process.wait()


def _wait_for(
    database: Database, count: int, processes: list[subprocess.Popen[bytes]]
) -> None:
    alive = select(func.count()).where(HeartbeatRow.kind == "worker")
    for _ in range(600):
        with database.transaction() as session:
            if session.scalar(alive) == count:
                return
        if any(process.poll() is not None for process in processes):
            break
        time.sleep(0.1)
    message = "the workers did not start"
    raise RuntimeError(message)


def _wait_until_idle(connection: Redis) -> None:
    """Let the bells that found nothing be heard, or the next run would hear them."""
    for _ in range(600):
        if not connection.exists("rq:queue:delivery"):
            return
        time.sleep(0.05)


def _cpu(processes: list[subprocess.Popen[bytes]]) -> float:
    """Return the processor seconds that processes have taken."""
    total = 0
    for process in processes:
        fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2]
        total += sum(int(part) for part in fields.split()[11:13])
    return total / _TICKS
