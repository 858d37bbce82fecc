"""Delivery with real processes: workers, dispatchers and an SMTP server."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.request import urlopen

import pytest
from redis import Redis
from sqlalchemy import text, update

from loyalty.core.database import Database
from loyalty.customers.models import CustomerRow
from loyalty.customers.values import Channel
from loyalty.delivery import service as delivery
from loyalty.delivery.queries.monitor import list_heartbeats, verify
from loyalty.delivery.values import Books, MessageState
from tests.factories import make_shop
from tests.integration.delivery.shop import (
    POLICY,
    SECRET,
    add_members,
    marketing,
    open_database,
)

WORKER = """
from jobs.queues import QueueName
from jobs.worker import run_worker
from loyalty.settings import Settings
run_worker(Settings.from_environ(), QueueName.DELIVERY)
"""
DISPATCHER = """
from jobs.dispatcher import run_dispatcher
from loyalty.settings import Settings
run_dispatcher(Settings.from_environ())
"""
WEB = """
import sys
from gunicorn.app.wsgiapp import run
sys.argv = ["gunicorn", "--bind", "{address}", "--threads", "4", "wsgi:app"]
run()
"""
ROOT = Path(__file__).parents[3]
MESSAGES = 2000
PATIENCE_SECONDS = 240.0


@dataclass
class House:
    """The processes of one installation."""

    environment: dict[str, str]
    log: Path
    folder: Path
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, code: str) -> subprocess.Popen[bytes]:
        output = (self.folder / f"process-{len(self.running)}.log").open("wb")
        with output:
            process = subprocess.Popen(
                [sys.executable, "-c", code],
                cwd=ROOT,
                env=self.environment,
                stdout=output,
                stderr=output,
            )
        self.running.append(process)
        return process

    def start_web(self) -> str:
        """Start the web, and return the address that asks its database and queue."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            address = f"127.0.0.1:{free.getsockname()[1]}"
        self.start(WEB.format(address=address))
        return f"http://{address}/readyz"

    def stop(self) -> list[int]:
        for process in self.running:
            process.send_signal(signal.SIGTERM)
        return [process.wait(timeout=30) for process in self.running]

    def accepted(self) -> Counter[str]:
        """Count what the SMTP server says it accepted, by Message-ID."""
        return Counter(line.split()[0] for line in self.log.read_text().splitlines())

    def seconds_of_sending(self) -> float:
        """Return how long the server took from the first mail to the last."""
        moments = [float(line.split()[2]) for line in self.log.read_text().splitlines()]
        return max(moments) - min(moments)


@pytest.fixture
def smtp(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    log = tmp_path / "accepted.log"
    log.touch()
    server = subprocess.Popen(
        [sys.executable, str(Path(__file__).parent / "smtp_server.py"), str(log)],
        stdout=subprocess.PIPE,
    )
    assert server.stdout is not None
    port = int(server.stdout.readline())
    yield f"smtp://127.0.0.1:{port}", log
    server.terminate()
    server.wait(timeout=10)
    server.stdout.close()


@pytest.fixture
def house(
    smtp: tuple[str, Path], fresh_postgres_url: str, redis_url: str, tmp_path: Path
) -> Iterator[House]:
    url, log = smtp
    with Redis.from_url(redis_url) as client:
        client.flushdb()
    kept = {k: v for k, v in os.environ.items() if not k.startswith("LOYALTY_")}
    built = House(
        environment={
            **kept,
            "LOYALTY_DATABASE_URL": fresh_postgres_url,
            "LOYALTY_REDIS_URL": redis_url,
            "LOYALTY_SECRET_KEY": SECRET,
            "LOYALTY_SMTP_URL": url,
            "LOYALTY_DATA_DIR": str(tmp_path),
        },
        log=log,
        folder=tmp_path,
    )
    yield built
    for process in built.running:
        process.kill()
        process.wait(timeout=10)


@pytest.fixture
def database(house: House) -> Iterator[Database]:
    opened = open_database(house.environment["LOYALTY_DATABASE_URL"])
    with opened.transaction() as session:
        make_shop(session)
    yield opened
    opened.engine.dispose()


def zone_where_it_is_one_o_clock(now: datetime) -> str:
    """Name a zone in whose afternoon the test runs, whenever it runs."""
    ahead = 13 - now.hour
    return f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT"


def plan_due(database: Database, count: int) -> None:
    now = datetime.now(UTC)
    with database.transaction() as session:
        ids = add_members(session, count, channels=[Channel.EMAIL])
        session.execute(
            update(CustomerRow).values(time_zone=zone_where_it_is_one_o_clock(now))
        )
        planned = delivery.plan_messages(
            session,
            messages=[marketing(id_, not_after=now + timedelta(days=2)) for id_ in ids],
            policy=POLICY,
            now=now - timedelta(hours=2),
        )
    assert {message.state for message in planned} == {MessageState.PLANNED}


def books(database: Database) -> Books:
    with database.transaction() as session:
        return verify(session)


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < end, "too slow"
        time.sleep(0.2)


def ended(database: Database) -> int:
    with database.transaction() as session:
        count: int = session.execute(
            text("select count(*) from message where finished_at is not null")
        ).scalar_one()
    return count


def status_of(page: str) -> int:
    """Return the page's status; 0 when there is no answer."""
    try:
        with urlopen(page, timeout=10) as response:  # noqa: S310  # our own server
            status: int = response.status
    except OSError:
        return 0
    return status


class TestDelivery:
    def test_sends_each_of_2000_messages_once(
        self, house: House, database: Database
    ) -> None:
        plan_due(database, MESSAGES)
        started = time.monotonic()

        page = house.start_web()
        for code in (WORKER, WORKER, DISPATCHER, DISPATCHER):
            house.start(code)
        answers: list[int] = []

        def done() -> bool:
            answers.append(status_of(page))
            return ended(database) == MESSAGES

        wait_until(done)
        took = time.monotonic() - started

        accepted = house.accepted()
        assert len(accepted) == MESSAGES
        assert accepted.total() == MESSAGES
        assert books(database).by_state == {MessageState.SENT: MESSAGES}
        assert books(database).problems == ()
        with database.transaction() as session:
            beats = list_heartbeats(session)
            hands = session.execute(
                text("select worker, count(*) from message group by worker")
            ).all()
        assert sum(beat.leads for beat in beats) == 1
        assert Counter(beat.kind for beat in beats) == {"worker": 2, "dispatcher": 2}
        assert len(hands) == 2, "both workers took part"
        assert answers[-1] == 200
        assert set(answers[answers.index(200) :]) == {200}, "the web stayed up"
        assert house.stop() == [0, 0, 0, 0, 0]
        sending = house.seconds_of_sending()
        print(  # noqa: T201  # a figure for whoever looks
            f"{MESSAGES} messages: {sending:.1f} s of sending, {took:.1f} s with the"
            f" start of five processes; by worker: {hands}"
        )

    def test_a_killed_worker_costs_one_group_of_certainty_and_doubles_nothing(
        self, house: House, database: Database
    ) -> None:
        count = 600
        plan_due(database, count)
        doomed = house.start(WORKER)
        house.start(DISPATCHER)
        wait_until(lambda: house.accepted().total() > 30)
        doomed.kill()
        doomed.wait(timeout=10)
        with database.transaction() as session:
            # Sixty seconds pass.
            session.execute(
                text("update message set lease_until = lease_until - interval '2 min'")
            )

        house.start(WORKER)
        wait_until(lambda: ended(database) == count)

        found = books(database)
        accepted = house.accepted()
        unknown = found.by_state.get(MessageState.UNKNOWN, 0)
        assert found.problems == ()
        assert set(accepted.values()) == {1}
        assert unknown <= 20
        assert found.by_state[MessageState.SENT] + unknown == count
        assert count - unknown <= len(accepted) <= count

    def test_an_emptied_queue_loses_nothing(
        self, house: House, database: Database
    ) -> None:
        count = 300
        plan_due(database, count)
        house.start(DISPATCHER)
        with Redis.from_url(house.environment["LOYALTY_REDIS_URL"]) as client:
            wait_until(lambda: client.llen("rq:queue:delivery") > 0)
            client.flushdb()

        house.start(WORKER)
        wait_until(lambda: ended(database) == count)

        assert house.accepted().total() == count
        assert books(database).by_state == {MessageState.SENT: count}
