"""Back-tests over purchases in PostgreSQL."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from loyalty.core.audit import AuditEntry
from loyalty.core.database import Database
from loyalty.core.errors import Invalid
from loyalty.promotions.queries import PromotionNotFound
from loyalty.promotions.queries.backtests import get_backtest, list_backtests
from loyalty.promotions.rules.backtesting import ALONE, Workforce
from loyalty.promotions.service import backtests
from loyalty.promotions.service.backtests import BacktestOver, TooManyBacktests
from loyalty.promotions.values.backtests import (
    BacktestID,
    BacktestState,
    Claimed,
    StoredBacktest,
)
from loyalty.usecases.backtest_promotion import (
    Clocks,
    PeriodAskedFor,
    ask_backtest,
    run_backtest,
)
from loyalty.usecases.checkout import record_purchase
from tests.factories import NOW, activate, basket, enrol, payment, promotion

CLOCKS = Clocks(now=lambda: NOW, machine_now=lambda: NOW)
ALWAYS = PeriodAskedFor()


def buy(session: Session, number: int, card: str | None = None, **units: int) -> None:
    """Record a purchase so many days ago."""
    record_purchase(
        session,
        request=basket(card, **units),
        payment=payment(str(number), f"key-{number}"),
        now=NOW - timedelta(days=number),
    )


def ask(
    database: Database,
    *,
    period: PeriodAskedFor = ALWAYS,
    asked: str | dict[str, object] | None = None,
    now: datetime = NOW,
    **parts: object,
) -> BacktestID:
    with database.transaction() as session:
        return ask_backtest(
            session,
            promotion=asked or promotion("draft", **parts),
            period=period,
            actor="staff:1",
            now=now,
        )


def stands(database: Database, backtest_id: BacktestID) -> StoredBacktest:
    with database.transaction() as session:
        return get_backtest(session, backtest_id=backtest_id)


def answer(database: Database, backtest_id: BacktestID) -> dict[str, Any]:
    state = run_backtest(database, backtest_id=backtest_id, clocks=CLOCKS, window=2)
    assert state is BacktestState.DONE
    found = stands(database, backtest_id)
    assert found.state is BacktestState.DONE
    assert (found.done, found.problem) == (found.total, None)
    return dict(found.result or {})


@pytest.fixture
def card(database: Database) -> str:
    """Give a member who bought three coffees on three days, and others' purchases."""
    with database.transaction() as session:
        number = enrol(session).card.number
        buy(session, 9, number, COFFEE=2)
        buy(session, 6, None, TEA=1)
        buy(session, 5, number, COFFEE=1, BREAD=1)
        buy(session, 4, None, COFFEE=1)
        buy(session, 2, number, COFFEE=1)
    return number


@pytest.mark.usefixtures("card")
class TestABacktest:
    def test_prices_what_was_bought_again(self, database: Database) -> None:
        found = answer(database, ask(database))

        # 20 % of 9.98, then three times of 4.99.
        assert found["cost"] == found["given"] == 500
        assert (found["baskets"], found["concerned"], found["touched"]) == (5, 4, 4)
        assert (found["customers"], found["without_card"]) == (1, 1)
        assert [day["key"] for day in found["by_day"]] == [
            "2026-11-11",
            "2026-11-15",
            "2026-11-16",
            "2026-11-18",
        ]
        assert found["by_store"] == [{"key": "324", "baskets": 4, "cost": 500}]
        assert found["by_segment"] == [
            {"key": "", "baskets": 3, "cost": 400},
            {"key": "-", "baskets": 1, "cost": 100},
        ]
        assert found["worst"]["receipt"] == "9"
        assert found["worst"]["cost"] == 200
        assert found["interval"] is None
        assert found["margin"] is None
        assert found["assumptions"] == ["unchanged_behaviour"]

    def test_keeps_to_its_period(self, database: Database) -> None:
        period = PeriodAskedFor(
            since=NOW - timedelta(days=5), until=NOW - timedelta(days=2)
        )

        found = answer(database, ask(database, period=period))

        assert (found["baskets"], found["cost"]) == (2, 200)

    def test_holds_limits_in_the_order_of_time(self, database: Database) -> None:
        limits = {"per_customer": 1, "budget": "2.50"}

        found = answer(database, ask(database, limits=limits))

        # The member's first; then 0.50 is left, which covers no other.
        assert (found["touched"], found["given"]) == (1, 200)
        assert found["limit_reached"] == (NOW - timedelta(days=4)).isoformat()

    def test_knows_only_what_was_known_then(self, database: Database) -> None:
        audience = {"purchases": {"at_least": 1, "within_days": 5}}

        found = answer(database, ask(database, audience=audience))

        # On the fifth day before now the first was four days past; on the second
        # day before now the second one was three.
        assert [day["key"] for day in found["by_day"]] == ["2026-11-15", "2026-11-18"]

    def test_stands_beside_what_runs(self, database: Database) -> None:
        later = {"from": "2027-01-01T00:00", "until": None}
        with database.transaction() as session:
            activate(session, promotion("runs", valid=later))
        better = {"percent_off": {"percent": "30", "on": {"skus": ["COFFEE"]}}}

        found = answer(database, ask(database, reward=better, trigger="personal"))

        assert (found["given"], found["cost"]) == (749, 249)
        assert found["assumptions"] == [
            "unchanged_behaviour",
            "trigger_personal",
            "others_all_along",
        ]

    def test_of_a_saved_promotion_is_without_itself(self, database: Database) -> None:
        with database.transaction() as session:
            activate(session, promotion("saved"))

        backtest_id = ask(database, asked="saved")

        assert stands(database, backtest_id).version == 1
        assert answer(database, backtest_id)["cost"] == 500

    def test_tells_how_far_it_is(self, database: Database) -> None:
        backtest_id = ask(database)
        seen: list[tuple[int, int]] = []

        def looking() -> datetime:
            found = stands(database, backtest_id)
            seen.append((found.done, found.total))
            return NOW

        run_backtest(
            database,
            backtest_id=backtest_id,
            clocks=Clocks(now=lambda: NOW, machine_now=looking),
            window=2,
        )

        assert seen == [(0, 0), (0, 0), (0, 5), (2, 5), (4, 5), (5, 5)]

    def test_hires_for_what_there_is(self, database: Database) -> None:
        hired: list[int] = []

        @contextmanager
        def hire(purchases: int) -> Iterator[Workforce]:
            hired.append(purchases)
            yield ALONE

        run_backtest(database, backtest_id=ask(database), clocks=CLOCKS, hire=hire)

        assert hired == [5]


class TestAskingForOne:
    def test_keeps_the_question_and_says_who_asked(self, database: Database) -> None:
        backtest_id = ask(database)

        found = stands(database, backtest_id)
        assert (found.state, found.promotion, found.version) == (
            BacktestState.QUEUED,
            "draft",
            None,
        )
        assert (found.since, found.until, found.asked_by) == (None, NOW, "staff:1")
        with database.transaction() as session:
            entry = session.scalars(
                select(AuditEntry).where(AuditEntry.action == "promotion.backtest")
            ).one()
            assert (entry.actor, entry.subject) == ("staff:1", "promotion:draft")

    def test_refuses_a_period_that_is_none(self, database: Database) -> None:
        period = PeriodAskedFor(since=NOW)

        with pytest.raises(Invalid, match="/from"):
            ask(database, period=period)

        with database.transaction() as session:
            assert list_backtests(session) == ()

    def test_refuses_a_document_that_is_wrong(self, database: Database) -> None:
        with pytest.raises(Invalid, match="/reward"):
            ask(database, reward={})

        with database.transaction() as session:
            assert list_backtests(session) == ()

    def test_refuses_a_promotion_that_is_not_there(self, database: Database) -> None:
        with pytest.raises(PromotionNotFound):
            ask(database, asked="nothing")

    def test_refuses_the_twenty_first(self, database: Database) -> None:
        for _ in range(20):
            ask(database)

        with pytest.raises(TooManyBacktests):
            ask(database)

        with database.transaction() as session:
            assert len(list_backtests(session, limit=50)) == 20


def sweep(database: Database, later: timedelta) -> dict[BacktestState, int]:
    with database.transaction() as session:
        return backtests.sweep(session, now=NOW, machine_now=NOW + later)


def lose(database: Database, backtest_id: BacktestID) -> Claimed:
    """Claim it for a run that says nothing more."""
    with database.transaction() as session:
        claimed = backtests.claim(session, backtest_id=backtest_id, machine_now=NOW)
    assert claimed is not None
    return claimed


@pytest.mark.usefixtures("card")
class TestARun:
    def test_is_the_only_one(self, database: Database) -> None:
        backtest_id = ask(database)
        lose(database, backtest_id)

        state = run_backtest(database, backtest_id=backtest_id, clocks=CLOCKS)

        assert state is None
        assert stands(database, backtest_id).state is BacktestState.RUNNING

    def test_stops_when_it_is_cancelled(self, database: Database) -> None:
        backtest_id = ask(database)
        cancelling = _cancelling(database, backtest_id)

        state = run_backtest(
            database,
            backtest_id=backtest_id,
            clocks=Clocks(now=lambda: NOW, machine_now=cancelling),
            window=2,
        )

        found = stands(database, backtest_id)
        assert state is None
        assert (found.state, found.done, found.result) == (
            BacktestState.CANCELLED,
            2,
            None,
        )

    def test_that_is_lost_begins_again(self, database: Database) -> None:
        backtest_id = ask(database)
        lost = lose(database, backtest_id)

        assert sweep(database, timedelta(minutes=4)) == {}
        assert sweep(database, timedelta(minutes=6)) == {BacktestState.QUEUED: 1}
        assert answer(database, backtest_id)["cost"] == 500

        with database.transaction() as session:
            assert not backtests.advance(
                session, claimed=lost, done=1, total=5, machine_now=NOW
            )

    def test_that_is_lost_three_times_has_failed(self, database: Database) -> None:
        backtest_id = ask(database)
        for _ in range(3):
            lose(database, backtest_id)
            sweep(database, timedelta(hours=1))

        found = stands(database, backtest_id)
        assert (found.state, found.problem) == (BacktestState.FAILED, "worker_lost")

    def test_says_that_it_failed(self, database: Database) -> None:
        backtest_id = ask(database)

        def nobody(_purchases: int) -> AbstractContextManager[Workforce]:
            message = "no processes"
            raise OSError(message)

        with pytest.raises(OSError, match="no processes"):
            run_backtest(database, backtest_id=backtest_id, clocks=CLOCKS, hire=nobody)

        found = stands(database, backtest_id)
        assert (found.state, found.problem) == (BacktestState.FAILED, "bug")


class TestCancelling:
    def test_is_too_late_at_the_end(self, database: Database) -> None:
        backtest_id = ask(database)
        answer(database, backtest_id)

        with (
            pytest.raises(BacktestOver, match="done already"),
            database.transaction() as session,
        ):
            backtests.cancel(session, backtest_id=backtest_id, actor="staff:1", now=NOW)

        assert stands(database, backtest_id).state is BacktestState.DONE


def _cancelling(database: Database, backtest_id: BacktestID) -> Callable[[], datetime]:
    """Return a clock that cancels once two purchases are done."""

    def clock() -> datetime:
        found = stands(database, backtest_id)
        if found.done == 2 and found.state is BacktestState.RUNNING:
            with database.transaction() as session:
                backtests.cancel(
                    session, backtest_id=backtest_id, actor="staff:1", now=NOW
                )
        return NOW

    return clock
