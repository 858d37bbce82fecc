"""Back-tests in the back office: asked for, watched, read."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from loyalty.core.database import Database
from loyalty.promotions.queries.backtests import get_backtest, list_backtests
from loyalty.promotions.service import backtests, create
from loyalty.promotions.values.backtests import BacktestID, BacktestState
from loyalty.staff.values import Role
from loyalty.usecases.backtest_promotion import Clocks, run_backtest
from loyalty.usecases.checkout import record_purchase
from tests.factories import NOW, basket, enrol, payment, promotion
from tests.integration.admin.conftest import RecordingQueue, SignIn
from tests.integration.admin.pages import Values, problem_of, send, words

PERCENT: Values = {
    "name_en": "Coffee week",
    "trigger": "automatic",
    "audience": "everyone",
    "reward": "percent_off",
    "percent": "20",
    "on": "category",
    "on_category": "drinks/coffee",
    "combines": "not_on_same_units",
    "stores_shown": "yes",
    "start": "percent",
}


def buy(database: Database) -> None:
    with database.transaction() as session:
        card = enrol(session).card.number
        for number in range(1, 10):
            record_purchase(
                session,
                request=basket(card if number % 2 else None, COFFEE=number),
                payment=payment(str(number), f"key-{number}"),
                now=NOW - timedelta(days=10 * number),
            )


def work(database: Database, number: int = 1) -> None:
    clocks = Clocks(now=lambda: NOW, machine_now=lambda: NOW)
    run_backtest(database, backtest_id=BacktestID(number), clocks=clocks)


@pytest.fixture
def saved(database: Database) -> None:
    with database.transaction() as session:
        create(session, document=promotion("saved"), actor="staff:1", now=NOW)


class TestTheBuilder:
    def test_tests_what_is_typed_without_saving_it(
        self, marketer: FlaskClient, database: Database, queue: RecordingQueue
    ) -> None:
        typed: Values = {**PERCENT, "action": "backtest", "period": "28"}

        answer = send(marketer, "/admin/promotions/new/percent", typed)

        assert answer.status_code == 303
        assert answer.headers["Location"] == "/admin/backtests/1"
        assert queue.pushed == [("backtest", {"backtest_id": 1})]
        with database.transaction() as session:
            (asked,) = list_backtests(session)
        assert asked.version is None
        assert asked.since == NOW - timedelta(days=28)
        assert asked.document["name"] == {"en": "Coffee week"}
        assert marketer.get("/admin/promotions/new-promotion").status_code == 404

    def test_shows_what_is_wrong_and_tests_nothing(
        self, marketer: FlaskClient, database: Database
    ) -> None:
        typed: Values = {**PERCENT, "percent": "200", "action": "backtest"}

        answer = send(marketer, "/admin/promotions/new/percent", typed)

        assert answer.status_code == 422
        assert problem_of(answer, "percent")
        with database.transaction() as session:
            assert list_backtests(session) == ()


@pytest.mark.usefixtures("saved")
class TestAPromotionsBacktests:
    def test_begin_on_their_page(
        self, marketer: FlaskClient, database: Database
    ) -> None:
        page = marketer.get("/admin/promotions/saved/backtests")
        assert "No back-test yet" in words(page)

        answer = send(marketer, "/admin/promotions/saved/backtests", {"period": "all"})

        assert answer.headers["Location"] == "/admin/backtests/1"
        with database.transaction() as session:
            (asked,) = list_backtests(session, promotion="saved")
        assert (asked.version, asked.since) == (1, None)

    def test_say_when_too_many_wait(self, marketer: FlaskClient) -> None:
        for _ in range(21):
            answer = send(marketer, "/admin/promotions/saved/backtests", {})

        assert answer.headers["Location"] == "/admin/promotions/saved/backtests"
        page = marketer.get("/admin/promotions/saved/backtests")
        assert "20 back-tests wait already" in words(page)

    def test_are_for_those_who_write_for_all_stores(
        self, sign_in: SignIn, database: Database
    ) -> None:
        manager = sign_in(Role.MANAGER)

        answer = send(manager, "/admin/promotions/saved/backtests", {})

        assert answer.status_code == 403
        with database.transaction() as session:
            assert list_backtests(session) == ()


@pytest.mark.usefixtures("saved")
class TestABacktest:
    def test_is_watched_until_it_is_done(
        self, marketer: FlaskClient, database: Database
    ) -> None:
        buy(database)
        send(marketer, "/admin/promotions/saved/backtests", {})

        waiting = marketer.get("/admin/backtests/1")
        assert "It waits for a worker" in words(waiting)
        assert 'hx-get="/admin/backtests/1/progress"' in waiting.text
        with database.transaction() as session:
            claimed = backtests.claim(
                session, backtest_id=BacktestID(1), machine_now=NOW
            )
            assert claimed is not None
            backtests.advance(
                session, claimed=claimed, done=3, total=9, machine_now=NOW
            )
        running = marketer.get("/admin/backtests/1/progress")
        assert "3 of 9 baskets" in words(running)
        assert '<progress class="share-bar" value="3" max="9"' in running.text
        with database.transaction() as session:
            backtests.sweep(session, now=NOW, machine_now=NOW + timedelta(hours=1))
        work(database)

        done = marketer.get("/admin/backtests/1/progress")
        assert "hx-get" not in done.text

    def test_says_what_it_found(
        self, marketer: FlaskClient, database: Database
    ) -> None:
        buy(database)
        send(marketer, "/admin/promotions/saved/backtests", {})
        work(database)

        page = words(marketer.get("/admin/backtests/1"))

        # A fifth of 45 coffees at 4.99, each basket rounded.
        assert "It would have applied to 9 of 9 baskets (100%)" in page
        assert "customers would have paid €44.91 less: €4.99 a basket" in page
        assert "People are taken to have bought the same." in page
        assert "Customers 1 and 4 baskets without a card" in page
        assert "−€8.98 of €44.91, on" in page
        assert "No article in these baskets has a known cost." in page
        assert "In no segment" in page
        assert "Without a card" in page

    def test_says_that_nothing_was_bought(
        self, marketer: FlaskClient, database: Database
    ) -> None:
        send(marketer, "/admin/promotions/saved/backtests", {})
        work(database)

        page = words(marketer.get("/admin/backtests/1"))

        assert "Nothing was bought in this period" in page

    def test_says_that_it_never_applied(
        self, marketer: FlaskClient, database: Database
    ) -> None:
        buy(database)
        with database.transaction() as session:
            never = promotion("never", audience={"language": "sl"})
            create(session, document=never, actor="staff:1", now=NOW)
        send(marketer, "/admin/promotions/never/backtests", {})
        work(database)

        page = words(marketer.get("/admin/backtests/1"))

        assert "It would never have applied" in page
        assert "9 baskets held something that it is about" in page
        assert "Customers have the language that they have today." in page

    def test_is_told_in_persian(
        self, marketer: FlaskClient, database: Database
    ) -> None:
        buy(database)
        send(marketer, "/admin/promotions/saved/backtests", {})
        work(database)

        page = marketer.get("/admin/backtests/1?lang=fa")

        assert page.status_code == 200
        assert 'dir="rtl"' in page.text

    def test_can_be_cancelled(self, marketer: FlaskClient, database: Database) -> None:
        send(marketer, "/admin/promotions/saved/backtests", {})

        send(marketer, "/admin/backtests/1/cancel", {})
        again = send(marketer, "/admin/backtests/1/cancel", {})

        assert again.status_code == 303
        assert "It was cancelled before it was done." in words(
            marketer.get("/admin/backtests/1")
        )
        with database.transaction() as session:
            found = get_backtest(session, backtest_id=BacktestID(1))
        assert found.state is BacktestState.CANCELLED

    def test_that_is_not_there_is_not_found(self, marketer: FlaskClient) -> None:
        assert marketer.get("/admin/backtests/7").status_code == 404
