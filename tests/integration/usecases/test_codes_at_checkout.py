"""Coupon codes in reservations, in kept quotes and in returns."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from loyalty.core.database import Database
from loyalty.promotions.service.codes import add_codes, begin_batch, order_codes
from loyalty.promotions.values.codes import CodeOrder, CodeRequest, CodeTerms
from loyalty.promotions.values.kept import QuoteID
from loyalty.purchases.values import PurchaseID
from loyalty.usecases.checkout import (
    Asking,
    BasketRequest,
    ReturnRequest,
    ask_quote,
    give_up,
    record_purchase,
    return_goods,
)
from loyalty.usecases.explain_quote import explain_purchase
from tests.factories import NOW, activate, basket, payment, promotion

HALF = {"percent_off": {"percent": "50", "on": {"all": True}}}
TOO_LATE = NOW + timedelta(minutes=15)


@pytest.fixture
def code(database: Database) -> str:
    """Give a secret code that may be used once."""
    with database.transaction() as session:
        activate(session, promotion("half", trigger="code", reward=HALF))
        batch_id = order_codes(
            session,
            promotion="half",
            order=CodeOrder(pattern="################", count=1, terms=CodeTerms()),
            request=CodeRequest(actor="staff:1"),
            now=NOW,
        )
        begin_batch(session, batch_id=batch_id, now=NOW)
        return add_codes(session, batch_id=batch_id, count=1, now=NOW)[0]


def teas(code: str) -> BasketRequest:
    return replace(basket(TEA=2), codes=(code,))


def quote(
    session: Session, code: str, *, reserve: bool = False, now: datetime = NOW
) -> tuple[str, QuoteID]:
    asking = Asking(actor="key:1", reserve=reserve)
    priced, kept = ask_quote(session, request=teas(code), asking=asking, now=now)
    return str(priced.quote.discount), kept.quote_id


def buy(session: Session, code: str, told: QuoteID | None = None) -> dict[str, Any]:
    paid = replace(payment(), quote=told)
    receipt = record_purchase(session, request=teas(code), payment=paid, now=NOW)
    reply: dict[str, Any] = json.loads(receipt.reply)
    return reply


def back(session: Session, purchase: dict[str, Any], key: str) -> None:
    request = ReturnRequest(
        purchase_id=PurchaseID(int(purchase["purchase"])),
        lines=(("1", Decimal(1)),),
        actor="key:1",
        request_key=key,
        request_hash=b"1",
    )
    return_goods(session, request=request, now=NOW)


class TestAReservation:
    def test_holds_the_code_until_it_runs_out(
        self, database: Database, code: str
    ) -> None:
        with database.transaction() as session:
            first, _quote = quote(session, code, reserve=True)
            meanwhile, _quote = quote(session, code)
            afterwards, _quote = quote(session, code, now=TOO_LATE)

        assert (first, meanwhile, afterwards) == ("3.50", "0.00", "3.50")

    def test_that_is_given_up_frees_the_code(
        self, database: Database, code: str
    ) -> None:
        with database.transaction() as session:
            _discount, quote_id = quote(session, code, reserve=True)
            assert give_up(session, quote_id=quote_id, now=NOW)

            assert quote(session, code)[0] == "3.50"

    def test_is_paid_with_the_code_as_it_was_typed(
        self, database: Database, code: str
    ) -> None:
        with database.transaction() as session:
            _discount, quote_id = quote(session, code, reserve=True)

            bought = buy(session, code, quote_id)

            assert bought["discount"] == "3.50"
            assert bought["applied"][0]["code"] == code
            assert quote(session, code)[0] == "0.00"


class TestAKeptQuote:
    def test_holds_no_code_that_could_be_used(
        self, database: Database, code: str
    ) -> None:
        with database.transaction() as session:
            number = PurchaseID(int(buy(session, code)["purchase"]))
            kept = session.scalar(
                text("SELECT inputs::text || result::text FROM promotion_quote")
            )
            found = explain_purchase(session, purchase_id=number)

        assert kept is not None
        assert code not in kept
        assert code.replace("-", "") not in kept
        assert found.differences == ()


class TestAReturn:
    def test_gives_the_code_back_with_the_last_of_what_it_reduced(
        self, database: Database, code: str
    ) -> None:
        with database.transaction() as session:
            bought = buy(session, code)

            back(session, bought, "first")
            half_way, _quote = quote(session, code)
            back(session, bought, "second")
            whole, _quote = quote(session, code)

        assert (half_way, whole) == ("0.00", "3.50")
