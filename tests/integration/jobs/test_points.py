"""The jobs of the ledger, and the command that checks its books."""

import json
import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from redis import Redis
from sqlalchemy import select, text

from jobs.cli import commands
from jobs.context import WorkerContext, worker
from jobs.dispatcher import Dispatcher
from jobs.queues import RqQueue
from jobs.tasks import points as tasks
from loyalty.core.clock import machine_now, use_source
from loyalty.core.database import Database
from loyalty.customers.values import CustomerID
from loyalty.delivery.models import MessageRow
from loyalty.points.service import note_uptime
from tests.factories import NOW, enrol, small_vault
from tests.integration.points.ledger import days, earned, points_of, with_rule


@pytest.fixture
def ada(shared_database: Database) -> CustomerID:
    with shared_database.transaction() as session:
        return enrol(session).profile.id


@pytest.fixture
def clock(shared_database: Database) -> Iterator[list[datetime]]:
    """Give the clock of a worker that tasks run in: set its one element."""
    at = [NOW]
    use_source(lambda: at[0])
    context = WorkerContext(
        name="test",
        database=shared_database,
        vault=small_vault(),
        channels={},
        public_url="https://shop.example",
        data_dir=Path(),
    )
    token = worker.set(context)
    yield at
    worker.reset(token)
    use_source(machine_now)


def check(url: str, redis_url: str, *arguments: str) -> Result:
    return CliRunner().invoke(
        commands,
        ["ledger", *arguments],
        env={
            "LOYALTY_DATABASE_URL": url,
            "LOYALTY_REDIS_URL": redis_url,
            "LOYALTY_SECRET_KEY": "s" * 40,
        },
    )


class TestTasks:
    def test_let_points_mature_be_warned_of_and_expire(
        self, shared_database: Database, ada: CustomerID, clock: list[datetime]
    ) -> None:
        with_rule(shared_database, delay_days=5, lifetime_days=40)
        earned(shared_database, ada, 40)

        tasks.mature_points()
        assert points_of(shared_database, ada) == (0, 40, 0)
        states = []
        for day in range(1, 45):
            clock[0] = NOW + days(day)
            with shared_database.transaction() as session:
                note_uptime(session, now=clock[0], machine_now=NOW)
            tasks.mature_points()
            tasks.expire_points()
            states.append(points_of(shared_database, ada))

        assert states.index((40, 0, 0)) + 1 == 5
        assert states.index((0, 0, 0)) + 1 == 41
        with shared_database.transaction() as session:
            subjects = session.scalars(
                select(MessageRow.subject)
                .where(MessageRow.template == "expiring")
                .order_by(MessageRow.planned_at)
            ).all()
        assert subjects == ["points:first-warning", "points:last-warning"]

    @pytest.mark.usefixtures("clock")
    def test_seal_and_say_so_in_the_log(
        self,
        shared_database: Database,
        ada: CustomerID,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        earned(shared_database, ada, 40)

        with caplog.at_level(logging.INFO):
            tasks.seal_points()
            tasks.seal_points()

        said = [r.getMessage() for r in caplog.records if "Sealed" in r.getMessage()]
        assert len(said) == 1
        assert said[0].startswith("Sealed: number 1 over 1 movements and ")

    @pytest.mark.usefixtures("clock")
    def test_say_in_the_log_what_does_not_add_up(
        self,
        shared_database: Database,
        ada: CustomerID,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        earned(shared_database, ada, 40)
        tasks.verify_points()
        assert not caplog.records

        with shared_database.transaction() as session:
            session.execute(text("UPDATE points_account SET available = 41"))
        tasks.verify_points()

        assert caplog.records[0].levelno == logging.ERROR
        assert "Points don't add up" in caplog.records[0].getMessage()


class TestCommand:
    def test_finds_a_sound_ledger_sound(
        self,
        shared_database: Database,
        ada: CustomerID,
        fresh_postgres_url: str,
        redis_url: str,
    ) -> None:
        earned(shared_database, ada, 40)

        sealed = check(fresh_postgres_url, redis_url, "seal")
        done = check(fresh_postgres_url, redis_url, "verify")

        assert sealed.stdout.startswith("Seal 1: ")
        assert done.exit_code == 0
        assert done.stdout.startswith("1 movements of 1 members in ")
        assert "everything adds up" in done.stdout

    def test_says_what_is_wrong_and_exits_1(
        self,
        shared_database: Database,
        ada: CustomerID,
        fresh_postgres_url: str,
        redis_url: str,
    ) -> None:
        earned(shared_database, ada, 40)
        with shared_database.transaction() as session:
            session.execute(text("UPDATE points_lot SET remaining = 39"))

        done = check(fresh_postgres_url, redis_url, "verify")
        as_json = check(fresh_postgres_url, redis_url, "verify", "--json")

        assert done.exit_code == as_json.exit_code == 1
        assert "Wrong (3): What is left of a lot is what its uses leave." in done.stdout
        said = f"Member {ada}, lot 1.0: 39 of 40 points are left, its uses leave 40"
        assert said in done.stdout
        assert json.loads(as_json.stdout)["wrong"][0]["where"] == [said]


class TestUptime:
    def test_ends_with_ten_minutes_of_silence(self, shared_database: Database) -> None:
        minutes = [0, 5, 14, 30, 31]
        for minute in minutes:
            moment = NOW + timedelta(minutes=minute)
            with shared_database.transaction() as session:
                note_uptime(session, now=moment, machine_now=moment)

        assert [
            [(moment - NOW) // timedelta(minutes=1) for moment in stretch]
            for stretch in stretches(shared_database)
        ] == [[0, 14], [30, 31]]

    def test_is_noted_by_the_dispatcher_that_leads(
        self, shared_database: Database, clock: list[datetime], redis_url: str
    ) -> None:
        with Redis.from_url(redis_url) as redis:
            queue = RqQueue(redis)
            pair = [
                Dispatcher(shared_database, queue, name=name, schedules=())
                for name in ("one", "two")
            ]
            try:
                for place, dispatcher in enumerate(pair):
                    clock[0] = NOW + days(place)
                    dispatcher.tick()
            finally:
                for dispatcher in pair:
                    dispatcher.close()

        assert stretches(shared_database) == [(NOW, NOW)]


def stretches(database: Database) -> list[tuple[datetime, datetime]]:
    with database.transaction() as session:
        found = text("SELECT started_at, until FROM service_uptime ORDER BY 1")
        return [(start, until) for start, until in session.execute(found)]
