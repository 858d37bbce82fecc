"""Back-tests from the question to the answer; each step is a conditional update."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, case, update
from sqlalchemy.orm import Session

from loyalty.core import audit
from loyalty.core.errors import Refused
from loyalty.core.jobs import enqueue
from loyalty.promotions.models import BacktestRow
from loyalty.promotions.queries.backtests import (
    count_backtests,
    get_backtest,
    to_value,
)
from loyalty.promotions.schema import dump_promotion
from loyalty.promotions.values import Promotion
from loyalty.promotions.values.backtests import BacktestID, BacktestState, Claimed

MOST_WAITING: Final = 20
MOST_ATTEMPTS: Final = 3
LOST_AFTER: Final = timedelta(minutes=5)
"""A run that has said nothing for so long is taken for dead."""

_GOING: Final = (BacktestState.QUEUED, BacktestState.RUNNING)


class TooManyBacktests(Refused):
    """So many back-tests wait that another would not help anybody."""

    code = "backtests_waiting"


class BacktestOver(Refused):
    """The back-test has ended already."""

    code = "backtest_over"


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """What is to be tested on which purchases; ``since`` None is from the first on."""

    promotion: Promotion
    version: int | None
    since: datetime | None
    until: datetime


def ask(
    session: Session, *, question: Question, actor: str, now: datetime
) -> BacktestID:
    """
    Keep the question and ring for a worker.

    :raises TooManyBacktests: if 20 wait or run
    """
    if count_backtests(session, states=_GOING) >= MOST_WAITING:
        message = f"{MOST_WAITING} back-tests wait already: let some of them end."
        raise TooManyBacktests(message)
    row = BacktestRow(
        promotion=question.promotion.code,
        version=question.version,
        document=dump_promotion(question.promotion),
        since=question.since,
        until=question.until,
        state=BacktestState.QUEUED,
        attempt=0,
        done=0,
        total=0,
        asked_at=now,
        asked_by=actor,
    )
    session.add(row)
    session.flush()
    audit.record(
        session,
        now=now,
        actor=actor,
        action="promotion.backtest",
        subject=f"promotion:{row.promotion}",
        after={"backtest": row.id},
    )
    enqueue(session, "backtest", backtest_id=row.id)
    return row.id


def claim(
    session: Session, *, backtest_id: BacktestID, machine_now: datetime
) -> Claimed | None:
    """Take a back-test that waits; None if it does not, or not any more."""
    row = session.scalar(
        update(BacktestRow)
        .where(BacktestRow.id == backtest_id, BacktestRow.state == BacktestState.QUEUED)
        .values(
            state=BacktestState.RUNNING,
            attempt=BacktestRow.attempt + 1,
            beat_at=machine_now,
            done=0,
        )
        .returning(BacktestRow)
        .execution_options(populate_existing=True)
    )
    return None if row is None else Claimed(backtest=to_value(row), attempt=row.attempt)


def advance(
    session: Session, *, claimed: Claimed, done: int, total: int, machine_now: datetime
) -> bool:
    """Note how far a run is; False if the back-test is not its own any more."""
    return _change(session, claimed, done=done, total=total, beat_at=machine_now)


def finish(
    session: Session,
    *,
    claimed: Claimed,
    result: Mapping[str, Any],
    seconds: float,
    now: datetime,
) -> bool:
    """Keep the answer; False if the back-test is not this run's any more."""
    return _change(
        session,
        claimed,
        state=BacktestState.DONE,
        result=dict(result),
        seconds=seconds,
        finished_at=now,
    )


def fail(session: Session, *, claimed: Claimed, problem: str, now: datetime) -> bool:
    """Note that a run came to nothing, and why."""
    return _change(
        session,
        claimed,
        state=BacktestState.FAILED,
        problem=problem,
        finished_at=now,
    )


def cancel(
    session: Session, *, backtest_id: BacktestID, actor: str, now: datetime
) -> None:
    """
    End a back-test; its run stops before the next window.

    :raises BacktestNotFound: if there is none
    :raises BacktestOver: if it has ended
    """
    promotion = session.scalar(
        update(BacktestRow)
        .where(BacktestRow.id == backtest_id, BacktestRow.state.in_(_GOING))
        .values(state=BacktestState.CANCELLED, finished_at=now)
        .returning(BacktestRow.promotion)
        .execution_options(synchronize_session=False)
    )
    if promotion is None:
        stands = get_backtest(session, backtest_id=backtest_id).state
        message = f"The back-test {backtest_id} is {stands.value} already."
        raise BacktestOver(message)
    audit.record(
        session,
        now=now,
        actor=actor,
        action="promotion.backtest.cancel",
        subject=f"promotion:{promotion}",
        after={"backtest": backtest_id},
    )


def sweep(
    session: Session, *, now: datetime, machine_now: datetime
) -> dict[BacktestState, int]:
    """
    Let lost runs begin again, up to three times; return what became of how many.

    A back-test that loses its worker that often is likely to be why.
    """
    again = BacktestRow.attempt < MOST_ATTEMPTS
    states = session.scalars(
        update(BacktestRow)
        .where(
            BacktestRow.state == BacktestState.RUNNING,
            BacktestRow.beat_at < machine_now - LOST_AFTER,
        )
        .values(
            state=_either(again, BacktestState.QUEUED, BacktestState.FAILED),
            problem=_either(again, None, "worker_lost"),
            finished_at=_either(again, None, now),
            beat_at=None,
        )
        .returning(BacktestRow.state)
        .execution_options(synchronize_session=False)
    ).all()
    return {state: states.count(state) for state in set(states)}


def _change(session: Session, claimed: Claimed, **values: object) -> bool:
    """Change a row, but only as the run that holds it."""
    found = session.scalar(
        update(BacktestRow)
        .where(
            BacktestRow.id == claimed.backtest.id,
            BacktestRow.state == BacktestState.RUNNING,
            BacktestRow.attempt == claimed.attempt,
        )
        .values(**values)
        .returning(BacktestRow.id)
        .execution_options(synchronize_session=False)
    )
    return found is not None


def _either(
    condition: ColumnElement[bool], then: object, otherwise: object
) -> ColumnElement[Any]:
    return case((condition, then), else_=otherwise)
