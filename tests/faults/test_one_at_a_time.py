"""One thing at a time, with real processes: a flush, an opt-out, a pause, a kill."""

import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from http import HTTPStatus
from itertools import count
from urllib.request import Request, urlopen

import pytest
from redis import Redis
from sqlalchemy import func, select, text

from jobs.dispatcher import LEADERS_LOCK
from jobs.queues import QueueName, open_queue
from jobs.schedules import SCHEDULES
from loyalty.core.clock import machine_now, utc_now
from loyalty.core.database import Database
from loyalty.customers.values import CustomerID
from loyalty.delivery import service as delivery
from loyalty.delivery.models import MessageRow, ScheduleRow
from loyalty.delivery.queries.monitor import list_heartbeats
from loyalty.delivery.values import PENDING, MessageID, MessageState, Reason
from tests.faults.fleet import Fleet, opened, running_fleet
from tests.faults.ledger import Line, read_log
from tests.faults.shop import next_tuesday, open_shop, plan_offers
from tests.faults.sink import ACCEPTED
from tests.integration.delivery.shop import add_members

pytestmark = pytest.mark.faults
_numbers = count(1)


@pytest.fixture(scope="module")
def fleet() -> Iterator[Fleet]:
    with running_fleet(begins=next_tuesday(machine_now())) as running:
        yield running


@pytest.fixture(scope="module")
def database(fleet: Fleet) -> Iterator[Database]:
    with opened(fleet) as database:
        open_shop(database)
        yield database


@pytest.fixture(autouse=True)
def _all_stopped(fleet: Fleet) -> Iterator[None]:
    yield
    fleet.stop()
    with Redis.from_url(fleet.servers.redis_url) as client:
        client.flushall()


def members(database: Database, size: int) -> list[CustomerID]:
    """Add customers that no other test has."""
    first = next(_numbers)
    for _ in range(size - 1):
        next(_numbers)
    with database.transaction() as session:
        return add_members(session, size, first=first)


def states(database: Database, ids: list[MessageID]) -> Counter[MessageState]:
    with database.transaction() as session:
        rows = session.execute(
            select(MessageRow.state, func.count())
            .where(MessageRow.id.in_(ids))
            .group_by(MessageRow.state)
        )
        return Counter(dict(rows.all()))


def all_ended(database: Database, ids: list[MessageID]) -> bool:
    found = states(database, ids)
    return not any(found[state] for state in PENDING)


def accepted(fleet: Fleet, people: list[CustomerID]) -> list[Line]:
    """Return what the mail server accepted for these customers."""
    addresses = {f"member{id_}@example.org" for id_ in people}
    return [
        line
        for line in read_log(fleet.log)
        if line.what == ACCEPTED and line.to in addresses
    ]


def start(fleet: Fleet, *, workers: int = 2, dispatchers: int = 1) -> None:
    for number in range(workers):
        fleet.start(f"worker-{number}", "worker", "delivery")
    for number in range(dispatchers):
        fleet.start(f"dispatcher-{number}", "dispatcher")


class TestFlush:
    def test_of_ten_thousand_jobs_loses_nothing(
        self, fleet: Fleet, database: Database
    ) -> None:
        people = members(database, 1000)
        ids = plan_offers(database, people, "flush", now=fleet.now)
        with Redis.from_url(fleet.servers.redis_url) as client:
            queue = open_queue(QueueName.DELIVERY, client)
            start(fleet, workers=0)
            fleet.wait_until(lambda: queue.count > 0, what="the dispatcher's bell")
            bell = queue.jobs[0]
            assert bell.func_name is not None
            with client.pipeline() as pipeline:
                for _ in range(10_000):
                    queue.enqueue_call(
                        bell.func_name, kwargs=bell.kwargs, pipeline=pipeline
                    )
                pipeline.execute()
            start(fleet, dispatchers=0)
            fleet.wait_until(
                lambda: len(accepted(fleet, people)) > 100, what="the first mails"
            )
            waiting = queue.count
            client.flushall()

        fleet.wait_until(lambda: all_ended(database, ids), what="the rest")

        assert waiting > 9_000
        assert states(database, ids) == {MessageState.SENT: 1000}
        assert len({line.key for line in accepted(fleet, people)}) == 1000
        assert len(accepted(fleet, people)) == 1000


class TestUnsubscribe:
    def test_between_planning_and_hand_over_sends_nothing(
        self, fleet: Fleet, database: Database
    ) -> None:
        people = members(database, 40)
        fleet.start_web()
        start(fleet, workers=1)
        first = plan_offers(database, people, "first", now=fleet.now)
        fleet.wait_until(lambda: all_ended(database, first), what="first mails")
        links = {line.to: line.link for line in accepted(fleet, people)}
        assert len(links) == 40
        fleet.stop("worker")

        second = plan_offers(database, people, "second", now=fleet.now)
        leaving = [f"member{id_}@example.org" for id_ in people[:20]]
        scanned = [f"member{id_}@example.org" for id_ in people[20:]]
        fleet.wait_until(lambda: answers(links[leaving[0]]), what="the web")
        for address in leaving:
            body = b"List-Unsubscribe=One-Click"
            assert answers(links[address], body)
        for address in scanned:
            assert answers(links[address])
        start(fleet, workers=1, dispatchers=0)
        fleet.wait_until(lambda: all_ended(database, second), what="the second mails")

        got = Counter(line.to for line in accepted(fleet, people))
        assert {got[address] for address in leaving} == {1}
        assert {got[address] for address in scanned} == {2}
        assert reasons(database, second) == {
            (MessageState.SUPPRESSED, Reason.NO_CONSENT): 20,
            (MessageState.SENT, None): 20,
        }


class TestPause:
    def test_takes_effect_within_a_second(
        self, fleet: Fleet, database: Database
    ) -> None:
        people = members(database, 2000)
        ids = plan_offers(database, people, "pause", now=fleet.now)
        start(fleet)
        fleet.wait_until(
            lambda: len(accepted(fleet, people)) > 200, what="the first mails"
        )

        with database.transaction() as session:
            delivery.pause(session, scope="all", actor="staff:1", now=utc_now())
            before_its_commit = time.time()
        fleet.wait_until(
            lambda: time.time() > before_its_commit + 3, what="three seconds"
        )
        held = [line.at - before_its_commit for line in accepted(fleet, people)]
        with database.transaction() as session:
            delivery.resume(session, scope="all", actor="staff:1", now=utc_now())
        fleet.wait_until(lambda: all_ended(database, ids), what="the rest")

        print(f"the last mail came {max(held):.3f} s after a pause")  # noqa: T201
        assert max(held) < 1
        assert 200 < len(held) < 2000
        assert len(accepted(fleet, people)) == 2000
        assert states(database, ids) == {MessageState.SENT: 2000}


class TestDispatchers:
    def test_have_one_leader_and_ring_each_schedule_once(
        self, fleet: Fleet, database: Database
    ) -> None:
        start(fleet, workers=0, dispatchers=2)
        fleet.wait_until(lambda: leaders(database) == 1, what="a leader")
        fleet.wait_until(lambda: rung(fleet, database), what="the schedules")
        with Redis.from_url(fleet.servers.redis_url) as client:
            queues = [open_queue(name, client) for name in QueueName]
            for _ in range(3):
                client.flushall()
                fleet.move_clock(fleet.now + timedelta(days=1))
                fleet.wait_until(lambda: rung(fleet, database), what="all rings")
                rings = Counter(job.description for q in queues for job in q.jobs)

                scheduled = {schedule.job for schedule in SCHEDULES}
                assert {rings[job] for job in scheduled} == {1}
                fleet.wait_until(
                    lambda: leader(fleet, database) is not None, what="a beat"
                )
                fleet.kill(leader(fleet, database) or "")
                fleet.wait_until(lambda: leaders(database) == 1, what="another leader")


def answers(link: str, body: bytes | None = None) -> bool:
    """Open a link as a scanner does; with a body, press its button."""
    request = Request(link, data=body)  # noqa: S310  # our own address
    try:
        with urlopen(request, timeout=10) as response:  # noqa: S310  # likewise
            status: int = response.status
    except OSError:
        return False
    return status == HTTPStatus.OK


def leader(fleet: Fleet, database: Database) -> str | None:
    """Name the process that says it leads, if it still runs."""
    with database.transaction() as session:
        beats = list_heartbeats(session)
    pids = {beat.name.rpartition(":")[2] for beat in beats if beat.leads}
    return fleet.name_of(pids)


def leaders(database: Database) -> int:
    """Return how many hold the lock of the leader; there must never be two."""
    held = text(
        "select count(*) from pg_locks"
        " where locktype = 'advisory' and granted and objid = :number"
    )
    with database.transaction() as session:
        found: int = session.scalar(held, {"number": LEADERS_LOCK}) or 0
    assert found <= 1
    return found


def rung(fleet: Fleet, database: Database) -> bool:
    """Test whether all schedules are kept, and none is due any more."""
    later = select(func.count()).where(ScheduleRow.next_at > fleet.now)
    with database.transaction() as session:
        return session.scalar(later) == len(SCHEDULES)


def reasons(
    database: Database, ids: list[MessageID]
) -> Counter[tuple[MessageState, Reason | None]]:
    with database.transaction() as session:
        rows = session.execute(
            select(MessageRow.state, MessageRow.reason).where(MessageRow.id.in_(ids))
        )
        return Counter((row.state, row.reason) for row in rows)
