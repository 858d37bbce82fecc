"""Pricing and paying, down to the rows that they leave."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from loyalty.cards.queries import CardNotFound
from loyalty.cards.rules import card_number
from loyalty.catalogue.service import save_categories
from loyalty.core.database import Database
from loyalty.core.errors import Invalid
from loyalty.points.models import TransferRow
from loyalty.points.queries import balance
from loyalty.promotions.models import UseRow
from loyalty.promotions.service import UsedUp
from loyalty.purchases.models import PurchaseLineRow, PurchaseRow
from loyalty.purchases.service.recording import ReceiptExists
from loyalty.usecases.checkout import (
    Receipt,
    quote_basket,
    quote_document,
    record_purchase,
)
from tests.factories import NOW, activate, basket, enrol, payment, promotion


def count(database: Database, table: type[PurchaseRow | UseRow | TransferRow]) -> int:
    with database.transaction() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def pay(
    database: Database,
    card: str | None,
    *,
    receipt: str = "1",
    key: str = "key-1",
    body: bytes = b"1",
    coffees: int = 2,
) -> Receipt:
    with database.transaction() as session:
        return record_purchase(
            session,
            request=basket(card, COFFEE=coffees),
            payment=payment(receipt, key, body),
            now=NOW,
        )


@pytest.fixture
def card(database: Database) -> str:
    with database.transaction() as session:
        activate(session, promotion("coffee-20"))
        return enrol(session).card.number


class TestQuoteDocument:
    def test_calls_articles_and_categories_by_their_names(
        self, database: Database, card: str
    ) -> None:
        gift = {"free_item": {"sku": "TEA", "quantity": 1}}
        needed = {"of": {"skus": ["BREAD"]}, "at_least": 2}
        with database.transaction() as session:
            save_categories(session, names={"drinks/coffee": "Ground coffee"})
            activate(
                session,
                promotion("gift", reward=gift, requires=[{"quantity": needed}]),
            )
            priced = quote_basket(
                session, request=basket(card, COFFEE=1, TEA=1, BREAD=1), now=NOW
            )

            document = json.loads(json.dumps(quote_document(priced, language="en")))

        assert document["applied"][0]["terms"].startswith(
            "You get 20% off Ground coffee."
        )
        assert [missed["message"] for missed in document["missed"]] == [
            "Add 1 unit of Bread to get 1 unit of Tea free."
        ]


class TestQuoteBasket:
    def test_takes_the_running_promotions_off(
        self, database: Database, card: str
    ) -> None:
        with database.transaction() as session:
            quote = quote_basket(
                session, request=basket(card, COFFEE=2, TEA=1), now=NOW
            ).quote

        assert str(quote.gross) == "13.48"
        assert str(quote.discount) == "2.00"
        assert [a.promotion for a in quote.applied] == ["coffee-20"]
        assert quote.points_earned == 11
        assert quote.optimal

    def test_leaves_no_trace(self, database: Database, card: str) -> None:
        with database.transaction() as session:
            quote_basket(session, request=basket(card, COFFEE=2), now=NOW)

        assert count(database, PurchaseRow) == 0
        assert count(database, UseRow) == 0

    def test_does_not_know_other_cards(self, database: Database) -> None:
        unknown = card_number(prefix="240112", random_part=1)

        with database.transaction() as session, pytest.raises(CardNotFound):
            quote_basket(session, request=basket(unknown), now=NOW)

    def test_refuses_a_mistyped_card(self, database: Database, card: str) -> None:
        wrong = card[:-1] + str((int(card[-1]) + 1) % 10)

        with database.transaction() as session, pytest.raises(Invalid) as raised:
            quote_basket(session, request=basket(wrong), now=NOW)

        assert raised.value.problems[0].code == "card_number_check_digit"


class TestRecordPurchase:
    def test_records_lines_uses_and_points(self, database: Database, card: str) -> None:
        receipt = pay(database, card)

        reply = json.loads(receipt.reply)
        assert reply["net"] == "7.98"
        assert reply["points"]["earned"] == 7
        assert reply["points"]["balance_after"] == 7
        with database.transaction() as session:
            row = session.scalars(select(PurchaseRow)).one()
            line = session.scalars(select(PurchaseLineRow)).one()
            use = session.scalars(select(UseRow)).one()
            assert row.customer_id is not None
            assert balance(session, customer_id=row.customer_id) == 7
        assert (row.gross, row.discount, row.net) == (998, 200, 798)
        assert (line.sku, line.quantity, line.net) == ("COFFEE", Decimal(2), 798)
        assert (use.amount, use.version, use.purchase_id) == (200, 1, row.id)

    def test_answers_a_replay_with_the_same_bytes(
        self, database: Database, card: str
    ) -> None:
        first, second = pay(database, card), pay(database, card)

        assert second.reply == first.reply
        assert (first.replayed, second.replayed) == (False, True)
        assert count(database, PurchaseRow) == 1
        assert count(database, TransferRow) == 1

    def test_refuses_a_key_that_belongs_to_another_request(
        self, database: Database, card: str
    ) -> None:
        pay(database, card)

        with pytest.raises(Invalid) as raised:
            pay(database, card, receipt="2", body=b"2")

        assert raised.value.problems[0].code == "request_key_reused"
        assert count(database, PurchaseRow) == 1

    def test_refuses_a_receipt_number_twice(
        self, database: Database, card: str
    ) -> None:
        pay(database, card)

        with pytest.raises(ReceiptExists):
            pay(database, card, key="key-2")

        assert count(database, PurchaseRow) == 1
        assert count(database, UseRow) == 1

    def test_records_one_of_many_equal_requests_at_once(
        self, shared_database: Database
    ) -> None:
        with shared_database.transaction() as session:
            card = enrol(session).card.number

        with ThreadPoolExecutor(8) as pool:
            receipts = list(pool.map(lambda _: pay(shared_database, card), range(16)))

        assert len({receipt.reply for receipt in receipts}) == 1
        assert count(shared_database, PurchaseRow) == 1
        assert count(shared_database, TransferRow) == 1

    def test_gives_the_last_redemption_to_one_of_many(
        self, shared_database: Database
    ) -> None:
        with shared_database.transaction() as session:
            activate(session, promotion("coffee-20", limits={"total": 1}))
            cards = [enrol(session, f"p{n}@example.org").card.number for n in range(8)]

        def buy(place: int) -> str:
            try:
                receipt = pay(
                    shared_database, cards[place], receipt=str(place), key=f"k{place}"
                )
            except UsedUp:
                return "refused"
            return str(json.loads(receipt.reply)["discount"])

        with ThreadPoolExecutor(8) as pool:
            discounts = list(pool.map(buy, range(8)))

        assert discounts.count("2.00") == 1
        assert count(shared_database, UseRow) == 1

    def test_spends_a_budget_whole_or_not_at_all(self, database: Database) -> None:
        with database.transaction() as session:
            activate(session, promotion("coffee-20", limits={"budget": "3.00"}))
            number = enrol(session).card.number

        first = json.loads(pay(database, number).reply)
        second = json.loads(pay(database, number, receipt="2", key="k2").reply)

        assert (first["discount"], second["discount"]) == ("2.00", "0.00")
        assert second["missed"][0]["reason"] == "used_up"


class TestLedger:
    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE points_transfer SET amount = 999",
            "DELETE FROM points_transfer",
            "TRUNCATE points_transfer CASCADE",
            "UPDATE customer_consent SET given = true",
            "DELETE FROM audit_entry",
        ],
    )
    def test_only_ever_adds_rows(
        self, database: Database, card: str, statement: str
    ) -> None:
        pay(database, card)

        with (
            pytest.raises(DBAPIError, match="only ever added"),
            database.transaction() as session,
        ):
            session.execute(text(statement))

        assert count(database, TransferRow) == 1

    def test_balance_is_the_sum_of_its_transfers(
        self, database: Database, card: str
    ) -> None:
        for number in range(5):
            pay(
                database, card, receipt=str(number), key=str(number), coffees=number + 1
            )

        with database.transaction() as session:
            rows = session.scalars(
                select(TransferRow).order_by(TransferRow.version)
            ).all()
        assert [row.version for row in rows] == [1, 2, 3, 4, 5]
        assert sum(row.amount for row in rows) == rows[-1].balance_after
        assert all(row.at <= NOW + timedelta() for row in rows)
