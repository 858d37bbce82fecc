"""Proof of a price: computing it again, and noticing what was altered."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from click.testing import CliRunner
from sqlalchemy import text, update
from sqlalchemy.orm import Session

from jobs.cli.promotions import promotions_group
from loyalty.catalogue.service import save_products
from loyalty.core.database import Database
from loyalty.core.money import Money
from loyalty.customers.models import CustomerRow
from loyalty.customers.queries import member_vault
from loyalty.promotions.models import QuoteRow
from loyalty.promotions.queries.quotes import QuoteDamaged, QuoteNotFound
from loyalty.promotions.service import revise
from loyalty.promotions.values import BasketLine
from loyalty.promotions.values.kept import QuoteID
from loyalty.purchases.values import PurchaseID
from loyalty.usecases.checkout import Asking, BasketRequest, ask_quote, record_purchase
from loyalty.usecases.explain_quote import explain_purchase, explain_quote
from tests.factories import (
    NOW,
    activate,
    article,
    basket,
    enrol,
    payment,
    promotion,
)

ALL = {"all": True}
PROMOTIONS = (
    promotion("coffee-20", limits={"total": 5, "per_customer": 1}),
    promotion(
        "birthday",
        audience={"birthday_within_days": 7},
        reward={"amount_off": {"amount": "1.00", "on": ALL, "per": "basket"}},
        combines="freely",
    ),
    promotion(
        "regulars",
        audience={"purchases": {"at_least": 3}},
        reward={"percent_off": {"percent": "50", "on": ALL}},
    ),
    promotion(
        "big-baskets",
        requires=[{"spend": {"on": ALL, "at_least": "50.00"}}],
        reward={"percent_off": {"percent": "5", "on": ALL}},
    ),
    promotion("delivered", reward={"free_delivery": {"at_most": "2.00"}}),
    promotion("double", reward={"points_times": {"factor": "2", "on": ALL}}),
    promotion("secret", trigger="code"),
)


def quote(session: Session, request: BasketRequest) -> QuoteID:
    asking = Asking(actor="key:1")
    return ask_quote(session, request=request, asking=asking, now=NOW)[1].quote_id


def everything(session: Session) -> BasketRequest:
    """Let many promotions run for a basket of a customer with a birthday."""
    for document in PROMOTIONS:
        activate(session, document)
    enrolled = enrol(session)
    row = session.get_one(CustomerRow, enrolled.profile.id)
    vault = member_vault(session, row)
    assert vault is not None
    row.birthday = vault.seal("customer.birthday", "1990-11-18")
    ham = replace(article("HAM", "deli", 1299), weighed=True)
    save_products(session, products=[ham], now=NOW)
    request = basket(enrolled.card.number, COFFEE=2, TEA=1)
    weighed = BasketLine(
        line="9",
        sku="HAM",
        quantity=Decimal("0.350"),
        unit_price=Money(amount=1299, currency="EUR"),
    )
    ghost = replace(weighed, line="8", sku="GHOST", quantity=Decimal(1))
    return replace(
        request,
        lines=(*request.lines, ghost, weighed),
        delivery_fee=Money(amount=490, currency="EUR"),
    )


class TestExplainQuote:
    def test_says_each_step_of_the_same_price(self, database: Database) -> None:
        with database.transaction() as session:
            quote_id = quote(session, everything(session))

            found = explain_quote(session, quote_id=quote_id)

        assert found.differences == ()
        steps = "\n".join(found.steps)
        for said in (
            "Store 324, till, on Friday 2026-11-20 12:00 CET; prices in EUR.",
            "Line 1: 2 of COFFEE at 4.99 is 9.98.",
            "Line 8: 1 of GHOST at 12.99 is 12.99 (not in the catalogue).",
            "(weighed: one unit, its price rounded half up).",
            "coffee-20 v1: could apply on matching units.",
            "coffee-20 v1: 0 of 5 uses were gone.",
            "coffee-20 v1: 0 of 1 uses by this customer were gone.",
            "birthday v1: could apply on all that is left after rewards on units.",
            "regulars v1: could not apply: not_for_this_customer.",
            "big-baskets v1: could not apply: spend_short, short_by 18.98.",
            "coffee-20 applied 1 time and took 2.00 off, from line 1: 2.00.",
            "birthday applied 1 time and took 1.00 off, shared over lines by",
            "delivered applied 1 time and took 2.00 off, from the delivery fee.",
            "The goods cost 31.02, less 3.00: 28.02.",
            "1 for each €1.00 of €28.02, rounded down: 28.",
            "double adds 28 points.",
            "Together 56 points.",
        ):
            assert said in steps

    def test_keeps_to_the_versions_and_facts_of_then(self, database: Database) -> None:
        with database.transaction() as session:
            quote_id = quote(session, everything(session))
            revise(
                session,
                code="coffee-20",
                document=promotion("coffee-20", reward={"points_plus": {"points": 1}}),
                actor="staff:1",
                now=NOW + timedelta(seconds=1),
            )
            save_products(
                session, products=[article("COFFEE", "drinks/tea", 1)], now=NOW
            )

            found = explain_quote(session, quote_id=quote_id)

        assert found.differences == ()
        assert "coffee-20 v1: could apply on matching units." in found.steps

    def test_keeps_no_birthday_in_clear(self, database: Database) -> None:
        with database.transaction() as session:
            quote(session, everything(session))

            kept = session.scalar(text("SELECT inputs::text FROM promotion_quote"))

        assert kept is not None
        assert "1990" not in kept
        assert "11-18" not in kept

    @pytest.mark.parametrize(
        ("path", "value", "difference"),
        [
            (
                "{basket,lines,0,quantity}",
                '"3"',
                "/lines/0/gross: kept 9.98, computed 14.97",
            ),
            (
                "{catalogue,0,categories}",
                "[]",
                "/lines/0/discount: kept 2.00, computed 0.00",
            ),
            ("{programme,points,points}", "5", "/points/earned: kept 11, computed 57"),
        ],
    )
    def test_notices_altered_grounds(
        self, database: Database, path: str, value: str, difference: str
    ) -> None:
        with database.transaction() as session:
            activate(session, promotion("coffee-20"))
            card = enrol(session).card.number
            quote_id = quote(session, basket(card, COFFEE=2, TEA=1))
            session.execute(
                text(
                    "UPDATE promotion_quote SET inputs ="
                    " jsonb_set(inputs::jsonb, CAST(:path AS text[]),"
                    " CAST(:value AS jsonb))::json"
                ),
                {"path": path, "value": value},
            )
            session.expire_all()

            found = explain_quote(session, quote_id=quote_id)

        assert difference in found.differences

    def test_notices_an_altered_price(self, database: Database) -> None:
        with database.transaction() as session:
            quote_id = quote(session, basket(None, TEA=1))
            row = session.get_one(QuoteRow, quote_id)
            result = {**row.result, "net": "0.01"}
            session.execute(update(QuoteRow).values(result=result))
            session.expire_all()

            found = explain_quote(session, quote_id=quote_id)

        assert found.differences == ("/net: kept 0.01, computed 3.50",)

    def test_refuses_what_can_not_be_read(self, database: Database) -> None:
        with database.transaction() as session:
            quote_id = quote(session, basket(None, TEA=1))
            session.execute(update(QuoteRow).values(versions=[[999, 1]]))
            session.expire_all()

            with pytest.raises(QuoteDamaged):
                explain_quote(session, quote_id=quote_id)

    def test_does_not_know_other_quotes(self, database: Database) -> None:
        with database.transaction() as session, pytest.raises(QuoteNotFound):
            explain_quote(session, quote_id=QuoteID("guessed"))


class TestExplainPurchase:
    def test_compares_what_was_recorded(self, database: Database) -> None:
        with database.transaction() as session:
            activate(session, promotion("coffee-20"))
            request = basket(None, COFFEE=2)
            record_purchase(session, request=request, payment=payment(), now=NOW)
            number = session.scalar(text("SELECT id FROM purchase")) or 0
            before = explain_purchase(session, purchase_id=PurchaseID(number))
            session.execute(text("UPDATE purchase_line SET net = 1, discount = 997"))
            session.expire_all()

            after = explain_purchase(session, purchase_id=PurchaseID(number))

        assert before.differences == ()
        assert after.differences == (
            "/purchase/lines/1/net: recorded 0.01, computed 7.98",
        )


class TestCommand:
    def explain(
        self, database: Database, quote_id: str, *options: str
    ) -> tuple[int, str]:
        url = database.engine.url.render_as_string(hide_password=False)
        environ = {
            "LOYALTY_DATABASE_URL": url,
            "LOYALTY_REDIS_URL": "redis://localhost:1/0",
            "LOYALTY_SECRET_KEY": "long enough to be an installation's secret",
        }
        result = CliRunner().invoke(
            promotions_group, ["explain", quote_id, *options], env=environ
        )
        return result.exit_code, result.output

    def test_fails_loudly_when_the_price_differs(
        self, shared_database: Database
    ) -> None:
        with shared_database.transaction() as session:
            quote_id = quote(session, basket(None, TEA=1))
        good = self.explain(shared_database, quote_id)
        with shared_database.transaction() as session:
            row = session.get_one(QuoteRow, quote_id)
            row.result = {**row.result, "net": "0.01"}

        bad = self.explain(shared_database, quote_id)

        assert good[0] == 0
        assert good[1].endswith("The same price as was kept.\n")
        assert bad[0] == 1
        assert "DIFFERS /net: kept 0.01, computed 3.50" in bad[1]

    def test_explains_a_purchase_by_its_number(self, shared_database: Database) -> None:
        with shared_database.transaction() as session:
            request = basket(None, TEA=1)
            record_purchase(session, request=request, payment=payment(), now=NOW)
            number = session.scalar(text("SELECT id FROM purchase"))

        status, output = self.explain(shared_database, str(number), "--purchase")

        assert (status, "The goods cost 3.50" in output) == (0, True)
