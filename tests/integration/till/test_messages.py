"""Messages that wait at the till for a member's visit."""

from datetime import timedelta

from flask.testing import FlaskClient

from loyalty.core.clock import utc_now
from loyalty.core.database import Database
from loyalty.delivery.values import MessageState
from tests.integration.till.pages import hidden, send, words
from tests.integration.till.shop import Shop
from tests.waiting import add_waiting, state_of


class TestMessageAtTheTill:
    def test_is_shown_when_the_member_comes_and_gone_once_it_was_said(
        self, client: FlaskClient, database: Database, shop: Shop
    ) -> None:
        number, key = add_waiting(
            database, shop.anna, sentence="Tea: 10 % off.", now=utc_now()
        )
        shown = words(send(client, "/till/identify", text=shop.anna_card))
        assert state_of(database, number) is MessageState.SENT

        said = words(send(client, f"/till/messages/{key}/said"))
        again = words(send(client, f"/till/messages/{key}/said"))

        assert "Tea: 10 % off." in shown
        assert "Tea: 10 % off." not in said
        assert "It was told already." in again
        assert state_of(database, number) is MessageState.DELIVERED

    def test_is_printed_on_the_receipt(
        self, client: FlaskClient, database: Database, shop: Shop
    ) -> None:
        number, _ = add_waiting(
            database, shop.anna, sentence="Tea: 10 % off.", now=utc_now()
        )
        send(client, "/till/identify", text=shop.anna_card)
        basket = send(client, "/till/basket/lines", text="1001")
        paid = send(
            client,
            "/till/basket/pay",
            request_key=hidden(basket, "request_key"),
            told=hidden(basket, "told"),
            payment="cash",
        )
        later = client.get(paid.request.path)

        assert "Tea: 10 % off." in words(paid)
        assert "Tea: 10 % off." in words(later)
        assert state_of(database, number) is MessageState.DELIVERED
        send(client, "/till/next")
        back = words(send(client, "/till/identify", text=shop.anna_card))
        assert "Tea: 10 % off." not in back

    def test_is_not_told_after_its_end_nor_to_others(
        self, client: FlaskClient, database: Database, shop: Shop
    ) -> None:
        now = utc_now()
        number, key = add_waiting(
            database,
            shop.anna,
            sentence="Tea: 10 % off.",
            now=now - timedelta(days=2),
            not_after=now - timedelta(days=1),
        )
        shown = words(send(client, "/till/identify", text=shop.anna_card))
        send(client, f"/till/messages/{key}/said")

        assert "Tea: 10 % off." not in shown
        assert state_of(database, number) is MessageState.SENT
        assert client.get(f"/till/messages/{key}/said").status_code == 405
