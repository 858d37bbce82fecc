from flask import Flask
from flask.testing import FlaskClient

from loyalty.core.clock import machine_now
from loyalty.core.database import Database
from loyalty.customers.service.links import make_link
from tests.integration.till.pages import send, words
from tests.integration.till.shop import Shop

DOOR = "/wallet/sign-in"


class TestOpeningByLink:
    def test_looking_at_it_uses_nothing_up(
        self, stranger: FlaskClient, database: Database, shop: Shop
    ) -> None:
        link = _link(database, shop)
        for _visit in range(3):
            assert "Open my wallet" in words(stranger.get(link))
        assert stranger.get("/wallet").status_code == 303

    def test_the_button_opens_the_wallet(
        self, stranger: FlaskClient, database: Database, shop: Shop
    ) -> None:
        page = send(stranger, _link(database, shop), page=DOOR)
        assert page.request.path == "/wallet"
        assert "Hello Anna" in words(page)

    def test_works_once(
        self, app: Flask, stranger: FlaskClient, database: Database, shop: Shop
    ) -> None:
        link = _link(database, shop)
        send(stranger, link, page=DOOR)
        other = app.test_client()
        page = send(other, link, page=DOOR)
        assert page.status_code == 409
        assert "Send me a link" in words(page)
        assert other.get("/wallet").status_code == 303

    def test_closing_ends_it_in_the_database_too(
        self, app: Flask, client: FlaskClient
    ) -> None:
        cookie = client.get_cookie("wallet")
        assert cookie is not None
        send(client, "/wallet/close", page="/wallet/preferences")
        thief = app.test_client()
        thief.set_cookie("wallet", cookie.value)
        assert thief.get("/wallet").status_code == 303


class TestAskingForALink:
    def test_says_the_same_whether_or_not_somebody_has_the_address(
        self, stranger: FlaskClient
    ) -> None:
        answers = [
            send(stranger, DOOR, page=DOOR, contact=contact)
            for contact in ("anna@shop.example.com", "nobody@example.com", "nonsense")
        ]
        assert {answer.status_code for answer in answers} == {200}
        assert len({words(answer) for answer in answers}) == 1

    def test_is_slowed_down(self, stranger: FlaskClient) -> None:
        for _time in range(5):
            send(stranger, DOOR, page=DOOR, contact="anna@shop.example.com")
        answer = send(stranger, DOOR, page=DOOR, contact="anna@shop.example.com")
        assert answer.status_code == 429


def _link(database: Database, shop: Shop) -> str:
    with database.transaction() as session:
        token = make_link(session, customer_id=shop.anna, now=machine_now())
    return f"/w/{token}"
