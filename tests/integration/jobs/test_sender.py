"""A worker's batch: what changes while it is handed over, and a lost database."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from jobs.channels.base import Channel, Receipt, Sender
from jobs.context import WorkerContext
from jobs.sender import Batch
from jobs.transactions import again
from loyalty.core.database import Database
from loyalty.core.vault import Vault
from loyalty.customers.models import ConsentRow
from loyalty.customers.values import Channel as ChannelName
from loyalty.delivery import service as delivery
from loyalty.delivery.models import MessageRow
from loyalty.delivery.queries.monitor import verify
from loyalty.delivery.values import MessageState, OutgoingMessage
from tests.factories import make_shop
from tests.integration.delivery.shop import (
    NOON,
    POLICY,
    SECRET,
    add_members,
    consent_row,
    marketing,
    open_database,
)

LATER = NOON + timedelta(hours=3)


class Recording(Channel, Sender):
    """Accepts everything, and lets something happen with the first message."""

    provider = "recording"

    def __init__(self, on_first: Callable[[], None]) -> None:
        self._on_first = on_first
        self.addresses: list[str | None] = []

    @contextmanager
    def open(self) -> Iterator[Sender]:
        yield self

    def send(self, message: OutgoingMessage) -> Receipt:
        if not self.addresses:
            self._on_first()
        self.addresses.append(message.address)
        return Receipt()


@pytest.fixture
def database(fresh_postgres_url: str) -> Iterator[Database]:
    opened = open_database(fresh_postgres_url)
    with opened.transaction() as session:
        make_shop(session)
    yield opened
    opened.engine.dispose()


def send(database: Database, channel: Recording, tmp_path: Path) -> int:
    """Send what is due as a worker does."""
    context = WorkerContext(
        name="one",
        database=database,
        vault=Vault(SECRET),
        channels={ChannelName.EMAIL: channel},
        public_url="http://127.0.0.1:8000",
        data_dir=tmp_path,
    )
    batch = Batch(
        context=context, channel=ChannelName.EMAIL, way=channel, sender=channel
    )
    return batch.send(100, shard=None)


def plan_offers(session: Session, count: int) -> None:
    ids = add_members(session, count)
    delivery.plan_messages(
        session, messages=[marketing(id_) for id_ in ids], policy=POLICY, now=NOON
    )


class TestBatch:
    def test_leaves_out_who_withdraws_while_it_is_handed_over(
        self, database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setattr("jobs.sender.utc_now", lambda: LATER)
        monkeypatch.setattr("jobs.sender.FRESH_SECONDS", 0.0)
        with database.transaction() as session:
            plan_offers(session, 30)

        def withdraw() -> None:
            with database.transaction() as session:
                last = session.scalars(select(MessageRow).order_by(MessageRow.id)).all()
                rows = [
                    consent_row(row.customer_id, ChannelName.EMAIL, given=False)
                    for row in last[20:25]
                ]
                session.execute(insert(ConsentRow), rows)

        channel = Recording(withdraw)
        assert send(database, channel, tmp_path) == 30

        assert len(channel.addresses) == 25
        with database.transaction() as session:
            states = session.scalars(select(MessageRow.state).order_by(MessageRow.id))
            assert list(states)[20:25] == [MessageState.PLANNED] * 5
            assert verify(session).problems == ()
        assert send(database, channel, tmp_path) == 5
        with database.transaction() as session:
            states = session.scalars(select(MessageRow.state).order_by(MessageRow.id))
            assert list(states)[20:25] == [MessageState.SUPPRESSED] * 5
        assert len(channel.addresses) == 25

    def test_writes_up_what_was_sent_when_its_connection_is_lost_meanwhile(
        self, database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setattr("jobs.sender.utc_now", lambda: LATER)
        with database.transaction() as session:
            plan_offers(session, 30)

        def lose_all() -> None:
            with database.transaction() as session:
                session.execute(END_OTHERS)

        channel = Recording(lose_all)
        send(database, channel, tmp_path)

        assert len(channel.addresses) == 30
        with database.transaction() as session:
            assert set(session.scalars(select(MessageRow.state))) == {MessageState.SENT}
            assert verify(session).problems == ()


END_OTHERS = text(
    "select pg_terminate_backend(pid) from pg_stat_activity"
    " where datname = current_database() and pid <> pg_backend_pid()"
)
END_OWN = text("select pg_terminate_backend(pg_backend_pid())")


class TestAgain:
    def test_does_it_again_when_the_connection_is_lost(
        self, database: Database
    ) -> None:
        tries: list[int] = []

        def work(session: Session) -> int:
            tries.append(len(tries))
            if len(tries) == 1:
                session.execute(END_OWN)
            return session.scalar(text("select 7")) or 0

        assert again(database, work) == 7
        assert tries == [0, 1]

    def test_raises_at_once_what_no_other_try_can_mend(
        self, database: Database
    ) -> None:
        tries: list[int] = []

        def work(session: Session) -> None:
            tries.append(len(tries))
            session.execute(text("select * from nowhere"))

        with pytest.raises(ProgrammingError, match="nowhere"):
            again(database, work)
        assert tries == [0]
