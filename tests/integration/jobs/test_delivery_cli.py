"""``loyalty delivery``: what it says, what it changes, and its exit status."""

import json
from collections.abc import Callable, Iterator

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select, text, update

from jobs.cli.delivering import delivery_group
from loyalty.core import clock
from loyalty.core.clock import machine_now
from loyalty.core.database import Database
from loyalty.delivery import service as delivery
from loyalty.delivery.models import MessageRow
from loyalty.delivery.queries.pauses import list_pauses
from loyalty.delivery.queries.replays import list_replays
from loyalty.delivery.values import MessageID, MessageState, Reason
from tests.integration.delivery.shop import (
    NOON,
    POLICY,
    SECRET,
    add_members,
    marketing,
    open_database,
)

Ask = Callable[..., Result]


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    clock.use_source(lambda: NOON)
    yield
    clock.use_source(machine_now)


@pytest.fixture
def database(fresh_postgres_url: str) -> Iterator[Database]:
    opened = open_database(fresh_postgres_url)
    yield opened
    opened.engine.dispose()


@pytest.fixture
def ask(
    fresh_postgres_url: str, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> Ask:
    for name, value in {
        "LOYALTY_DATABASE_URL": fresh_postgres_url,
        "LOYALTY_REDIS_URL": redis_url,
        "LOYALTY_SECRET_KEY": SECRET,
    }.items():
        monkeypatch.setenv(name, value)

    def ask(*arguments: str) -> Result:
        return CliRunner().invoke(delivery_group, arguments)

    return ask


def plan(database: Database, count: int = 1) -> list[MessageID]:
    with database.transaction() as session:
        ids = add_members(session, count)
        planned = delivery.plan_messages(
            session, messages=[marketing(one) for one in ids], policy=POLICY, now=NOON
        )
    return [one.id for one in planned]


def fail(database: Database) -> None:
    with database.transaction() as session:
        session.execute(
            update(MessageRow).values(
                state=MessageState.FAILED, reason=Reason.GAVE_UP, finished_at=NOON
            )
        )


def states(database: Database) -> list[MessageState]:
    with database.transaction() as session:
        return list(session.scalars(select(MessageRow.state)))


class TestStatus:
    def test_says_what_waits_and_who_works(self, ask: Ask, database: Database) -> None:
        plan(database)
        with database.transaction() as session:
            session.execute(update(MessageRow).values(due_at=NOON))
            delivery.beat(
                session,
                name="dispatcher:here:1",
                kind="dispatcher",
                leads=True,
                machine_now=machine_now(),
            )
            delivery.tally(session, now=NOON.replace(minute=2))

        words, found = ask("status"), json.loads(ask("status", "--json").stdout)

        assert words.exit_code == 0
        assert "due        1, the oldest since 2026-11-24T12:00" in words.stdout
        assert found["due"]["email"] == 1
        assert found["leader"] == "dispatcher:here:1"
        assert found["last_hour"] == {"planned": 1}
        assert found["counted_until"] == "2026-11-24T12:02:00+00:00"


class TestVerify:
    def test_exits_with_0_while_the_books_balance(
        self, ask: Ask, database: Database
    ) -> None:
        plan(database, 2)

        answer = ask("verify")

        assert answer.exit_code == 0
        assert answer.stdout == "2 planned, 2 pending: the books balance.\n"

    def test_exits_with_1_and_says_what_is_wrong(
        self, ask: Ask, database: Database
    ) -> None:
        plan(database, 2)
        with database.transaction() as session:
            session.execute(text("DELETE FROM message WHERE id = 1"))

        words, found = ask("verify"), ask("verify", "--json")

        assert (words.exit_code, found.exit_code) == (1, 1)
        assert "Wrong: 1 keys without their message" in words.stdout
        assert "2 keys for 1 messages" in json.loads(found.stdout)["problems"]


class TestPause:
    def test_holds_until_it_is_resumed(self, ask: Ask, database: Database) -> None:
        done = [ask("pause", "channel:email")]
        with database.transaction() as session:
            paused = [(one.scope, one.paused_by) for one in list_pauses(session)]
        done.append(ask("resume", "channel:email"))

        assert [one.exit_code for one in done] == [0, 0]
        assert paused == [("channel:email", "cli")]
        with database.transaction() as session:
            assert list_pauses(session) == ()

    def test_of_what_is_not_paused_can_not_end(self, ask: Ask) -> None:
        answer = ask("resume", "all")

        assert answer.exit_code == 1
        assert "all is not paused." in answer.output


class TestStory:
    def test_says_what_happened(self, ask: Ask, database: Database) -> None:
        (one,) = plan(database)

        words = ask("story", str(one)).stdout
        found = json.loads(ask("story", str(one), "--json").stdout)

        assert words.startswith("2026-11-24T12:00:00+00:00  planned  ")
        assert "channel email" in words
        assert found["state"] == "planned"
        assert [event["what"] for event in found["events"]] == ["planned"]


class TestReplay:
    def test_plans_one_message_once_more(self, ask: Ask, database: Database) -> None:
        (one,) = plan(database)
        fail(database)

        answer = ask("replay", "--message", str(one))

        assert answer.stdout == "Message 1 is planned once more.\n"
        assert states(database) == [MessageState.PLANNED]

    def test_counts_many_and_plans_them_only_when_told(
        self, ask: Ask, database: Database
    ) -> None:
        plan(database, 3)
        fail(database)
        clock.use_source(lambda: NOON.replace(hour=13))

        counted = ask("replay", "--state", "failed", "--reason", "gave_up")
        with database.transaction() as session:
            before = list_replays(session)
        done = ask("replay", "--state", "failed", "--reason", "gave_up", "--yes")

        assert (
            counted.stdout
            == "3 messages ended like this: --yes plans them once more.\n"
        )
        assert before == []
        assert done.stdout == "3 messages are being planned once more.\n"
        with database.transaction() as session:
            assert [one.total for one in list_replays(session)] == [3]

    def test_asks_for_one_of_the_two(self, ask: Ask) -> None:
        assert ask("replay").exit_code == 2
        assert ask("replay", "--message", "1", "--state", "failed").exit_code == 2


class TestProviders:
    def test_says_that_there_are_none_yet(self, ask: Ask) -> None:
        assert ask("providers").stdout == "Nothing was handed to a provider yet.\n"
        assert json.loads(ask("providers", "--json").stdout) == []
