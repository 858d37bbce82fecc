"""What is noted of prices, and what the lowest before a reduction is told to be."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from loyalty.catalogue.models import PriceRow
from loyalty.catalogue.queries import find_products, lowest_price
from loyalty.catalogue.service import note_prices, save_products
from loyalty.catalogue.values import PriceSource
from loyalty.core.database import Database
from loyalty.core.money import Money
from loyalty.promotions.queries import catalogue_facts, prior_prices
from loyalty.promotions.service import move
from loyalty.promotions.values.prices import PriorPrice
from loyalty.promotions.values.states import PromotionState
from loyalty.purchases.service.imports import (
    PastLine,
    PastPurchase,
    Takeover,
    import_purchases,
    note_past_prices,
)
from loyalty.stores.queries import get_store
from loyalty.usecases.checkout import record_purchase
from tests.factories import (
    NOW,
    STORE,
    activate,
    article,
    basket,
    enrol,
    payment,
    promotion,
)

A_DAY = timedelta(days=1)


def eur(cents: int) -> Money:
    return Money(amount=cents, currency="EUR")


def noted(session: Session, sku: str) -> list[tuple[datetime, int, int | None, str]]:
    rows = session.scalars(
        select(PriceRow).where(PriceRow.sku == sku).order_by(PriceRow.id)
    )
    return [(row.at, row.price, row.store_id, row.source.value) for row in rows]


def buy(
    session: Session, cents: int, *, receipt: str, at: datetime, sku: str = "COFFEE"
) -> None:
    plain = basket(COFFEE=1)
    line = replace(plain.lines[0], sku=sku, unit_price=eur(cents))
    record_purchase(
        session,
        request=replace(plain, lines=(line,)),
        payment=payment(receipt=receipt, key=receipt),
        now=at,
    )


class TestSaveProducts:
    def test_notes_a_price_when_it_is_another(self, database: Database) -> None:
        with database.transaction() as session:
            for cents, day in ((499, 1), (459, 2)):
                save_products(
                    session,
                    products=[article("COFFEE", "drinks/coffee", cents)],
                    now=NOW + day * A_DAY,
                    source=PriceSource.API,
                )

            assert noted(session, "COFFEE") == [
                (NOW, 499, None, "import"),
                (NOW + 2 * A_DAY, 459, None, "api"),
            ]


class TestRecordPurchase:
    def test_notes_the_price_in_the_store_when_it_is_another(
        self, database: Database
    ) -> None:
        with database.transaction() as session:
            store_id = get_store(session, code=STORE).id
            for day, cents in enumerate((499, 449, 449, 499), start=1):
                buy(session, cents, receipt=f"r{day}", at=NOW + day * A_DAY)

            assert noted(session, "COFFEE") == [
                (NOW, 499, None, "import"),
                (NOW + 2 * A_DAY, 449, store_id, "purchase"),
                (NOW + 4 * A_DAY, 499, store_id, "purchase"),
            ]

    def test_notes_the_price_before_discounts(self, database: Database) -> None:
        with database.transaction() as session:
            activate(session, promotion("coffee-20"))
            buy(session, 499, receipt="r1", at=NOW + A_DAY)

            assert noted(session, "COFFEE") == [(NOW, 499, None, "import")]

    def test_takes_no_gift_for_a_price(self, database: Database) -> None:
        with database.transaction() as session:
            buy(session, 0, receipt="r1", at=NOW + A_DAY)

            assert noted(session, "COFFEE") == [(NOW, 499, None, "import")]

    def test_notes_articles_that_the_catalogue_does_not_know(
        self, database: Database
    ) -> None:
        with database.transaction() as session:
            buy(session, 120, receipt="r1", at=NOW + A_DAY, sku="GHOST")

            assert [row[1] for row in noted(session, "GHOST")] == [120]


class TestNotePastPrices:
    def test_notes_each_change_of_an_import(self, database: Database) -> None:
        with database.transaction() as session:
            store_id = get_store(session, code=STORE).id
            member = enrol(session).profile.id
            days = {20: 300, 19: 300, 18: 250, 10: 300}
            import_purchases(
                session,
                purchases=[
                    PastPurchase(
                        customer_id=member,
                        store_id=store_id,
                        receipt=f"old-{day}",
                        at=NOW - day * A_DAY,
                        source_week=None,
                        lines=(PastLine("COFFEE", Decimal(1), cents, cents, 0),),
                    )
                    for day, cents in days.items()
                ],
                takeover=Takeover(currency="EUR", recorded_by="import:old"),
                now=NOW,
            )

            note_past_prices(session, recorded_by="import:old")

            assert noted(session, "COFFEE")[1:] == [
                (NOW - 20 * A_DAY, 300, store_id, "purchase"),
                (NOW - 18 * A_DAY, 250, store_id, "purchase"),
                (NOW - 10 * A_DAY, 300, store_id, "purchase"),
            ]
            assert lowest_price(session, sku="COFFEE", before=NOW) == eur(250)
            assert lowest_price(session, sku="COFFEE", before=NOW, days=9) == eur(300)


class TestPriceRows:
    @pytest.mark.parametrize(
        "change", ["UPDATE product_price SET price = 1", "DELETE FROM product_price"]
    )
    def test_are_only_ever_added(self, database: Database, change: str) -> None:
        with database.transaction() as session:
            before = noted(session, "COFFEE")
            with pytest.raises(IntegrityError), session.begin_nested():
                session.execute(text(change))

            assert noted(session, "COFFEE") == before


class TestLowestPrice:
    def test_is_of_one_store_when_it_is_given(self, database: Database) -> None:
        with database.transaction() as session:
            store_id = get_store(session, code=STORE).id
            note_prices(
                session,
                prices=[("COFFEE", eur(399))],
                source=PriceSource.PURCHASE,
                at=NOW + A_DAY,
                store_id=store_id,
            )
            later = NOW + 5 * A_DAY

            here = lowest_price(session, sku="COFFEE", before=later, store_id=store_id)

            assert here == eur(399)
            assert lowest_price(
                session, sku="COFFEE", before=later, store_id=store_id + 1
            ) == eur(499)
            assert lowest_price(session, sku="TEA", before=NOW) is None


class TestPriorPrices:
    def test_count_what_promotions_for_everybody_took_off(
        self, database: Database
    ) -> None:
        with database.transaction() as session:
            activate(session, promotion("coffee-20"))
            activate(session, promotion("vips", audience={"tier": "gold"}))
            move(
                session,
                code="coffee-20",
                to=PromotionState.ENDED,
                actor="staff:1",
                now=NOW + 2 * A_DAY,
            )
            products = catalogue_facts(find_products(session, skus=["COFFEE", "TEA"]))

            def prior(days: int) -> dict[str, PriorPrice]:
                return prior_prices(
                    session, products=products, before=NOW + days * A_DAY
                )

            tea = PriorPrice(lowest=eur(350), shelf=eur(350))
            reduced = PriorPrice(lowest=eur(399), shelf=eur(499), promotion="coffee-20")
            assert prior(20) == {"COFFEE": reduced, "TEA": tea}
            assert prior(32) == {
                "COFFEE": PriorPrice(lowest=eur(499), shelf=eur(499)),
                "TEA": tea,
            }

    @pytest.mark.parametrize(
        "parts",
        [
            {"trigger": "code"},
            {"trigger": "personal"},
            {"audience": {"has_card": True}},
            {"requires": [{"payment": ["card"]}]},
            {"valid": {"from": "2027-01-01T00:00"}},
        ],
        ids=lambda parts: next(iter(parts)),
    )
    def test_leave_out_what_is_not_asked_of_everybody(
        self, database: Database, parts: dict[str, object]
    ) -> None:
        with database.transaction() as session:
            activate(session, promotion("some", **parts))
            products = catalogue_facts(find_products(session, skus=["COFFEE"]))

            found = prior_prices(session, products=products, before=NOW + 5 * A_DAY)

            assert found["COFFEE"].lowest == eur(499)
