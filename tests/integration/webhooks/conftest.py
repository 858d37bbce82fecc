"""A shop that tells a receiver on loopback what happens."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from jobs.context import WorkerContext, worker
from jobs.posting import Poster
from jobs.tasks.webhooks import send_webhooks
from loyalty.core import clock
from loyalty.core.database import Database
from loyalty.webhooks import service as webhooks
from loyalty.webhooks.queries import get_endpoint, list_attempts, list_deliveries
from loyalty.webhooks.values import (
    Attempt,
    Delivery,
    Endpoint,
    EndpointID,
    EndpointTerms,
    EventType,
)
from tests.factories import NOW, small_vault
from tests.integration.webhooks.sink import Sink, running_sink

EVERYTHING = frozenset(EventType) - {EventType.PING}


@dataclass(kw_only=True)
class Shop:
    """A shop, and a machine's clock that only a test moves."""

    database: Database
    sink: Sink
    endpoint_id: EndpointID
    secret: str
    now: datetime

    def ping(self) -> None:
        """Let one event happen."""
        with self.database.transaction() as session:
            webhooks.ping(
                session, endpoint_id=self.endpoint_id, actor="staff:1", now=self.now
            )

    def send(self, *, after: timedelta = timedelta()) -> None:
        """Run the job, a while later."""
        self.now += after
        send_webhooks()

    def endpoint(self) -> Endpoint:
        with self.database.transaction() as session:
            return get_endpoint(session, endpoint_id=self.endpoint_id)

    def deliveries(self) -> tuple[Delivery, ...]:
        """Return what goes to the endpoint, the first first."""
        with self.database.transaction() as session:
            page = list_deliveries(session, endpoint_id=self.endpoint_id)
        return page.items[::-1]

    def delivery(self) -> Delivery:
        """Return the only one."""
        (found,) = self.deliveries()
        return found

    def attempts(self) -> tuple[Attempt, ...]:
        """Return those of the only delivery."""
        with self.database.transaction() as session:
            return list_attempts(session, delivery_id=self.delivery().id)


@pytest.fixture
def sink() -> Iterator[Sink]:
    with running_sink() as running:
        yield running


@pytest.fixture
def shop(
    database: Database, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Shop]:
    with database.transaction() as session:
        made = webhooks.create_endpoint(
            session,
            terms=EndpointTerms(url=sink.url, description="ERP", events=EVERYTHING),
            allow_private=True,
            actor="staff:1",
            now=NOW,
        )
    shop = Shop(
        database=database,
        sink=sink,
        endpoint_id=made.endpoint_id,
        secret=made.secret,
        now=NOW,
    )
    monkeypatch.setattr("jobs.tasks.webhooks.machine_now", lambda: shop.now)
    clock.use_source(lambda: shop.now)
    token = worker.set(
        WorkerContext(
            name="test",
            database=database,
            vault=small_vault(),
            channels={},
            public_url="https://shop.example",
            data_dir=Path(),
            poster=Poster(allow_private=True),
        )
    )
    yield shop
    worker.reset(token)
    clock.use_source(clock.machine_now)
