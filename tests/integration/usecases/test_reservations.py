"""Quotes that are kept, prices that are held, and limits that many want at once."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from loyalty.core.database import Base, Database
from loyalty.core.errors import Invalid
from loyalty.promotions.models import HoldRow, QuoteRow, TotalRow, UseRow
from loyalty.promotions.queries import QuoteNotFound, get_quote, quote_of_purchase
from loyalty.promotions.service import (
    UsedUp,
    clear_quotes,
    give_up_reservation,
    move,
    revise,
)
from loyalty.promotions.service.quotes import KEPT_FOR
from loyalty.promotions.values.kept import QuoteID
from loyalty.promotions.values.states import PromotionState
from loyalty.purchases.models import PurchaseRow
from loyalty.purchases.values import PurchaseID
from loyalty.usecases.checkout import (
    Asking,
    BasketRequest,
    Kept,
    NotAtThisPrice,
    ask_quote,
    record_purchase,
)
from tests.factories import NOW, activate, basket, enrol, payment, promotion

CLIENTS = 24
LATER = NOW + timedelta(minutes=14)
TOO_LATE = NOW + timedelta(minutes=15)


def count(database: Database, *tables: type[Base]) -> list[int]:
    with database.transaction() as session:
        return [
            session.scalar(select(func.count()).select_from(table)) or 0
            for table in tables
        ]


def ask(
    database: Database,
    request: BasketRequest,
    *,
    reserve: bool = True,
    now: datetime = NOW,
    replaces: QuoteID | None = None,
) -> tuple[str, Kept]:
    """Return the discount and the kept quote."""
    asking = Asking(actor="key:1", reserve=reserve, replaces=replaces)
    with database.transaction() as session:
        priced, kept = ask_quote(session, request=request, asking=asking, now=now)
    return str(priced.quote.discount), kept


def pay(
    database: Database,
    request: BasketRequest,
    quote_id: QuoteID | None,
    *,
    receipt: str = "1",
    now: datetime = NOW,
) -> dict[str, str]:
    told = replace(payment(receipt, f"key-{receipt}"), quote=quote_id)
    with database.transaction() as session:
        reply = record_purchase(session, request=request, payment=told, now=now).reply
    answer: dict[str, str] = json.loads(reply)
    return answer


def limited(database: Database, **limits: object) -> str:
    """Let 20 % off coffee run with limits; return somebody's card."""
    with database.transaction() as session:
        activate(session, promotion("coffee-20", limits=limits))
        return enrol(session).card.number


class TestAskQuote:
    def test_keeps_what_the_price_was_computed_from(self, database: Database) -> None:
        card = limited(database, total=5)
        request = basket(card, COFFEE=2, TEA=1)

        _discount, kept = ask(database, request, reserve=False)

        with database.transaction() as session:
            quote = get_quote(session, quote_id=kept.quote_id)
        assert quote.result["net"] == "11.48"
        assert quote.reserved_until is None
        assert [(p.promotion.code, p.version) for p in quote.pricing.promotions] == [
            ("coffee-20", 1)
        ]
        assert quote.pricing.basket.lines == request.lines
        assert quote.pricing.facts.catalogue["TEA"].categories == ("drinks/tea",)
        assert quote.pricing.facts.customer is not None
        assert str(quote.pricing.programme.time_zone) == "Europe/Warsaw"

    def test_names_quotes_so_that_nobody_guesses_them(self, database: Database) -> None:
        card = limited(database)

        names = {ask(database, basket(card, TEA=1))[1].quote_id for _ in range(9)}

        assert [len(name) for name in names] == [25] * 9

    def test_holds_the_last_use_until_it_runs_out(self, database: Database) -> None:
        card = limited(database, total=1)
        request = basket(card, COFFEE=2)

        first, kept = ask(database, request)
        meanwhile, _kept = ask(database, basket(None, COFFEE=2), now=LATER)
        afterwards, _kept = ask(database, basket(None, COFFEE=2), now=TOO_LATE)

        assert kept.reserved_until == TOO_LATE
        assert (first, meanwhile, afterwards) == ("2.00", "0.00", "2.00")

    @pytest.mark.parametrize("limit", ["per_customer", "per_customer_per_day"])
    def test_holds_what_a_customer_may_use_once(
        self, database: Database, limit: str
    ) -> None:
        card = limited(database, **{limit: 1})
        with database.transaction() as session:
            other = enrol(session, "bob@example.org").card.number

        discounts = [
            ask(database, basket(number, COFFEE=2))[0] for number in (card, card, other)
        ]

        assert discounts == ["2.00", "0.00", "2.00"]

    def test_gives_an_earlier_reservation_up_for_a_new_one(
        self, database: Database
    ) -> None:
        card = limited(database, total=1)
        _discount, first = ask(database, basket(card, COFFEE=2))

        discount, _second = ask(
            database, basket(card, COFFEE=3), replaces=first.quote_id
        )

        assert discount == "2.99"
        assert count(database, HoldRow) == [1]

    def test_reserves_nothing_of_a_promotion_without_limits(
        self, database: Database
    ) -> None:
        card = limited(database)

        ask(database, basket(card, COFFEE=2))

        assert count(database, HoldRow, TotalRow) == [0, 0]


class TestPayingByAQuote:
    def test_honours_a_reserved_price_whatever_happened(
        self, database: Database
    ) -> None:
        card = limited(database, total=1)
        request = basket(card, COFFEE=2)
        _discount, kept = ask(database, request)
        with database.transaction() as session:
            move(
                session,
                code="coffee-20",
                to=PromotionState.PAUSED,
                actor="staff:1",
                now=NOW,
            )

        paid = pay(database, request, kept.quote_id, now=LATER)

        assert (paid["net"], paid["quote"]) == ("7.98", kept.quote_id)
        assert count(database, UseRow, HoldRow, QuoteRow) == [1, 0, 1]
        with database.transaction() as session:
            quote = quote_of_purchase(
                session, purchase_id=PurchaseID(int(paid["purchase"]))
            )
            assert quote.id == kept.quote_id
            assert session.scalars(select(TotalRow.uses)).all() == [1]

    def test_refuses_another_price_when_the_reservation_ran_out(
        self, database: Database
    ) -> None:
        card = limited(database, total=1)
        request = basket(card, COFFEE=2)
        _discount, kept = ask(database, request)
        pay(database, basket(None, COFFEE=2), None, now=TOO_LATE)

        with pytest.raises(NotAtThisPrice) as raised:
            pay(database, request, kept.quote_id, receipt="2", now=TOO_LATE)

        assert raised.value.code == "price_changed"
        assert count(database, PurchaseRow, UseRow) == [1, 1]

    def test_records_an_unreserved_quote_at_the_same_price(
        self, database: Database
    ) -> None:
        card = limited(database)
        request = basket(card, COFFEE=2)
        _discount, kept = ask(database, request, reserve=False)

        paid = pay(database, request, kept.quote_id)

        assert paid["net"] == "7.98"
        assert paid["quote"] != kept.quote_id
        assert count(database, QuoteRow) == [2]

    def test_refuses_another_basket(self, database: Database) -> None:
        card = limited(database)
        _discount, kept = ask(database, basket(card, COFFEE=2))

        for other in (basket(card, COFFEE=3), basket(None, COFFEE=2)):
            with pytest.raises(NotAtThisPrice) as raised:
                pay(database, other, kept.quote_id)
            assert raised.value.code == "quote_differs"
        assert count(database, PurchaseRow) == [0]

    def test_takes_a_quote_once(self, database: Database) -> None:
        card = limited(database)
        request = basket(card, COFFEE=2)
        _discount, kept = ask(database, request)
        pay(database, request, kept.quote_id)

        with pytest.raises(NotAtThisPrice) as raised:
            pay(database, request, kept.quote_id, receipt="2")

        assert raised.value.code == "quote_used"
        assert count(database, PurchaseRow) == [1]

    def test_answers_a_replay_though_the_quote_is_used(
        self, database: Database
    ) -> None:
        card = limited(database)
        request = basket(card, COFFEE=2)
        _discount, kept = ask(database, request)

        assert pay(database, request, kept.quote_id) == pay(
            database, request, kept.quote_id
        )
        assert count(database, PurchaseRow) == [1]

    def test_does_not_know_other_quotes(self, database: Database) -> None:
        with pytest.raises(Invalid) as raised:
            pay(database, basket(None, TEA=1), QuoteID("guessed"))

        assert raised.value.problems[0].pointer == "/quote"
        assert raised.value.problems[0].code == "quote_unknown"


class TestLimits:
    def test_count_again_what_was_used_before_there_were_any(
        self, database: Database
    ) -> None:
        card = limited(database)
        pay(database, basket(card, COFFEE=2), None)
        with database.transaction() as session:
            revise(
                session,
                code="coffee-20",
                document=promotion("coffee-20", limits={"total": 1}),
                actor="staff:1",
                now=NOW + timedelta(seconds=1),
            )

        assert ask(database, basket(card, COFFEE=2))[0] == "0.00"


class TestGivingUp:
    def test_frees_what_was_held_once(self, database: Database) -> None:
        card = limited(database, total=1)
        _discount, kept = ask(database, basket(card, COFFEE=2))

        with database.transaction() as session:
            freed = [
                give_up_reservation(session, quote_id=kept.quote_id, now=NOW)
                for _ in range(2)
            ]

        assert freed == [True, False]
        assert ask(database, basket(None, COFFEE=2))[0] == "2.00"


class TestClearQuotes:
    def test_removes_old_quotes_that_nobody_paid(self, database: Database) -> None:
        card = limited(database, total=1)
        _discount, kept = ask(database, basket(card, COFFEE=2))
        paid = pay(database, basket(card, TEA=1), None)
        at = NOW + KEPT_FOR + timedelta(seconds=1)

        with database.transaction() as session:
            early = clear_quotes(session, now=NOW + KEPT_FOR)
            removed = clear_quotes(session, now=at)

        assert (early, removed) == (0, 1)
        assert count(database, HoldRow, QuoteRow) == [0, 1]
        with database.transaction() as session:
            kept_still = get_quote(session, quote_id=QuoteID(paid["quote"]))
            assert kept_still.purchase_id is not None
            with pytest.raises(QuoteNotFound):
                get_quote(session, quote_id=kept.quote_id)


def all_at_once(work: Callable[[int], str]) -> list[str]:
    with ThreadPoolExecutor(CLIENTS) as pool:
        return list(pool.map(work, range(CLIENTS)))


class TestOfManyClientsAtOnce:
    """Each was told the reduced price; as many as allowed pay it, the others 409."""

    def told(self, database: Database, cards: list[str]) -> list[tuple[str, QuoteID]]:
        return [
            (
                card,
                ask(database, basket(card, COFFEE=2), reserve=False)[1].quote_id,
            )
            for card in cards
        ]

    def race(self, database: Database, told: list[tuple[str, QuoteID]]) -> list[str]:
        def buy(place: int) -> str:
            card, quote_id = told[place]
            request = basket(card, COFFEE=2)
            try:
                paid = pay(database, request, quote_id, receipt=str(place))
            except (UsedUp, NotAtThisPrice):
                return "409"
            return paid["discount"]

        return sorted(all_at_once(buy))

    @pytest.mark.parametrize(
        ("limits", "winners"), [({"total": 5}, 5), ({"budget": "7.00"}, 3)]
    )
    def test_the_last_uses_go_to_as_many_as_allowed(
        self, shared_database: Database, limits: dict[str, object], winners: int
    ) -> None:
        limited(shared_database, **limits)
        with shared_database.transaction() as session:
            cards = [
                enrol(session, f"p{n}@example.org").card.number for n in range(CLIENTS)
            ]

        found = self.race(shared_database, self.told(shared_database, cards))

        assert found == ["2.00"] * winners + ["409"] * (CLIENTS - winners)
        assert count(shared_database, UseRow, PurchaseRow) == [winners, winners]
        with shared_database.transaction() as session:
            total = session.scalars(select(TotalRow)).one()
            assert (total.uses, total.given) == (winners, winners * 200)

    @pytest.mark.parametrize("limit", ["per_customer", "per_customer_per_day"])
    def test_the_last_use_of_a_customer_is_one(
        self, shared_database: Database, limit: str
    ) -> None:
        card = limited(shared_database, **{limit: 1})
        told = self.told(shared_database, [card] * CLIENTS)

        found = self.race(shared_database, told)

        assert found == ["2.00"] + ["409"] * (CLIENTS - 1)
        assert count(shared_database, UseRow, PurchaseRow) == [1, 1]

    def test_one_of_many_reserves_the_last_use(self, shared_database: Database) -> None:
        limited(shared_database, total=1)

        def reserve(_place: int) -> str:
            try:
                return ask(shared_database, basket(None, COFFEE=2))[0]
            except UsedUp:
                return "409"

        found = all_at_once(reserve)

        assert found.count("2.00") == 1
        assert count(shared_database, HoldRow) == [1]

    def test_one_of_many_pays_by_a_reserved_quote(
        self, shared_database: Database
    ) -> None:
        card = limited(shared_database, total=1)
        _discount, kept = ask(shared_database, basket(card, COFFEE=2))

        found = self.race(shared_database, [(card, kept.quote_id)] * CLIENTS)

        assert found == ["2.00"] + ["409"] * (CLIENTS - 1)
        assert count(shared_database, PurchaseRow, HoldRow) == [1, 0]
