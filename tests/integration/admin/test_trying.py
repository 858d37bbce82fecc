"""Trying a basket in the back office."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from loyalty.core.database import Database
from loyalty.promotions.models import QuoteRow, UseRow
from loyalty.promotions.service import create
from loyalty.purchases.models import PurchaseRow
from loyalty.staff.values import Role
from tests.factories import NOW, activate, enrol, promotion
from tests.integration.admin.conftest import SignIn
from tests.integration.admin.pages import Values, problem_of, send, words

COFFEES: Values = {"sku": ["COFFEE"], "quantity": ["2"], "price": [""]}


@pytest.fixture
def running(database: Database) -> None:
    with database.transaction() as session:
        activate(session, promotion("coffee-20"))


def priced(client: FlaskClient, **values: str | list[str]) -> str:
    return words(send(client, "/admin/try/result", {**COFFEES, **values}))


@pytest.mark.usefixtures("running")
class TestABasket:
    def test_is_empty_at_first(self, marketer: FlaskClient) -> None:
        page = words(marketer.get("/admin/try"))

        assert "Nothing in the basket yet" in page
        assert "Put an article into the basket to see what it costs." in page

    def test_is_priced_line_by_line(self, marketer: FlaskClient) -> None:
        page = priced(
            marketer,
            sku=["COFFEE", "BREAD"],
            quantity=["2", "1"],
            price=["", "2.00"],
        )

        # 9.98 less a fifth, and a bread at 2.00.
        assert "To pay €9.98" in page
        assert "Before offers €11.98 Saved €2.00" in page
        assert "Coffee coffee-20 −€2.00 €9.98 €7.98 Bread €2.00" in page
        assert "No permitted combination is cheaper." in page
        assert "No member: nobody earns points." in page

    def test_leaves_nothing_behind(
        self, marketer: FlaskClient, database: Database
    ) -> None:
        priced(marketer)
        send(marketer, "/admin/try", COFFEES)

        with database.transaction() as session:
            for table in (QuoteRow, UseRow, PurchaseRow):
                assert session.scalar(select(func.count()).select_from(table)) == 0

    def test_says_what_did_not_apply_and_why(
        self, marketer: FlaskClient, database: Database
    ) -> None:
        spend = {"spend": {"on": {"all": True}, "at_least": "20.00"}}
        with database.transaction() as session:
            activate(session, promotion("from-20", requires=[spend]))

        page = priced(marketer)

        assert "Did not apply from-20 : Add €10.02" in page

    def test_takes_a_draft_along(
        self, marketer: FlaskClient, database: Database
    ) -> None:
        half = {"percent_off": {"percent": "50", "on": {"skus": ["COFFEE"]}}}
        with database.transaction() as session:
            draft = promotion("half", reward=half, trigger="personal")
            create(session, document=draft, actor="staff:1", now=NOW)

        assert "To pay €7.98" in priced(marketer)
        assert "To pay €4.99" in priced(marketer, draft="half")

    def test_is_of_any_moment(self, marketer: FlaskClient, database: Database) -> None:
        # Saturday morning; the clock stands on a Friday at noon.
        hours = [{"days": ["sat"], "from": "08:00", "until": "10:00"}]
        half = {"percent_off": {"percent": "50", "on": {"skus": ["COFFEE"]}}}
        with database.transaction() as session:
            document = promotion("sat", reward=half, valid={"weekly": hours})
            activate(session, document)

        assert "To pay €7.98" in priced(marketer)
        assert "To pay €4.99" in priced(marketer, at="2026-11-21T09:00")

    def test_says_what_can_not_be_read(self, marketer: FlaskClient) -> None:
        page = priced(marketer, quantity=["none"], price=["x"], delivery_fee="y")

        assert "Not priced" in page
        assert "A number above 0." in page
        assert "A price in EUR." in page
        assert "An amount in EUR." in page

    def test_says_what_a_code_is_worth(self, marketer: FlaskClient) -> None:
        assert "NOTHING" in priced(marketer, codes="nothing, nothing").upper()


@pytest.mark.usefixtures("running")
class TestTheForm:
    def test_adds_an_article_by_number_and_by_name(self, marketer: FlaskClient) -> None:
        by_number = send(marketer, "/admin/try", {**COFFEES, "text": "COFFEE"})
        by_name = send(marketer, "/admin/try", {**COFFEES, "text": "bread"})

        assert 'name="quantity" value="3"' in by_number.text
        assert 'name="sku" value="BREAD"' in by_name.text

    def test_lets_choose_among_several(self, marketer: FlaskClient) -> None:
        found = send(marketer, "/admin/try", {"text": "e"})
        chosen = send(marketer, "/admin/try", {"add": "TEA"})

        assert 'name="add" value="TEA"' in found.text
        assert 'name="sku" value="TEA"' in chosen.text

    def test_says_that_there_is_no_such_article(self, marketer: FlaskClient) -> None:
        page = send(marketer, "/admin/try", {**COFFEES, "text": "xyz"})

        assert problem_of(page, "text") == "The catalogue has no article “xyz”."
        assert 'name="sku" value="COFFEE"' in page.text

    def test_removes_a_line(self, marketer: FlaskClient) -> None:
        page = send(marketer, "/admin/try", {**COFFEES, "remove": "0"})

        assert 'name="sku"' not in page.text

    def test_finds_a_customer_and_lets_go_again(
        self, marketer: FlaskClient, database: Database
    ) -> None:
        with database.transaction() as session:
            card = enrol(session).card
        found = send(
            marketer,
            "/admin/try",
            {**COFFEES, "who": "ada@example.org", "action": "find"},
        )
        number = str(card.customer_id)

        assert f'name="customer" value="{number}"' in found.text
        assert "Points +7, then 7" in words(found)
        gone = send(
            marketer,
            "/admin/try",
            {**COFFEES, "customer": number, "action": "forget"},
        )
        assert 'name="customer"' not in gone.text

    def test_says_that_nobody_was_found(self, marketer: FlaskClient) -> None:
        sent: Values = {**COFFEES, "who": "eve@example.org", "action": "find"}

        page = send(marketer, "/admin/try", sent)

        assert problem_of(page, "who") == "Nobody has this number or address."

    @pytest.mark.parametrize("customer", ["²", "99999999999999999999", "7", "x"])
    def test_bears_any_customer(self, marketer: FlaskClient, customer: str) -> None:
        page = send(marketer, "/admin/try", {**COFFEES, "customer": customer})

        assert page.status_code == 200
        assert "To pay €7.98" in words(page)

    def test_is_not_for_cashiers(self, sign_in: SignIn) -> None:
        assert sign_in(Role.CASHIER).get("/admin/try").status_code == 403

    def test_is_shown_in_persian(self, marketer: FlaskClient) -> None:
        page = marketer.get("/admin/try?lang=fa&sku=COFFEE&quantity=2&price=")

        assert page.status_code == 200
        assert 'dir="rtl"' in page.text
