"""Clearing quotes away, as the worker does it."""

from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select

from jobs.context import WorkerContext, worker
from jobs.tasks.quotes import clear_quotes
from loyalty.core.clock import utc_now
from loyalty.core.database import Database
from loyalty.promotions.models import QuoteRow
from loyalty.usecases.checkout import Asking, ask_quote
from tests.factories import basket, small_vault


class TestClearQuotes:
    def test_removes_those_that_nobody_paid_for_a_month(
        self, database: Database, tmp_path: Path
    ) -> None:
        now = utc_now()
        with database.transaction() as session:
            for days in (0, 29, 31, 400):
                ask_quote(
                    session,
                    request=basket(None, TEA=1),
                    asking=Asking(actor="key:1"),
                    now=now - timedelta(days=days),
                )
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
            clear_quotes()
            clear_quotes()
        finally:
            worker.reset(token)

        with database.transaction() as session:
            left = session.scalars(select(func.count()).select_from(QuoteRow)).one()
        assert left == 2
