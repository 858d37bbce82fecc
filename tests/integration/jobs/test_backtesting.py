"""Back-tests as jobs: through Valkey, a worker, processes and the dispatcher."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from redis import Redis
from rq import SimpleWorker
from rq.serializers import JSONSerializer

from jobs.context import WorkerContext, worker
from jobs.dispatcher import Dispatcher
from jobs.queues import AllowedJob, QueueName, RqQueue, open_queue
from jobs.tasks import backtesting
from loyalty.core.database import Database, open_engine
from loyalty.promotions.queries.backtests import get_backtest
from loyalty.promotions.service import backtests
from loyalty.promotions.values.backtests import BacktestID, BacktestState
from loyalty.usecases.backtest_promotion import PeriodAskedFor, ask_backtest
from loyalty.usecases.checkout import record_purchase
from tests.factories import (
    NOW,
    basket,
    make_shop,
    payment,
    promotion,
    small_vault,
)


@pytest.fixture
def redis(redis_url: str) -> Iterator[Redis]:
    with Redis.from_url(redis_url) as client:
        client.flushdb()
        yield client
        client.flushdb()


@pytest.fixture
def database(fresh_postgres_url: str, redis: Redis) -> Iterator[Database]:
    engine = open_engine(fresh_postgres_url)
    opened = Database(engine, RqQueue(redis), small_vault())
    with opened.transaction() as session:
        make_shop(session)
        for number in range(1, 7):
            record_purchase(
                session,
                request=basket(None, COFFEE=number),
                payment=payment(str(number), f"key-{number}"),
                now=NOW - timedelta(days=number),
            )
    context = WorkerContext(
        name="test",
        database=opened,
        vault=small_vault(),
        channels={},
        public_url="https://shop.example",
        data_dir=Path(),
    )
    token = worker.set(context)
    yield opened
    worker.reset(token)
    engine.dispose()


def ask(database: Database) -> BacktestID:
    with database.transaction() as session:
        return ask_backtest(
            session,
            promotion=promotion("draft"),
            period=PeriodAskedFor(),
            actor="staff:1",
            now=NOW,
        )


def work(redis: Redis) -> None:
    SimpleWorker(
        [open_queue(QueueName.RECOMMENDER, redis)],
        connection=redis,
        serializer=JSONSerializer,
        job_class=AllowedJob,
    ).work(burst=True)


def cost(database: Database, backtest_id: BacktestID) -> object:
    with database.transaction() as session:
        found = get_backtest(session, backtest_id=backtest_id)
    assert found.state is BacktestState.DONE
    assert found.result is not None
    return found.result["cost"]


class TestABacktestAsAJob:
    def test_is_done_by_the_worker_that_was_rung(
        self, database: Database, redis: Redis
    ) -> None:
        backtest_id = ask(database)

        work(redis)

        # A fifth of 21 coffees, rounded basket by basket.
        assert cost(database, backtest_id) == 2_096

    def test_says_the_same_with_processes(
        self, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(backtesting, "WORTH_PROCESSES", 1)
        monkeypatch.setattr("os.cpu_count", lambda: 2)
        backtest_id = ask(database)

        backtesting.backtest(backtest_id=backtest_id)

        assert cost(database, backtest_id) == 2_096

    def test_is_rung_for_again_when_its_worker_and_its_bell_are_lost(
        self, database: Database, redis: Redis
    ) -> None:
        backtest_id = ask(database)
        long_ago = datetime(2020, 1, 1, tzinfo=UTC)
        with database.transaction() as session:
            assert backtests.claim(
                session, backtest_id=backtest_id, machine_now=long_ago
            )
        redis.flushdb()
        dispatcher = Dispatcher(database, RqQueue(redis), name="test", schedules=())

        dispatcher.tick()
        dispatcher.close()
        work(redis)

        assert cost(database, backtest_id) == 2_096
