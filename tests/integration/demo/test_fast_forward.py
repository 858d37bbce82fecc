"""Fast-forward over a loaded shop; the worker works in the test's own process."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from jobs.channels.inbox import InboxChannel
from jobs.context import WorkerContext, worker
from jobs.tasks.delivery import drain
from jobs.tasks.demo import NotADemo, fast_forward
from loyalty.core.clock import machine_now, use_source, utc_now
from loyalty.core.database import Database, open_engine
from loyalty.core.jobs import JobArgument
from loyalty.core.vault import Vault
from loyalty.customers.models import ConsentRow
from loyalty.customers.values import Channel, Purpose
from loyalty.delivery.models import MessageRow
from loyalty.delivery.service import plan_messages
from loyalty.delivery.values import (
    WENT_OUT,
    DeliveryPolicy,
    MessageKind,
    MessageState,
    NewMessage,
)
from loyalty.demo.clock import clock_file, use_demo_clock
from loyalty.demo.loading import load
from loyalty.demo.progress import Stage, progress_file, read_progress
from loyalty.purchases.models import PurchaseRow

POLICY = DeliveryPolicy(providers=frozenset({Channel.INBOX}))


class WorksAtOnce:
    """A queue whose worker is there already."""

    def push(self, name: str, arguments: dict[str, JobArgument]) -> None:
        assert name == "drain"
        provider, at_most = arguments["provider"], arguments["at_most"]
        assert isinstance(provider, str)
        assert isinstance(at_most, int)
        drain(provider=provider, shard=None, at_most=at_most)


@pytest.fixture
def context(fresh_postgres_url: str, tmp_path: Path) -> Iterator[WorkerContext]:
    engine = open_engine(fresh_postgres_url)
    vault = Vault("s" * 40)
    made = WorkerContext(
        name="test",
        database=Database(engine, WorksAtOnce(), vault),
        vault=vault,
        channels={Channel.INBOX: InboxChannel()},
        public_url="http://127.0.0.1:8000",
        data_dir=tmp_path,
    )
    token = worker.set(made)
    use_demo_clock(tmp_path)
    yield made
    use_source(machine_now)
    worker.reset(token)
    engine.dispose()


def say_nothing(_step: str, _done: int, _total: int) -> None:
    """Ignore progress."""


def plan_for_all(database: Database) -> int:
    """Plan a message to everybody who agreed; return how many there are."""
    with database.transaction() as session:
        agreed = session.scalars(
            select(ConsentRow.customer_id)
            .where(ConsentRow.purpose == Purpose.MARKETING)
            .distinct()
        ).all()
        planned = plan_messages(
            session,
            messages=[
                NewMessage(
                    customer_id=customer_id,
                    kind=MessageKind.MARKETING,
                    template="welcome",
                    subject="campaign:test",
                    not_after=utc_now() + timedelta(days=10),
                )
                for customer_id in agreed
            ],
            policy=POLICY,
            now=utc_now(),
        )
        return sum(one.state is MessageState.PLANNED for one in planned)


class TestFastForward:
    def test_lets_everything_happen_at_its_own_moment(
        self, context: WorkerContext
    ) -> None:
        database = context.database
        load(database, households=30, now=utc_now(), progress=say_nothing)
        planned = plan_for_all(database)
        start = utc_now()

        fast_forward(days=8)

        with database.transaction() as session:
            messages = session.scalars(select(MessageRow)).all()
            visits = session.scalar(
                select(func.count()).where(PurchaseRow.simulated.is_(True))
            )
        sent = [m for m in messages if m.state in WENT_OUT]
        late = [m.finished_at - m.due_at for m in sent if m.finished_at is not None]
        assert planned > 10
        assert len(sent) == planned == len(late)
        assert timedelta() <= min(late)
        assert max(late) < timedelta(seconds=60)
        assert visits is not None
        assert visits > 10
        progress = read_progress(progress_file(context.data_dir))
        assert progress is not None
        assert (progress.stage, progress.messages) == (Stage.DONE, planned)
        assert progress.visits == visits
        assert timedelta(days=8) <= utc_now() - start < timedelta(days=8, minutes=10)

    def test_refuses_where_the_clock_is_not_the_demo_s(
        self, context: WorkerContext
    ) -> None:
        load(context.database, households=20, now=utc_now(), progress=say_nothing)
        use_source(lambda: datetime(2026, 1, 1, tzinfo=UTC))

        with pytest.raises(NotADemo):
            fast_forward(days=1)

        progress = read_progress(progress_file(context.data_dir))
        assert progress is not None
        assert progress.stage is Stage.FAILED

    @pytest.mark.parametrize("days", [0, -1, 61])
    def test_refuses_other_distances(self, context: WorkerContext, days: int) -> None:
        with pytest.raises(ValueError, match="fast-forward"):
            fast_forward(days=days)

        assert not clock_file(context.data_dir).exists()
