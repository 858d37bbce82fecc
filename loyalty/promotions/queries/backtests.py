"""Reading back-tests."""

from collections.abc import Collection

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from loyalty.core.errors import NotFound
from loyalty.promotions.models import BacktestRow
from loyalty.promotions.values.backtests import (
    BacktestID,
    BacktestState,
    StoredBacktest,
)


class BacktestNotFound(NotFound):
    """There is no back-test with this number."""

    code = "backtest_not_found"


def get_backtest(session: Session, *, backtest_id: BacktestID) -> StoredBacktest:
    """
    Return a back-test as it stands.

    :raises BacktestNotFound: if there is none
    """
    row = session.get(BacktestRow, backtest_id, populate_existing=True)
    if row is None:
        message = f"There is no back-test {backtest_id}."
        raise BacktestNotFound(message)
    return to_value(row)


def list_backtests(
    session: Session, *, promotion: str | None = None, limit: int = 20
) -> tuple[StoredBacktest, ...]:
    """Return the latest back-tests, of one promotion or of all."""
    statement = select(BacktestRow).order_by(BacktestRow.id.desc()).limit(limit)
    if promotion is not None:
        statement = statement.where(BacktestRow.promotion == promotion)
    return tuple(to_value(row) for row in session.scalars(statement))


def queued_backtests(session: Session) -> tuple[BacktestID, ...]:
    """Return the back-tests that wait for a run, the oldest first."""
    return tuple(
        session.scalars(
            select(BacktestRow.id)
            .where(BacktestRow.state == BacktestState.QUEUED)
            .order_by(BacktestRow.id)
        )
    )


def count_backtests(session: Session, *, states: Collection[BacktestState]) -> int:
    """Return how many back-tests are in one of the states."""
    count = select(func.count()).where(BacktestRow.state.in_(states))
    return session.scalar(count) or 0


def to_value(row: BacktestRow) -> StoredBacktest:
    """Return a row as a value, for services."""
    return StoredBacktest(
        id=row.id,
        promotion=row.promotion,
        version=row.version,
        document=row.document,
        since=row.since,
        until=row.until,
        state=row.state,
        done=row.done,
        total=row.total,
        result=row.result,
        problem=row.problem,
        asked_at=row.asked_at,
        asked_by=row.asked_by,
        finished_at=row.finished_at,
        seconds=row.seconds,
    )
