"""Coupon codes in quotes and purchases."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select

from loyalty.core.database import Database
from loyalty.promotions.models import CodeUseRow
from loyalty.promotions.service import UsedUp
from loyalty.promotions.service.codes import (
    add_codes,
    add_word,
    begin_batch,
    order_codes,
)
from loyalty.promotions.values.codes import (
    CodeOrder,
    CodeRequest,
    CodeTerms,
    Withheld,
)
from loyalty.purchases.models import PurchaseRow
from loyalty.usecases.checkout import (
    BasketRequest,
    quote_basket,
    quote_document,
    record_purchase,
)
from tests.factories import NOW, activate, basket, payment, promotion

CLIENTS = 24
HALF = {"percent_off": {"percent": "50", "on": {"all": True}}}
ORDER = CodeOrder(pattern="################", count=2, terms=CodeTerms())


def open_promotion(database: Database) -> list[str]:
    """Let a promotion apply by code, and return two secret codes of it."""
    with database.transaction() as session:
        activate(session, promotion("half", trigger="code", reward=HALF))
        batch_id = order_codes(
            session,
            promotion="half",
            order=ORDER,
            request=CodeRequest(actor="staff:1"),
            now=NOW,
        )
        begin_batch(session, batch_id=batch_id, now=NOW)
        return add_codes(session, batch_id=batch_id, count=2, now=NOW)


def quote(database: Database, asked: BasketRequest) -> dict[str, Any]:
    with database.transaction() as session:
        return quote_document(
            quote_basket(session, request=asked, now=NOW), language="en"
        )


@pytest.fixture
def codes(database: Database) -> list[str]:
    return open_promotion(database)


def with_codes(*codes: str) -> BasketRequest:
    return replace(basket(TEA=2), codes=codes)


class TestAQuote:
    def test_names_the_code_that_a_promotion_applied_by(
        self, database: Database, codes: list[str]
    ) -> None:
        typed = codes[0].lower().replace("-", " ")

        found = quote(database, with_codes(typed))

        assert found["discount"] == "3.50"
        assert found["applied"][0]["code"] == typed
        assert found["missed"] == []

    def test_says_what_is_wrong_with_a_code(
        self, database: Database, codes: list[str]
    ) -> None:
        with database.transaction() as session:
            add_word(
                session,
                promotion="half",
                word="MAY",
                terms=CodeTerms(valid_until=NOW),
                actor="staff:1",
                now=NOW,
            )
        wrong = ("3" if codes[0][0] == "2" else "2") + codes[0][1:]

        found = quote(database, with_codes("may", wrong, "NONE"))

        assert found["discount"] == "0.00"
        assert found["missed"] == [
            {
                "promotion": "half",
                "reason": "code_expired",
                "code": "may",
                "message": "The code may has expired.",
            },
            {
                "promotion": None,
                "reason": "code_unknown",
                "code": wrong,
                "message": f"Check the code {wrong}: a letter or digit is wrong.",
            },
            {
                "promotion": None,
                "reason": "code_unknown",
                "code": "NONE",
                "message": "The code NONE is not known.",
            },
        ]

    @pytest.mark.parametrize(
        ("too_many", "reason"), [(True, "code_attempts"), (False, "code_unchecked")]
    )
    def test_looks_no_code_up_that_is_withheld(
        self, database: Database, codes: list[str], *, too_many: bool, reason: str
    ) -> None:
        withheld = Withheld(too_many=too_many, retry_after=90)
        asked = replace(with_codes(codes[0]), codes_withheld=withheld)

        found = quote(database, asked)

        assert found["discount"] == "0.00"
        (missed,) = found["missed"]
        assert (missed["reason"], missed["retry_after"]) == (reason, 90)


class TestAPurchase:
    def test_uses_the_code(self, database: Database, codes: list[str]) -> None:
        with database.transaction() as session:
            receipt = record_purchase(
                session, request=with_codes(codes[0]), payment=payment(), now=NOW
            )

        assert json.loads(receipt.reply)["discount"] == "3.50"
        found = quote(database, with_codes(*codes))
        assert found["discount"] == "3.50"
        assert found["applied"][0]["code"] == codes[1]
        assert [one["reason"] for one in found["missed"]] == ["code_unknown"]

    def test_leaves_a_code_alone_that_gave_nothing(
        self, database: Database, codes: list[str]
    ) -> None:
        with database.transaction() as session:
            record_purchase(
                session, request=with_codes(*codes), payment=payment(), now=NOW
            )

        assert quote(database, with_codes(codes[1]))["discount"] == "3.50"

    def test_of_many_at_once_gets_the_price_once(
        self, shared_database: Database
    ) -> None:
        (code, _other) = open_promotion(shared_database)

        def buy(number: int) -> str:
            try:
                with shared_database.transaction() as session:
                    receipt = record_purchase(
                        session,
                        request=with_codes(code),
                        payment=payment(str(number), f"key-{number}"),
                        now=NOW,
                    )
            except UsedUp as refusal:
                return refusal.code
            return str(json.loads(receipt.reply)["discount"])

        with ThreadPoolExecutor(CLIENTS) as pool:
            outcomes = list(pool.map(buy, range(CLIENTS)))

        assert outcomes.count("3.50") == 1
        assert set(outcomes) <= {"3.50", "0.00", "code_used"}
        with shared_database.transaction() as session:
            recorded = session.scalar(select(func.count()).select_from(PurchaseRow))
            used = session.scalar(select(func.count()).select_from(CodeUseRow))
        assert (recorded, used) == (CLIENTS - outcomes.count("code_used"), 1)
