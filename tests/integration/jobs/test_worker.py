"""Jobs through a real Valkey, in a real worker: what runs, and what does not."""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from redis import Redis
from rq import SimpleWorker
from rq.job import Job, JobStatus
from rq.queue import Queue
from rq.serializers import JSONSerializer
from sqlalchemy import select

from jobs.channels.base import (
    Answer,
    Channel,
    NotTried,
    PermanentFailure,
    Sender,
    TemporaryFailure,
    Unknown,
)
from jobs.context import WorkerContext, worker
from jobs.dispatcher import Dispatcher
from jobs.queues import AllowedJob, QueueName, RqQueue, open_queue
from jobs.tasks.delivery import ask_about_unknown, drain
from loyalty.core.clock import machine_now, use_source
from loyalty.core.database import Database
from loyalty.core.vault import Vault
from loyalty.customers.values import Channel as ChannelName
from loyalty.delivery import service as delivery
from loyalty.delivery.models import MessageRow, ScheduleRow
from loyalty.delivery.queries.monitor import list_heartbeats, verify
from loyalty.delivery.rules.gate import BREAKS_AFTER
from loyalty.delivery.rules.schedules import Schedule
from loyalty.delivery.service.claiming import SHARDS
from loyalty.delivery.values import MessageState, OutgoingMessage
from loyalty.stores.queries import get_programme
from loyalty.stores.service import save_programme
from tests.factories import make_shop
from tests.integration.delivery.shop import (
    NOON,
    POLICY,
    SECRET,
    add_members,
    marketing,
    open_database,
)

A_BELL: dict[str, str | int | bool | None] = {
    "provider": "scripted",
    "shard": None,
    "at_most": 10,
}


class Scripted(Channel, Sender):
    """A channel that fails as told, and remembers what went through."""

    provider = "scripted"

    def __init__(self) -> None:
        self.sent: list[OutgoingMessage] = []
        self.failures: dict[int, Exception] = {}
        self.at_call: dict[int, Callable[[], None]] = {}
        self.calls = 0
        self.opened = 0

    @contextmanager
    def open(self) -> Iterator[Sender]:
        self.opened += 1
        yield self

    def send(self, message: OutgoingMessage) -> None:
        self.calls += 1
        self.at_call.get(self.calls, lambda: None)()
        failure = self.failures.get(self.calls)
        if failure is not None:
            raise failure
        self.sent.append(message)


class Askable(Channel):
    """The same, and it knows what it got: every second message."""

    provider = "scripted"

    def __init__(self, way: Scripted) -> None:
        self.way = way
        self.asked = 0

    def open(self) -> AbstractContextManager[Sender]:
        return self.way.open()

    def ask(self, handover_key: str) -> Answer | None:
        assert handover_key
        self.asked += 1
        return Answer(accepted=self.asked % 2 == 0)


@pytest.fixture
def noon() -> Iterator[None]:
    """Let the shop's clock stand two hours after messages were planned."""
    use_source(lambda: NOON.replace(hour=14))
    yield
    use_source(machine_now)


@pytest.fixture
def database(fresh_postgres_url: str) -> Iterator[Database]:
    opened = open_database(fresh_postgres_url)
    with opened.transaction() as session:
        make_shop(session)
    yield opened
    opened.engine.dispose()


@pytest.fixture
def redis(redis_url: str) -> Iterator[Redis]:
    with Redis.from_url(redis_url) as client:
        client.flushdb()
        yield client
        client.flushdb()


@pytest.fixture
def channel(database: Database, noon: None) -> Iterator[Scripted]:
    assert noon is None
    scripted = Scripted()
    token = worker.set(
        WorkerContext(
            name="test",
            database=database,
            vault=Vault(SECRET),
            channels={ChannelName.EMAIL: scripted},
            public_url="https://shop.example",
            data_dir=Path(),
        )
    )
    yield scripted
    worker.reset(token)


def plan(database: Database, count: int) -> None:
    with database.transaction() as session:
        ids = add_members(session, count)
        delivery.plan_messages(
            session, messages=[marketing(id_) for id_ in ids], policy=POLICY, now=NOON
        )


def counts(database: Database) -> dict[MessageState, int]:
    with database.transaction() as session:
        books = verify(session)
    assert books.problems == ()
    return dict(books.by_state)


def work(redis: Redis) -> None:
    SimpleWorker(
        [open_queue(QueueName.DELIVERY, redis)],
        connection=redis,
        serializer=JSONSerializer,
        job_class=AllowedJob,
    ).work(burst=True)


class TestDrain:
    def test_sends_what_is_due_over_one_connection(
        self, database: Database, channel: Scripted
    ) -> None:
        plan(database, 45)

        drain(provider="scripted", shard=None, at_most=500)
        drain(provider="scripted", shard=None, at_most=500)

        assert counts(database) == {MessageState.SENT: 45}
        assert len({message.handover_key for message in channel.sent}) == 45
        assert channel.opened == 2
        assert channel.sent[0].address == "member1@example.org"
        assert channel.sent[0].text.startswith("Hello Ada,")

    @pytest.mark.usefixtures("channel")
    def test_sends_no_more_than_it_was_asked_to(self, database: Database) -> None:
        plan(database, 30)

        drain(provider="scripted", shard=None, at_most=10)

        assert counts(database) == {MessageState.SENT: 10, MessageState.PLANNED: 20}

    def test_heeds_settings_changed_while_it_runs(
        self, database: Database, channel: Scripted
    ) -> None:
        plan(database, 1)
        with database.transaction() as session:
            quiet = replace(
                get_programme(session),
                quiet_from_minute=13 * 60,
                quiet_until_minute=15 * 60,
            )
            save_programme(session, programme=quiet, actor="staff:1", now=NOON)

        drain(provider="scripted", shard=None, at_most=500)

        assert channel.sent == []
        assert counts(database) == {MessageState.PLANNED: 1}

    def test_one_failure_does_not_stop_the_others(
        self, database: Database, channel: Scripted
    ) -> None:
        plan(database, 5)
        channel.failures = {
            1: TemporaryFailure("451"),
            2: PermanentFailure("550", bad_address=True),
            3: Unknown("gone"),
        }

        drain(provider="scripted", shard=None, at_most=500)

        assert counts(database) == {
            MessageState.PLANNED: 1,
            MessageState.FAILED: 1,
            MessageState.UNKNOWN: 1,
            MessageState.SENT: 2,
        }

    def test_stops_when_the_provider_takes_nothing(
        self, database: Database, channel: Scripted
    ) -> None:
        plan(database, 100)
        channel.failures = {n: TemporaryFailure("421") for n in range(1, 101)}

        drain(provider="scripted", shard=None, at_most=500)

        assert channel.calls == 20
        assert counts(database) == {MessageState.PLANNED: 100}

    def test_leaves_a_provider_alone_that_names_an_hour(
        self, database: Database, channel: Scripted
    ) -> None:
        plan(database, 30)
        channel.failures = {3: TemporaryFailure("429 slowly", retry_after=900)}

        drain(provider="scripted", shard=None, at_most=500)
        drain(provider="scripted", shard=None, at_most=500)

        assert channel.calls == 3
        assert counts(database) == {MessageState.SENT: 2, MessageState.PLANNED: 28}
        with database.transaction() as session:
            assert verify(session).problems == ()
            tried = session.scalars(select(MessageRow.attempts)).all()
            assert sorted(tried) == [0] * 27 + [1] * 3

    def test_stops_asking_when_the_way_is_gone(
        self, database: Database, channel: Scripted
    ) -> None:
        plan(database, 30)
        channel.failures = {n: NotTried("no route") for n in range(1, 100)}

        for _ in range(BREAKS_AFTER + 3):
            drain(provider="scripted", shard=None, at_most=500)

        assert channel.calls == BREAKS_AFTER
        assert counts(database) == {MessageState.PLANNED: 30}
        with database.transaction() as session:
            assert set(session.scalars(select(MessageRow.attempts))) == {0}

    def test_claims_only_what_the_provider_takes(
        self, database: Database, channel: Scripted
    ) -> None:
        plan(database, 30)
        with database.transaction() as session:
            delivery.keep_providers(
                session, rates={"scripted": 0.001}, machine_now=machine_now()
            )

        drain(provider="scripted", shard=None, at_most=500)
        drain(provider="scripted", shard=None, at_most=500)

        assert channel.calls == 1
        assert counts(database) == {MessageState.SENT: 1, MessageState.PLANNED: 29}

    def test_the_parts_of_the_customers_are_everybody(
        self, database: Database, channel: Scripted
    ) -> None:
        plan(database, 30)

        sizes = []
        for shard in range(SHARDS):
            before = len(channel.sent)
            drain(provider="scripted", shard=shard, at_most=500)
            sizes.append(len(channel.sent) - before)

        assert sum(sizes) == 30
        assert min(sizes) > 0

    def test_a_pause_holds_back_the_next_group(
        self, database: Database, channel: Scripted
    ) -> None:
        plan(database, 60)

        def pause() -> None:
            with database.transaction() as session:
                delivery.pause(session, scope="all", actor="staff:1", now=NOON)

        channel.at_call = {5: pause}
        drain(provider="scripted", shard=None, at_most=500)

        assert channel.calls == 20
        assert counts(database) == {MessageState.SENT: 20, MessageState.PLANNED: 40}

    def test_asks_about_what_is_in_doubt(
        self, database: Database, channel: Scripted
    ) -> None:
        plan(database, 3)
        channel.failures = {1: Unknown("cut off"), 2: Unknown("cut off")}
        token = worker.set(
            replace(worker.get(), channels={ChannelName.EMAIL: Askable(channel)})
        )
        drain(provider="scripted", shard=None, at_most=500)
        assert counts(database) == {MessageState.SENT: 1, MessageState.UNKNOWN: 2}

        use_source(lambda: NOON.replace(hour=14, minute=1))
        ask_about_unknown()

        assert counts(database) == {MessageState.SENT: 2, MessageState.PLANNED: 1}
        worker.reset(token)


class TestWorker:
    def test_runs_a_job_of_the_table(
        self, database: Database, channel: Scripted, redis: Redis
    ) -> None:
        plan(database, 3)
        RqQueue(redis).push(
            "drain", {"provider": "scripted", "shard": None, "at_most": 10}
        )

        work(redis)

        assert len(channel.sent) == 3

    @pytest.mark.usefixtures("channel")
    def test_refuses_os_system_in_json_and_goes_on(
        self, redis: Redis, tmp_path: Path
    ) -> None:
        trace = tmp_path / "trace"
        plain = Queue(QueueName.DELIVERY, connection=redis, serializer=JSONSerializer)
        hostile = plain.enqueue_call("os.system", args=(f"touch {trace}",))
        RqQueue(redis).push(
            "drain", {"provider": "scripted", "shard": None, "at_most": 10}
        )

        work(redis)

        assert not trace.exists()
        assert hostile.get_status() is JobStatus.FAILED
        assert open_queue(QueueName.DELIVERY, redis).count == 0

    @pytest.mark.usefixtures("channel")
    def test_refuses_hostile_callbacks_of_an_allowed_job(
        self, redis: Redis, tmp_path: Path
    ) -> None:
        trace = tmp_path / "trace"
        RqQueue(redis).push(
            "drain", {"provider": "scripted", "shard": None, "at_most": 10}
        )
        (key,) = redis.keys("rq:job:*")
        redis.hset(key, mapping={"success_callback_name": "pathlib.Path.touch"})
        redis.hset(key, "data", json.dumps(["os.mkdir", None, [str(trace)], {}]))

        work(redis)

        assert not trace.exists()

    @pytest.mark.usefixtures("channel")
    def test_refuses_a_pickle(self, redis: Redis, tmp_path: Path) -> None:
        trace = tmp_path / "trace"
        pickled = Queue(QueueName.DELIVERY, connection=redis)
        hostile = pickled.enqueue_call("os.mkdir", args=(str(trace),))

        work(redis)

        assert not trace.exists()
        found = Job.fetch(hostile.id, connection=redis)
        assert found.get_status() is JobStatus.FAILED


class TestDispatcher:
    def test_one_leads_and_another_takes_over(
        self, database: Database, redis: Redis
    ) -> None:
        queue = RqQueue(redis)
        first = Dispatcher(database, queue, name="first", schedules=())
        second = Dispatcher(database, queue, name="second", schedules=())
        first.tick()
        second.tick()
        assert (first.leads, second.leads) == (True, False)

        first.close()
        second.tick()

        assert (first.leads, second.leads) == (False, True)
        with database.transaction() as session:
            beats = {beat.name: beat.leads for beat in list_heartbeats(session)}
        assert set(beats) == {"first", "second"}
        second.close()

    @pytest.mark.usefixtures("channel")
    def test_rings_for_due_work_and_does_not_pile_bells_up(
        self, database: Database, redis: Redis
    ) -> None:
        plan(database, 3)
        dispatcher = Dispatcher(
            database,
            RqQueue(redis),
            name="one",
            schedules=(),
            channels=worker.get().channels,
        )
        for _ in range(10):
            dispatcher.tick()

        assert open_queue(QueueName.DELIVERY, redis).count == 4
        work(redis)
        assert counts(database) == {MessageState.SENT: 3}
        dispatcher.tick()
        assert open_queue(QueueName.DELIVERY, redis).count == 0
        dispatcher.close()

    @pytest.mark.usefixtures("noon")
    def test_rings_a_schedule_when_its_time_has_come(
        self, database: Database, redis: Redis
    ) -> None:
        nightly = Schedule(name="check", job="verify_books", at_minute=16 * 60)
        dispatcher = Dispatcher(
            database, RqQueue(redis), name="one", schedules=[nightly]
        )
        dispatcher.tick()
        assert open_queue(QueueName.DEFAULT, redis).count == 0

        use_source(lambda: NOON.replace(hour=15))
        dispatcher.tick()
        dispatcher.tick()

        assert open_queue(QueueName.DEFAULT, redis).count == 1
        dispatcher.close()

    @pytest.mark.usefixtures("noon")
    def test_asks_for_training_once_a_night_by_the_shops_clock(
        self, database: Database, redis: Redis
    ) -> None:
        dispatcher = Dispatcher(database, RqQueue(redis), name="one")
        dispatcher.tick()
        with database.transaction() as session:
            kept = session.get_one(ScheduleRow, "train")
        assert kept.job == "train"
        assert (kept.at_minute, kept.time_zone) == (3 * 60, "Europe/Warsaw")
        assert kept.next_at == datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
        queue = open_queue(QueueName.RECOMMENDER, redis)

        def waiting() -> int:
            return [job.description for job in queue.jobs].count("train")

        use_source(lambda: datetime(2026, 11, 25, 1, 59, tzinfo=UTC))
        dispatcher.tick()
        assert waiting() == 0

        use_source(lambda: datetime(2026, 11, 25, 2, 0, tzinfo=UTC))
        dispatcher.tick()
        dispatcher.tick()
        assert waiting() == 1

        # The second night's falls together with the first, which waits still.
        use_source(lambda: datetime(2026, 11, 26, 2, 0, tzinfo=UTC))
        dispatcher.tick()
        assert waiting() == 1
        with database.transaction() as session:
            kept = session.get_one(ScheduleRow, "train")
        assert kept.next_at == datetime(2026, 11, 27, 2, 0, tzinfo=UTC)
        dispatcher.close()

    @pytest.mark.usefixtures("noon")
    def test_a_schedule_stays_due_while_valkey_is_away(
        self, database: Database, redis: Redis
    ) -> None:
        often = Schedule(name="check", job="verify_books", at_minute=16 * 60)
        away = RqQueue(Redis(host="127.0.0.1", port=1))
        without = Dispatcher(database, away, name="one", schedules=[often])
        without.tick()
        use_source(lambda: NOON.replace(hour=15))
        without.tick()
        without.close()

        again = Dispatcher(database, RqQueue(redis), name="two", schedules=[often])
        again.tick()

        assert open_queue(QueueName.DEFAULT, redis).count == 1
        again.close()
