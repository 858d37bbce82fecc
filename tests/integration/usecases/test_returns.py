"""Goods that come back: refunds, points, uses, exchanges and cancellations."""

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from loyalty.core.database import Base, Database
from loyalty.core.errors import Invalid
from loyalty.core.money import Money
from loyalty.customers.values import CustomerID
from loyalty.points.models import TransferRow
from loyalty.points.queries import balance, open_lots
from loyalty.points.service import NotEnoughPoints, spend
from loyalty.points.service.spending import Spending
from loyalty.points.values import Request
from loyalty.promotions.models import TotalRow, UseRow
from loyalty.promotions.values import BasketLine
from loyalty.purchases.models import PurchaseRow, ReturnLineRow, ReturnRow
from loyalty.purchases.queries import PurchaseNotFound, list_returns
from loyalty.purchases.values import PurchaseID
from loyalty.stores.queries import get_programme
from loyalty.stores.service import save_programme
from loyalty.usecases.checkout import (
    AlreadyCancelled,
    BasketRequest,
    ReturnRequest,
    exchange_goods,
    record_purchase,
    return_goods,
)
from tests.factories import NOW, activate, basket, enrol, payment, promotion

ALL = {"all": True}
LATER = NOW + timedelta(days=3)
FIVE_OFF = promotion(
    "five-off",
    requires=[{"spend": {"on": ALL, "at_least": "20.00"}}],
    reward={"amount_off": {"amount": "5.00", "on": ALL, "per": "basket"}},
)

CENTS = Money(amount=99, currency="EUR")

Reply = dict[str, Any]


def count(database: Database, *tables: type[Base]) -> list[int]:
    with database.transaction() as session:
        return [
            session.scalar(select(func.count()).select_from(table)) or 0
            for table in tables
        ]


def buy(
    session: Session, request: BasketRequest, receipt: str = "1", now: datetime = NOW
) -> Reply:
    paid = payment(receipt, f"key-{receipt}")
    reply: Reply = json.loads(
        record_purchase(session, request=request, payment=paid, now=now).reply
    )
    return reply


def asked(
    purchase: Reply, lines: Sequence[tuple[str, str]] | None, key: str = "back-1"
) -> ReturnRequest:
    return ReturnRequest(
        purchase_id=PurchaseID(int(purchase["purchase"])),
        lines=None
        if lines is None
        else tuple((line, Decimal(quantity)) for line, quantity in lines),
        actor="key:1",
        request_key=key,
        request_hash=repr(lines).encode(),
    )


def back(
    session: Session,
    purchase: Reply,
    *lines: tuple[str, str],
    key: str = "back-1",
    cancel: bool = False,
) -> Reply:
    request = asked(purchase, None if cancel else lines, key)
    reply: Reply = json.loads(return_goods(session, request=request, now=LATER).reply)
    return reply


def recheck(session: Session) -> None:
    programme = replace(get_programme(session), recheck_thresholds=True)
    save_programme(session, programme=programme, actor="system", now=NOW)


@pytest.fixture
def card(database: Database) -> str:
    with database.transaction() as session:
        activate(session, promotion("coffee-20", limits={"total": 5}))
        return enrol(session).card.number


def owner(session: Session) -> CustomerID:
    return CustomerID(session.scalar(text("SELECT id FROM customer")) or 0)


class TestReturnGoods:
    def test_refunds_what_was_paid_for_the_units(
        self, database: Database, card: str
    ) -> None:
        with database.transaction() as session:
            bought = buy(session, basket(card, COFFEE=3, TEA=1))

            reply = back(session, bought, ("1", "1"))

        # 14.97 less 2.99; the first unit was reduced by 1.00, as was the second.
        assert bought["lines"][0]["net"] == "11.98"
        assert reply["refund"] == "3.99"
        assert reply["lines"] == [
            {
                "line": "1",
                "sku": "COFFEE",
                "quantity": "1",
                "refund": "3.99",
                "applications": [{"promotion": "coffee-20", "amount": "1.00"}],
            }
        ]
        assert reply["tenders"] == [
            {"tender": "payment", "amount": "3.99", "points": 0, "payment": "card"}
        ]
        assert reply["points"] == {
            "taken_back": 4,
            "given_back": 0,
            "balance_after": 11,
        }
        assert (reply["correction"], reply["given_back"]) == ("0.00", [])
        assert count(database, ReturnRow, ReturnLineRow) == [1, 1]

    def test_adds_up_over_several_returns(self, database: Database, card: str) -> None:
        with database.transaction() as session:
            activate(session, FIVE_OFF)
            bought = buy(session, basket(card, COFFEE=3, TEA=2, BREAD=3))
            replies = [
                back(session, bought, (line, "1"), key=f"{line}{unit}")
                for unit in range(3)
                for line in ("3", "1", "2")
                if (line, unit) != ("2", 2)
            ]
            uses = session.scalars(select(UseRow)).all()
            total = session.scalars(select(TotalRow)).one()
            customer = owner(session)

            assert balance(session, customer_id=customer) == 0
        refunds = [Decimal(reply["refund"]) for reply in replies]
        assert sum(refunds) == Decimal(bought["net"])
        taken = [reply["points"]["taken_back"] for reply in replies]
        assert sum(taken) == bought["points"]["earned"]
        given = [reply["given_back"] for reply in replies]
        assert given == [[]] * 7 + [["coffee-20", "five-off"]]
        assert all(use.given_back_at == LATER for use in uses)
        assert (total.uses, total.given) == (0, 0)

    def test_divides_a_weighed_line_by_weight(
        self, database: Database, card: str
    ) -> None:
        ham = BasketLine(
            line="1",
            sku="HAM",
            quantity=Decimal("0.350"),
            unit_price=Money(amount=1299, currency="EUR"),
        )
        with database.transaction() as session:
            bought = buy(session, replace(basket(card), lines=(ham,)))
            replies = [
                back(session, bought, ("1", part), key=part)
                for part in ("0.1", "0.2", "0.050")
            ]

        assert bought["net"] == "4.55"
        assert [reply["refund"] for reply in replies] == ["1.30", "2.60", "0.65"]

    @pytest.mark.parametrize(
        ("lines", "problem"),
        [
            ([("9", "1")], ("/lines/0/line", "line_unknown")),
            ([("1", "4")], ("/lines/0/quantity", "more_than_is_left")),
            ([("1", "0.5")], ("/lines/0/quantity", "more_than_is_left")),
            ([("1", "1"), ("1", "1")], ("/lines/1/line", "line_twice")),
        ],
        ids=str,
    )
    def test_names_what_can_not_come_back(
        self,
        database: Database,
        card: str,
        lines: list[tuple[str, str]],
        problem: tuple[str, str],
    ) -> None:
        with database.transaction() as session:
            bought = buy(session, basket(card, COFFEE=3))
            with pytest.raises(Invalid) as raised:
                back(session, bought, *lines)

        found = raised.value.problems
        assert [(one.pointer, one.code) for one in found] == [problem]
        assert count(database, ReturnRow, TransferRow) == [0, 1]

    def test_never_takes_more_back_than_was_bought(
        self, database: Database, card: str
    ) -> None:
        with database.transaction() as session:
            bought = buy(session, basket(card, COFFEE=3))
            back(session, bought, ("1", "2"))
            with pytest.raises(Invalid):
                back(session, bought, ("1", "2"), key="back-2")

            assert back(session, bought, ("1", "1"), key="back-3")["refund"] == "4.00"

    def test_answers_a_replay_with_the_same_bytes(
        self, database: Database, card: str
    ) -> None:
        with database.transaction() as session:
            bought = buy(session, basket(card, COFFEE=3))
            request = asked(bought, [("1", "1")])
            first = return_goods(session, request=request, now=LATER)
            again = return_goods(session, request=request, now=LATER)
            other = replace(request, request_hash=b"other")

            with pytest.raises(Invalid) as raised:
                return_goods(session, request=other, now=LATER)

        assert again.reply == first.reply
        assert (first.replayed, again.replayed) == (False, True)
        assert raised.value.problems[0].code == "request_key_reused"
        assert count(database, ReturnRow) == [1]

    def test_takes_points_back_below_zero(self, database: Database, card: str) -> None:
        with database.transaction() as session:
            bought = buy(session, basket(card, TEA=3))
            spending = Spending(
                points=10, request=Request(key="spent", actor="staff:1")
            )
            spend(session, customer_id=owner(session), spending=spending, now=NOW)

            reply = back(session, bought, ("1", "3"))

        assert reply["points"]["taken_back"] == 10
        assert reply["points"]["balance_after"] == -10

    def test_needs_no_card(self, database: Database, card: str) -> None:
        assert card
        with database.transaction() as session:
            bought = buy(session, basket(None, COFFEE=1))

            reply = back(session, bought, ("1", "1"))

        assert (reply["refund"], reply["points"]["balance_after"]) == ("3.99", None)

    def test_knows_only_purchases_that_there_are(self, database: Database) -> None:
        with database.transaction() as session, pytest.raises(PurchaseNotFound):
            back(session, {"purchase": "4711"}, ("1", "1"))

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE purchase_return SET refund = 0",
            "DELETE FROM purchase_return_line",
            "TRUNCATE purchase_return_tender",
        ],
    )
    def test_is_never_changed(
        self, database: Database, card: str, statement: str
    ) -> None:
        with database.transaction() as session:
            back(session, buy(session, basket(card, TEA=1)), ("1", "1"))

        with (
            pytest.raises(DBAPIError, match="only ever added"),
            database.transaction() as session,
        ):
            session.execute(text(statement))


class TestRecheckedThresholds:
    def test_take_off_what_the_kept_goods_do_not_reach(
        self, database: Database, card: str
    ) -> None:
        with database.transaction() as session:
            activate(session, FIVE_OFF)
            recheck(session)
            bought = buy(session, basket(card, TEA=6))

            first = back(session, bought, ("1", "1"))
            second = back(session, bought, ("1", "1"), key="back-2")
            third = back(session, bought, ("1", "4"), key="back-3")

        # 21.00 less 5.00; five cost 17.50 without the offer, four 14.00.
        assert bought["net"] == "16.00"
        refunds = [one["refund"] for one in (first, second, third)]
        assert refunds == ["0.00", "2.00", "14.00"]
        assert first["correction"] == "-2.66"

    def test_are_left_alone_unless_the_programme_says_so(
        self, database: Database, card: str
    ) -> None:
        with database.transaction() as session:
            activate(session, FIVE_OFF)
            bought = buy(session, basket(card, TEA=6))

            reply = back(session, bought, ("1", "1"))

        assert (reply["refund"], reply["correction"]) == ("2.66", "0.00")


class TestSpentPoints:
    def earned(self, session: Session, card: str) -> CustomerID:
        buy(session, basket(card, TEA=60), "first")
        return owner(session)

    def test_pay_after_all_discounts_and_lower_no_points(
        self, database: Database, card: str
    ) -> None:
        with database.transaction() as session:
            customer = self.earned(session, card)
            request = replace(basket(card, COFFEE=2), points_to_spend=150)

            bought = buy(session, request, "2")

            assert balance(session, customer_id=customer) == 210 - 150 + 7
        assert (bought["net"], bought["points"]["earned"]) == ("7.98", 7)
        assert bought["points"]["balance_after"] == 67
        assert bought["tenders"] == [
            {"tender": "points", "amount": "1.50", "points": 150, "payment": None},
            {"tender": "payment", "amount": "6.48", "points": 0, "payment": "card"},
        ]

    def test_come_back_first_with_their_old_expiry(
        self, database: Database, card: str
    ) -> None:
        with database.transaction() as session:
            customer = self.earned(session, card)
            (lot,) = open_lots(session, customer_id=customer)
            request = replace(basket(card, TEA=2), points_to_spend=150)
            bought = buy(session, request, "2")

            replies = [
                back(session, bought, ("1", "1"), key=key) for key in ("b1", "b2")
            ]
            lots = open_lots(session, customer_id=customer)

            assert balance(session, customer_id=customer) == 210
        assert [reply["tenders"] for reply in replies] == [
            [
                {"tender": "points", "amount": "1.50", "points": 150, "payment": None},
                {"tender": "payment", "amount": "2.00", "points": 0, "payment": "card"},
            ],
            [{"tender": "payment", "amount": "3.50", "points": 0, "payment": "card"}],
        ]
        assert [(one.remaining, one.expires_at) for one in lots] == [
            (210, lot.expires_at)
        ]

    def test_are_no_more_than_there_are(self, database: Database, card: str) -> None:
        with database.transaction() as session:
            self.earned(session, card)
            request = replace(basket(card, COFFEE=9), points_to_spend=211)

            with pytest.raises(NotEnoughPoints):
                buy(session, request, "2")

        assert count(database, PurchaseRow, TransferRow) == [1, 1]

    def test_are_no_more_than_is_to_pay(self, database: Database, card: str) -> None:
        with database.transaction() as session:
            self.earned(session, card)
            small = replace(basket(card, BREAD=1).lines[0], unit_price=CENTS)
            request = replace(basket(card), lines=(small,), points_to_spend=210)
            bought = buy(session, request, "2")

        assert bought["tenders"] == [
            {"tender": "points", "amount": "0.99", "points": 99, "payment": None}
        ]

    def test_need_a_card(self, database: Database) -> None:
        with database.transaction() as session, pytest.raises(Invalid) as raised:
            buy(session, replace(basket(None, TEA=1), points_to_spend=1))

        assert raised.value.problems[0].pointer == "/points_to_spend"


class TestCancelling:
    def test_undoes_all_that_is_left_once(self, database: Database, card: str) -> None:
        fee = Money(amount=490, currency="EUR")
        with database.transaction() as session:
            request = replace(basket(card, COFFEE=2, TEA=1), delivery_fee=fee)
            bought = buy(session, request)
            back(session, bought, ("2", "1"))

            reply = back(session, bought, key="cancel", cancel=True)
            with pytest.raises(AlreadyCancelled):
                back(session, bought, key="cancel-again", cancel=True)
            with pytest.raises(AlreadyCancelled):
                back(session, bought, ("1", "1"), key="more")

            kinds = [
                one.kind.value
                for one in list_returns(
                    session, purchase_id=PurchaseID(int(bought["purchase"]))
                )
            ]
        assert (reply["goods"], reply["delivery"]) == ("7.98", "4.90")
        assert reply["refund"] == "12.88"
        assert reply["given_back"] == ["coffee-20"]
        assert reply["points"]["balance_after"] == 0
        assert kinds == ["return", "cancellation"]
        with database.transaction() as session:
            assert session.scalars(select(TotalRow.uses)).all() == [0]

    def test_frees_a_use_for_the_next(self, database: Database) -> None:
        with database.transaction() as session:
            activate(session, promotion("once", limits={"per_customer": 1}))
            card = enrol(session).card.number
            bought = buy(session, basket(card, COFFEE=1))
            used = buy(session, basket(card, COFFEE=1), "2")
            back(session, bought, cancel=True)

            again = buy(session, basket(card, COFFEE=1), "3")

        assert (used["discount"], again["discount"]) == ("0.00", "1.00")


class TestExchange:
    def test_records_both(self, database: Database, card: str) -> None:
        with database.transaction() as session:
            bought = buy(session, basket(card, COFFEE=2))
            receipt = exchange_goods(
                session,
                returned=asked(bought, [("1", "2")]),
                bought=basket(card, TEA=3),
                payment=payment("2", "key-2"),
                now=LATER,
            )

        reply = json.loads(receipt.reply)
        assert reply["to_pay"] == "2.52"
        assert reply["returned"]["refund"] == "7.98"
        assert reply["bought"]["points"]["balance_after"] == 10
        assert count(database, PurchaseRow, ReturnRow) == [2, 1]

    def test_records_neither_when_one_is_refused(
        self, database: Database, card: str
    ) -> None:
        with database.transaction() as session:
            bought = buy(session, basket(card, COFFEE=2))

        with pytest.raises(NotEnoughPoints), database.transaction() as session:
            exchange_goods(
                session,
                returned=asked(bought, [("1", "1")]),
                bought=replace(basket(card, TEA=3), points_to_spend=5_000),
                payment=payment("2", "key-2"),
                now=LATER,
            )

        assert count(database, PurchaseRow, ReturnRow) == [1, 0]


class TestOfManyAtOnce:
    def test_one_returns_the_goods(self, shared_database: Database) -> None:
        with shared_database.transaction() as session:
            activate(session, promotion("coffee-20", limits={"total": 5}))
            card = enrol(session).card.number
            bought = buy(session, basket(card, COFFEE=2))

        def act(place: int) -> str:
            try:
                with shared_database.transaction() as session:
                    return str(
                        back(session, bought, ("1", "2"), key=f"k{place}")["refund"]
                    )
            except Invalid as refusal:
                return refusal.problems[0].code

        with ThreadPoolExecutor(24) as pool:
            found = sorted(pool.map(act, range(24)))

        assert found == ["7.98"] + ["more_than_is_left"] * 23
        assert count(shared_database, ReturnRow) == [1]
        with shared_database.transaction() as session:
            assert session.scalars(select(TotalRow.uses)).all() == [0]
            assert balance(session, customer_id=owner(session)) == 0
