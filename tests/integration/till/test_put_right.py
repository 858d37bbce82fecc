"""Taking goods back and cancelling at the till."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select, text
from werkzeug.test import TestResponse

from loyalty.core.clock import machine_now
from loyalty.core.database import Database
from loyalty.purchases.models import ReturnRow
from loyalty.staff.service.members import add_member
from loyalty.staff.service.sessions import open_session
from loyalty.staff.values import Post, Role
from loyalty.stores.values import StoreID
from tests.integration.till.pages import hidden, send, with_token, words
from tests.integration.till.shop import Shop


def become(
    database: Database, client: FlaskClient, store: StoreID, role: Role, email: str
) -> None:
    """Let somebody else sign in at the browser."""
    with database.transaction() as session:
        member = add_member(
            session,
            email=email,
            name="Olga",
            posts=[Post(role=role, store_id=store)],
            actor="system",
            now=machine_now(),
        )
        token = open_session(
            session,
            staff_id=member.id,
            browser="test",
            store_id=store,
            now=machine_now(),
        )
    client.set_cookie("staff", token)


@pytest.fixture
def bought(client: FlaskClient, database: Database, shop: Shop) -> int:
    """Sell two loaves and let the manager stand at the till."""
    send(client, "/till/basket/lines", text="2*2001")
    page = client.get("/till/basket")
    send(
        client,
        "/till/basket/pay",
        request_key=hidden(page, "request_key"),
        told=hidden(page, "told"),
    )
    become(database, client, shop.north, Role.MANAGER, "olga@shop.example.com")
    with database.transaction() as session:
        return session.scalar(text("SELECT id FROM purchase")) or 0


def returns(database: Database) -> int:
    with database.transaction() as session:
        return session.scalar(select(func.count()).select_from(ReturnRow)) or 0


def take_back(client: FlaskClient, number: int, quantity: str) -> TestResponse:
    address = f"/till/purchases/{number}"
    key = hidden(client.get(address), "request_key")
    values = {"request_key": key, "quantity-1": quantity}
    return send(client, f"{address}/return", **values)


class TestPuttingRight:
    def test_finds_a_purchase_by_its_receipt(
        self, client: FlaskClient, bought: int
    ) -> None:
        page = client.get("/till/purchases")
        receipt = re.search(rf'/till/purchases/{bought}" dir="ltr">([^<]+)<', page.text)
        assert receipt is not None

        found = client.get(
            f"/till/purchases?receipt={receipt[1]}", follow_redirects=True
        )
        missing = client.get("/till/purchases?receipt=none")

        assert "How many come back, up to 2" in words(found)
        assert missing.status_code == 404
        assert "This store has no receipt none." in words(missing)

    def test_takes_goods_back_and_says_what_to_give(
        self, client: FlaskClient, database: Database, bought: int
    ) -> None:
        page = take_back(client, bought, "1")

        assert "Give the customer €1.29" in words(page)
        assert "up to 1" in words(page)
        assert returns(database) == 1

    def test_records_a_form_sent_twice_once(
        self, client: FlaskClient, database: Database, bought: int
    ) -> None:
        address = f"/till/purchases/{bought}"
        key = hidden(client.get(address), "request_key")
        values = with_token(client, {"request_key": key, "quantity-1": "1"})

        answers = [client.post(f"{address}/return", data=values) for _ in range(2)]

        assert [answer.status_code for answer in answers] == [303, 303]
        assert returns(database) == 1

    @pytest.mark.parametrize(
        ("quantity", "said"),
        [
            ("3", "only 2 can come back"),
            ("0.5", "return whole units"),
            ("many", "Type how many come back"),
            ("-1", "Type how many come back"),
            ("", "Say how many of a line come back"),
        ],
    )
    def test_says_what_is_wrong(
        self,
        client: FlaskClient,
        database: Database,
        bought: int,
        quantity: str,
        said: str,
    ) -> None:
        page = take_back(client, bought, quantity)

        assert page.status_code == 422
        assert said in words(page)
        assert returns(database) == 0

    def test_cancels_a_purchase(
        self, client: FlaskClient, database: Database, bought: int
    ) -> None:
        page = send(client, f"/till/purchases/{bought}/cancel", request_key="all")

        assert "Everything of this purchase is back." in words(page)
        assert "Give the customer €2.58" in words(page)
        assert returns(database) == 1

    def test_is_for_who_may_in_this_store(
        self, client: FlaskClient, database: Database, shop: Shop, bought: int
    ) -> None:
        become(database, client, shop.south, Role.MANAGER, "s@shop.example.com")
        elsewhere = client.get(f"/till/purchases/{bought}")
        become(database, client, shop.north, Role.CASHIER, "c@shop.example.com")
        cashier = client.get(f"/till/purchases/{bought}")

        assert (elsewhere.status_code, cashier.status_code) == (404, 403)
