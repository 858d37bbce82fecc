"""Runs of the recommender while they last, and what the dispatcher makes of them."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from redis import Redis

from jobs.dispatcher import Dispatcher
from jobs.queues import QueueName, RqQueue, open_queue
from jobs.tasks.running import RunLost, running
from loyalty.core.database import Database
from loyalty.recommendations.queries import list_runs
from loyalty.recommendations.service import runs
from loyalty.recommendations.values import NewRun, RunKind, RunState
from recommender.training import NothingToLearn
from tests.factories import NOW

TRAINING = NewRun(kind=RunKind.TRAIN, actor="cli")
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def redis(redis_url: str) -> Iterator[Redis]:
    with Redis.from_url(redis_url) as client:
        client.flushdb()
        yield client
        client.flushdb()


class TestRunning:
    def test_keeps_what_came_of_it(self, database: Database) -> None:
        told: list[tuple[str, int, int]] = []
        with running(
            database, TRAINING, now=NOW, also=lambda *how_far: told.append(how_far)
        ) as run:
            run.tell("learning", 0, 2)
            run.tell("learning", 2, 2)
            run.report = {"households": 3}
            run.model_version = "v"
        with database.transaction() as session:
            (kept,) = list_runs(session)
        assert told == [("learning", 0, 2), ("learning", 2, 2)]
        assert (kept.state, kept.done, kept.total) == (RunState.DONE, 2, 2)
        assert (kept.report, kept.model_version) == ({"households": 3}, "v")
        assert kept.asked_by == "cli"

    def test_is_refused_while_another_process_does_it(self, database: Database) -> None:
        with (
            running(database, TRAINING, now=NOW),
            pytest.raises(runs.RunGoing, match="Another process"),
            running(database, TRAINING, now=NOW),
        ):
            pass
        with database.transaction() as session:
            (kept,) = list_runs(session)
        assert kept.state is RunState.DONE

    def test_says_in_words_why_it_failed(self, database: Database) -> None:
        message = "No purchase of a product in the catalogue."
        with (
            pytest.raises(NothingToLearn),
            running(database, TRAINING, now=NOW),
        ):
            raise NothingToLearn(message)
        with database.transaction() as session:
            (kept,) = list_runs(session)
        assert (kept.state, kept.error) == (RunState.FAILED, message)

    def test_leaves_the_details_of_a_bug_to_the_log(self, database: Database) -> None:
        with pytest.raises(ZeroDivisionError), running(database, TRAINING, now=NOW):
            _ = 1 / 0
        with database.transaction() as session:
            (kept,) = list_runs(session)
        assert kept.error is not None
        assert "the log of the worker says what" in kept.error

    def test_ends_when_it_was_taken_for_dead(self, database: Database) -> None:
        with running(database, TRAINING, now=NOW) as run:
            with database.transaction() as session:
                runs.fail(session, held=run.held, error="Lost.", now=NOW)
            with pytest.raises(RunLost):
                run.tell("learning", 1, 2)
        with database.transaction() as session:
            (kept,) = list_runs(session)
        assert (kept.state, kept.error) == (RunState.FAILED, "Lost.")


class TestTheDispatcher:
    def test_lets_a_run_fail_whose_process_was_killed(
        self, shared_database: Database, redis: Redis
    ) -> None:
        with shared_database.transaction() as session:
            runs.begin(session, run=TRAINING, now=NOW, machine_now=LONG_AGO)

        tick(shared_database, redis)

        with shared_database.transaction() as session:
            (kept,) = list_runs(session)
        assert kept.state is RunState.FAILED
        assert kept.error is not None
        assert kept.error.startswith("The process that did this was ended")

    def test_rings_once_for_what_was_asked_and_lost_its_bell(
        self, shared_database: Database, redis: Redis
    ) -> None:
        with shared_database.transaction() as session:
            runs.ask(session, run=NewRun(kind=RunKind.ROLL_BACK), now=NOW)

        tick(shared_database, redis)
        tick(shared_database, redis)

        waiting = open_queue(QueueName.DEFAULT, redis).jobs
        assert [job.description for job in waiting] == ["roll_back_model"]


def tick(database: Database, redis: Redis) -> None:
    dispatcher = Dispatcher(database, RqQueue(redis), name="test", schedules=())
    dispatcher.tick()
    dispatcher.close()
