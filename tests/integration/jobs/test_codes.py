"""Batches of codes whose making was killed half-way, as the worker finds them."""

from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from jobs.context import WorkerContext, worker
from jobs.tasks.codes import break_lost_codes
from loyalty.core.clock import machine_now
from loyalty.core.database import Database
from loyalty.promotions.models import CodeRow
from loyalty.promotions.queries.codes import list_batches
from loyalty.promotions.service.codes import add_codes, begin_batch, order_codes
from loyalty.promotions.values.codes import (
    BatchState,
    CodeOrder,
    CodeRequest,
    CodeTerms,
)
from tests.factories import activate, promotion, small_vault


def make(session: Session, *, made: int, at: datetime) -> None:
    """Make so many of two codes of a batch."""
    batch_id = order_codes(
        session,
        promotion="spring",
        order=CodeOrder(pattern="################", count=2, terms=CodeTerms()),
        request=CodeRequest(actor="staff:1"),
        now=at,
    )
    begin_batch(session, batch_id=batch_id, now=at)
    if made:
        add_codes(session, batch_id=batch_id, count=made, now=at)


class TestBreakLostCodes:
    def test_strikes_out_what_nobody_makes_any_more(
        self, database: Database, tmp_path: Path
    ) -> None:
        now = machine_now()
        with database.transaction() as session:
            activate(session, promotion("spring", trigger="code"))
            for made, minutes in ((0, 61), (1, 61), (2, 61), (1, 50)):
                make(session, made=made, at=now - timedelta(minutes=minutes))
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
            break_lost_codes()
            break_lost_codes()
        finally:
            worker.reset(token)

        with database.transaction() as session:
            batches = list_batches(session, promotion="spring")
            left = session.scalar(select(func.count()).select_from(CodeRow))
        assert [batch.state for batch in reversed(batches)] == [
            BatchState.BROKEN,
            BatchState.BROKEN,
            BatchState.READY,
            BatchState.MAKING,
        ]
        assert left == 2 + 1
