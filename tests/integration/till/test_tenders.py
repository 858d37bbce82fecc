"""Paying with points, gift cards and stored value at the till."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from loyalty.core.clock import utc_now
from loyalty.core.database import Database
from loyalty.giftcards.queries import get_by_code, stored_value
from loyalty.giftcards.service import (
    Sale,
    block,
    issue_card,
    sell,
    top_up,
)
from loyalty.points.queries import balance
from loyalty.points.service import Spending, earn, spend
from loyalty.points.values import Earning, Request
from loyalty.purchases.queries import list_purchases, tenders_of
from tests.integration.till.pages import hidden, send, words
from tests.integration.till.shop import Shop, euros


def pay(client: FlaskClient, page: TestResponse) -> TestResponse:
    """Press Pay on a page of the basket."""
    fields = {name: hidden(page, name) for name in ("request_key", "told", "rest")}
    return send(client, "/till/basket/pay", payment="cash", **fields)


@pytest.fixture
def points(database: Database, shop: Shop) -> int:
    with database.transaction() as session:
        request = Request(key="start", actor="system")
        earning = Earning(points=1500, request=request, immediately=True)
        earn(session, customer_id=shop.anna, earning=earning, now=utc_now())
    return 1500


@pytest.fixture
def code(database: Database, shop: Shop) -> str:
    """Sell a gift card of five euros."""
    now = utc_now()
    sale = Sale(
        amount=euros(500), store_id=shop.north, request_key="sale", actor="staff:1"
    )
    with database.transaction() as session:
        made = issue_card(session, face=euros(500), actor="staff:1", now=now)
        sell(session, account_id=made.account.id, sale=sale, now=now)
    return made.code


@pytest.fixture
def basket(client: FlaskClient, shop: Shop, points: int) -> FlaskClient:
    """Attach Anna and put milk and butter, €4.18, on the counter."""
    assert points
    send(client, "/till/identify", text=shop.anna_card)
    for sku in ("2001", "2002"):
        send(client, "/till/basket/lines", text=sku)
    return client


class TestPoints:
    def test_stand_with_their_worth(self, basket: FlaskClient) -> None:
        page = words(basket.get("/till/basket"))

        assert "1,500 points to spend worth €15.00" in page
        assert "The most that counts: 418 points F10" in page
        assert "To pay €4.18" in page

    def test_pay_any_amount_and_the_receipt_says_so(
        self, basket: FlaskClient, database: Database, shop: Shop
    ) -> None:
        page = send(basket, "/till/basket/points", points="۱۲۳")
        receipt = words(pay(basket, page))

        assert "Left to pay €2.95" in words(page)
        assert "123 points −€1.23" in words(page)
        assert "Pay €2.95" in words(page)
        assert "Paid with 123 points €1.23 Cash €2.95" in receipt
        with database.transaction() as session:
            (purchase,) = list_purchases(session, customer_id=shop.anna)
            shares = tenders_of(session, purchase_id=purchase.id)
            left = balance(session, customer_id=shop.anna)
        assert [(one.tender, one.amount, one.points) for one in shares] == [
            ("points", 123, 123),
            ("payment", 295, 0),
        ]
        earned = left - 1500 + 123
        assert f"+{earned}" in receipt
        assert f"{left:,}" in receipt

    def test_pay_all_that_counts_by_one_key(self, basket: FlaskClient) -> None:
        page = send(basket, "/till/basket/points", most="yes")

        assert "Left to pay €0.00" in words(page)
        assert "The most that counts" not in words(page)
        assert "Paid with 418 points €4.18" in words(pay(basket, page))

    @pytest.mark.parametrize(
        ("typed", "message"),
        [
            ("1501", "There are 1,500 points to spend. Type no more than that."),
            ("2.5", "Type a whole number of points, such as 250."),
            ("-1", "Type a whole number of points, such as 250."),
            ("many", "Type a whole number of points, such as 250."),
        ],
    )
    def test_refused_leave_the_basket_as_it_was(
        self, basket: FlaskClient, typed: str, message: str
    ) -> None:
        send(basket, "/till/basket/points", points="100")
        page = send(basket, "/till/basket/points", points=typed)

        assert page.status_code == 422
        assert message in words(page)
        assert f'value="{typed}"' in page.text
        assert 'aria-describedby="f-points-problem"' in page.text
        assert "Left to pay €3.18" in words(page)

    def test_are_taken_off_by_nothing_and_with_the_member(
        self, basket: FlaskClient
    ) -> None:
        send(basket, "/till/basket/points", points="1,000")
        empty = send(basket, "/till/basket/points", points="")
        send(basket, "/till/basket/points", points="100")
        send(basket, "/till/leave")
        left = basket.get("/till/basket")

        assert "To pay €4.18" in words(empty)
        assert "To pay €4.18" in words(left)
        assert "Points to spend" not in words(left)

    def test_spent_elsewhere_meanwhile_are_asked_about_again(
        self, basket: FlaskClient, database: Database, shop: Shop
    ) -> None:
        page = send(basket, "/till/basket/points", points="400")
        with database.transaction() as session:
            request = Request(key="app", actor="customer")
            spending = Spending(points=1400, request=request)
            spend(session, customer_id=shop.anna, spending=spending, now=utc_now())

        asked = pay(basket, page)

        assert asked.status_code == 409
        assert "It is €3.18 now" in words(asked)
        assert "Left to pay €3.18" in words(asked)
        with database.transaction() as session:
            assert not list_purchases(session, customer_id=shop.anna)
            assert balance(session, customer_id=shop.anna) == 100
        assert "Paid with 100 points €1.00" in words(pay(basket, asked))

    def test_sent_without_a_member_say_what_to_do(self, client: FlaskClient) -> None:
        page = send(client, "/till/basket/points", points="5")

        assert page.status_code == 422
        assert "Left to pay" not in words(page)


class TestGiftCards:
    def test_pay_after_points_as_far_as_they_reach(
        self, basket: FlaskClient, database: Database, code: str
    ) -> None:
        send(basket, "/till/basket/points", points="100")
        page = send(basket, "/till/basket/gift-cards", gift_card=code.lower())
        with basket.session_transaction() as kept:
            assert code not in str(dict(kept))
        receipt = words(pay(basket, page))

        assert "Left to pay €0.00" in words(page)
        assert "€1.82 stays on it −€3.18" in words(page)
        assert f"Gift card …{code[-4:]} €1.82 stays on it €3.18" in receipt
        with database.transaction() as session:
            assert get_by_code(session, code=code).balance == euros(182)

    def test_work_without_a_member_and_are_taken_out(
        self, client: FlaskClient, database: Database, code: str
    ) -> None:
        send(client, "/till/basket/lines", text="1001")
        page = send(client, "/till/basket/gift-cards", gift_card=code)
        with database.transaction() as session:
            number = get_by_code(session, code=code).id
        out = send(client, f"/till/basket/gift-cards/{number}/remove")

        assert "Left to pay €2.99" in words(page)
        assert "To pay €7.99" in words(out)

    def test_refused_say_why(
        self, client: FlaskClient, database: Database, code: str
    ) -> None:
        with database.transaction() as session:
            now = utc_now()
            waiting = issue_card(session, face=euros(900), actor="staff:1", now=now)
        add = "/till/basket/gift-cards"
        wrong = send(client, add, gift_card="abc")
        unpaid = send(client, add, gift_card=waiting.code)
        first = send(client, add, gift_card=code)
        twice = send(client, add, gift_card=code)
        with database.transaction() as session:
            account = get_by_code(session, code=code).id
            block(
                session,
                account_id=account,
                reason="lost",
                actor="staff:1",
                now=utc_now(),
            )
        gone = client.get("/till/basket")

        assert (wrong.status_code, unpaid.status_code) == (422, 409)
        assert "This is no gift card's code" in words(wrong).replace("&#39;", "'")
        assert "This gift card is not paid yet" in words(unpaid)
        assert first.status_code == 200
        assert "in the basket already" in words(twice)
        assert "Some of it was spent elsewhere" in words(gone)
        assert f"…{code[-4:]}" not in gone.text


class TestStoredValue:
    @pytest.fixture(autouse=True)
    def stored(self, database: Database, shop: Shop) -> None:
        now = utc_now() - timedelta(minutes=1)
        sale = Sale(
            amount=euros(300), store_id=shop.north, request_key="top", actor="staff:1"
        )
        with database.transaction() as session:
            top_up(session, customer_id=shop.anna, sale=sale, now=now)

    def test_pays_what_is_typed_or_all(
        self, basket: FlaskClient, database: Database, shop: Shop
    ) -> None:
        some = send(basket, "/till/basket/stored", stored="۱٫۵۰")
        more = send(basket, "/till/basket/stored", stored="3.01")
        nonsense = send(basket, "/till/basket/stored", stored="all")
        whole = send(basket, "/till/basket/stored", most="yes")
        receipt = words(pay(basket, whole))

        assert "Left to pay €2.68" in words(some)
        assert "€3.00 is stored. Type no more than that." in words(more)
        assert "Type an amount of money, such as €5.00." in words(nonsense)
        assert "Left to pay €1.18" in words(whole)
        assert "Stored value €0.00 stays on it €3.00 Cash €1.18" in receipt
        with database.transaction() as session:
            account = stored_value(session, customer_id=shop.anna, currency="EUR")
        assert account is not None
        assert account.balance == euros(0)
