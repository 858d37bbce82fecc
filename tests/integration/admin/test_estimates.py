from datetime import timedelta

from sqlalchemy.orm import Session

from loyalty.core.database import Database
from loyalty.promotions.schema import load_promotion
from loyalty.promotions.values import Promotion
from loyalty.usecases.checkout import record_purchase
from loyalty.usecases.estimate_promotion import Cost, estimate_cost, estimate_crowd
from tests.factories import NOW, activate, basket, enrol, payment, promotion

EIGHT_WEEKS = {"from": "2026-12-01T00:00", "until": "2027-01-26T00:00"}


def buy(session: Session, number: int, card: str | None = None, **units: int) -> None:
    record_purchase(
        session,
        request=basket(card, **{sku: count for sku, count in units.items() if count}),
        payment=payment(str(number), f"key-{number}"),
        now=NOW - timedelta(days=number % 50 + 1),
    )


def cost(database: Database, draft: Promotion) -> Cost | None:
    with database.transaction() as session:
        return estimate_cost(
            session, promotion=draft, now=NOW, time_is_up=lambda: False
        )


def draft(**parts: object) -> Promotion:
    return load_promotion(promotion("draft", **parts), currency="EUR")


class TestTheCost:
    def test_is_what_the_same_baskets_would_have_cost_less(
        self, shared_database: Database
    ) -> None:
        with shared_database.transaction() as session:
            for number in range(10):
                buy(session, number, COFFEE=1)
        found = cost(shared_database, draft(valid=EIGHT_WEEKS))
        assert found is not None
        assert (found.low, found.likely, found.high) == (1000, 1000, 1000)
        assert (found.uses_low, found.uses_high) == (10, 10)
        assert (found.baskets, found.shoppers, found.finished) == (10, 10, True)

    def test_has_a_range_when_shoppers_differ(self, shared_database: Database) -> None:
        with shared_database.transaction() as session:
            for number in range(10):
                buy(session, number, None, COFFEE=number % 2, BREAD=1)
        found = cost(shared_database, draft(valid=EIGHT_WEEKS))
        assert found is not None
        assert found.likely == 500
        assert found.low < 500 < found.high

    def test_does_not_go_beyond_the_budget(self, shared_database: Database) -> None:
        with shared_database.transaction() as session:
            for number in range(10):
                buy(session, number, COFFEE=1)
        limited = draft(valid=EIGHT_WEEKS, limits={"budget": "3.00"})
        found = cost(shared_database, limited)
        assert found is not None
        assert (found.low, found.high) == (300, 300)

    def test_counts_what_runs_already_as_no_cost(
        self, shared_database: Database
    ) -> None:
        with shared_database.transaction() as session:
            for number in range(10):
                buy(session, number, COFFEE=1)
            activate(session, promotion("runs"))
        better = {"percent_off": {"percent": "30", "on": {"skus": ["COFFEE"]}}}
        found = cost(shared_database, draft(valid=EIGHT_WEEKS, reward=better))
        assert found is not None
        assert found.likely == 500

    def test_respects_how_often_a_customer_may_use_it(
        self, shared_database: Database
    ) -> None:
        with shared_database.transaction() as session:
            for member in range(8):
                card = enrol(session, f"m{member}@example.org").card.number
                for visit in range(3):
                    buy(session, member * 3 + visit, card, COFFEE=1)
        once = draft(valid=EIGHT_WEEKS, limits={"per_customer": 1})
        found = cost(shared_database, once)
        assert found is not None
        assert found.likely == 800

    def test_is_not_said_from_a_few_shoppers(self, shared_database: Database) -> None:
        with shared_database.transaction() as session:
            for number in range(7):
                buy(session, number, COFFEE=1)
        assert cost(shared_database, draft()) is None

    def test_is_not_said_when_there_was_no_time(
        self, shared_database: Database
    ) -> None:
        with shared_database.transaction() as session:
            for number in range(10):
                buy(session, number, COFFEE=1)
            found = estimate_cost(
                session, promotion=draft(), now=NOW, time_is_up=lambda: True
            )
        assert found is None


class TestTheCrowd:
    def test_is_who_is_in_the_audience_now(self, database: Database) -> None:
        with database.transaction() as session:
            card = enrol(session, "a@example.org").card
            enrol(session, "b@example.org")
            buy(session, 1, card.number, COFFEE=1)
            bought = draft(audience={"purchases": {"at_least": 1, "within_days": 7}})
            crowd = estimate_crowd(session, promotion=bought, now=NOW)
        assert (crowd.count, crowd.members, crowd.exact) == (1, 2, True)
        assert crowd.example == card.customer_id
        assert crowd.example_purchases == 1

    def test_may_be_empty(self, database: Database) -> None:
        with database.transaction() as session:
            enrol(session, "a@example.org")
            gold = draft(audience={"tier": "gold"})
            crowd = estimate_crowd(session, promotion=gold, now=NOW)
        assert (crowd.count, crowd.example) == (0, None)
