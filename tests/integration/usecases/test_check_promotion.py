"""Checking a draft against what is in the shop's books."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from loyalty.catalogue.service import note_prices
from loyalty.catalogue.values import PriceSource
from loyalty.core.database import Database
from loyalty.core.money import Money
from loyalty.promotions.models import PromotionRow
from loyalty.promotions.schema import load_promotion
from loyalty.promotions.service import create
from loyalty.promotions.values import Selector
from loyalty.promotions.values.findings import Finding
from loyalty.usecases.check_promotion import (
    FindingsStand,
    activate_promotion,
    check_promotion,
)
from loyalty.usecases.checkout import record_purchase
from tests.factories import NOW, activate, basket, payment, promotion

A_DAY = timedelta(days=1)


def in_time() -> bool:
    return False


def found(
    database: Database,
    *,
    patient: bool = True,
    **parts: Any,  # noqa: ANN401  # JSON
) -> dict[str, Finding]:
    draft = load_promotion(promotion("draft", **parts), currency="EUR")
    with database.transaction() as session:
        findings = check_promotion(
            session,
            promotion=draft,
            now=NOW,
            time_is_up=in_time if patient else lambda: True,
        )
    return {one.code.value: one for one in findings}


def percent(number: str, **on: object) -> dict[str, object]:
    return {"percent_off": {"percent": number, "on": on}}


def eur(cents: int) -> Money:
    return Money(amount=cents, currency="EUR")


class TestCheckPromotion:
    def test_prices_recorded_baskets_with_what_runs(
        self, shared_database: Database
    ) -> None:
        with shared_database.transaction() as session:
            baskets = (basket(TEA=1), basket(TEA=2), basket(BREAD=9))
            for number, request in enumerate(baskets):
                record_purchase(
                    session,
                    request=request,
                    payment=payment(receipt=str(number), key=str(number)),
                    now=NOW - A_DAY,
                )
            activate(session, promotion("tenth", reward=percent("10", all=True)))

        away = found(shared_database, reward=percent("90", skus=["TEA"]))

        worst = away["gives_basket_away"].basket
        assert worst is not None
        assert (worst.gross, worst.without, worst.paid) == (eur(700), eur(630), eur(63))
        assert worst.promotions == ("tenth", "draft")
        assert worst.looked_at == 2
        hasty = found(
            shared_database, patient=False, reward=percent("90", skus=["TEA"])
        )
        assert "gives_basket_away" not in hasty

    def test_compares_with_the_largest_recorded_basket(
        self, shared_database: Database
    ) -> None:
        spend = {"spend": {"on": {"all": True}, "at_least": "20.00"}}
        with shared_database.transaction() as session:
            record_purchase(
                session, request=basket(TEA=2), payment=payment(), now=NOW - A_DAY
            )

        never = found(shared_database, requires=[spend])["spend_never_reached"]

        assert never.figures == {"spend": eur(2_000), "largest": eur(700)}

    @pytest.mark.parametrize(
        ("on", "matches"),
        [
            ({"all": True}, True),
            ({"skus": ["TEA", "GHOST"]}, True),
            ({"skus": ["GHOST"]}, False),
            ({"categories": ["drinks"]}, True),
            ({"categories": ["drink"]}, False),
            ({"categories": ["drinks/coffee"], "skus": ["TEA"]}, False),
            ({"brands": ["Nova"]}, False),
            ({"tags": ["bio"]}, False),
            ({"unit_price": {"at_least": "4.99"}}, True),
            ({"unit_price": {"at_least": "5.00"}}, False),
            ({"unit_price": {"below": "2.20"}}, False),
            ({"categories": ["drinks"], "except": {"skus": ["TEA"]}}, True),
            ({"categories": ["drinks"], "except": {"categories": ["drinks"]}}, False),
            ({"skus": ["TEA"], "except": {"brands": ["Nova"]}}, True),
        ],
        ids=str,
    )
    def test_knows_which_selectors_match_nothing(
        self,
        database: Database,
        on: dict[str, object],
        matches: bool,  # noqa: FBT001  # a case
    ) -> None:
        findings = found(database, reward=percent("20", **on))

        assert ("no_product" not in findings) is matches

    def test_looks_at_what_the_basket_must_hold(self, database: Database) -> None:
        quantity = {"quantity": {"of": {"skus": ["GHOST"]}, "at_least": 2}}

        finding = found(database, requires=[quantity])["no_product"]

        assert finding.figures == {"what": Selector(skus=("GHOST",))}

    def test_compares_with_the_lowest_price_before(self, database: Database) -> None:
        with database.transaction() as session:
            for day, cents in ((20, 380), (10, 499)):
                note_prices(
                    session,
                    prices=[("COFFEE", eur(cents))],
                    source=PriceSource.API,
                    at=NOW - day * A_DAY,
                )

        (dear,) = found(database)["no_reduction"].products
        (cheap,) = found(database, reward=percent("30", skus=["COFFEE"]))[
            "below_prior_price"
        ].products

        assert (dear.reduced, dear.limit) == (eur(399), eur(380))
        assert (cheap.reduced, cheap.limit) == (eur(349), eur(380))


class TestActivatePromotion:
    def test_leaves_a_draft_as_it_was_while_findings_stand(
        self, database: Database
    ) -> None:
        with database.transaction() as session:
            document = promotion("gone", valid={"until": "2026-01-01T00:00"})
            create(session, document=document, actor="staff:1", now=NOW)

            with pytest.raises(FindingsStand) as refusal:
                activate_promotion(
                    session,
                    code="gone",
                    acknowledged=["over"],
                    actor="staff:1",
                    now=NOW,
                    time_is_up=in_time,
                )

            row = session.scalars(select(PromotionRow)).one()
            assert (row.state.value, row.activated_at) == ("draft", None)
        assert "over" in {one.code.value for one in refusal.value.findings}
