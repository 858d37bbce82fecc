"""Forgetting reports that came in, as the worker does it."""

from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from jobs.context import WorkerContext, worker
from jobs.tasks.inbound import forget_inbound
from loyalty.core.clock import utc_now
from loyalty.core.database import Database
from loyalty.customers.models import InboundRow
from loyalty.customers.service.inbound import KEPT, first_time
from tests.factories import small_vault


class TestForgetInbound:
    def test_keeps_what_may_still_be_repeated(
        self, database: Database, tmp_path: Path
    ) -> None:
        now = utc_now()
        ages = {"new": timedelta(), "old": KEPT - timedelta(days=1)}
        with database.transaction() as session:
            for key, age in {**ages, "gone": KEPT + timedelta(days=1)}.items():
                assert first_time(session, source="sms", key=key, now=now - age)
        token = worker.set(
            WorkerContext(
                name="test",
                database=database,
                vault=small_vault(),
                channels={},
                public_url="http://localhost",
                data_dir=tmp_path,
            )
        )
        try:
            forget_inbound()
            forget_inbound()
        finally:
            worker.reset(token)

        with database.transaction() as session:
            left = set(session.scalars(select(InboundRow.key)))
        assert left == set(ages)
