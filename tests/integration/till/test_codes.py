"""Coupon codes at the till."""

import pytest
from flask.testing import FlaskClient

from loyalty.core.clock import utc_now
from loyalty.core.database import Database
from loyalty.promotions.queries.codes import list_batches
from loyalty.promotions.service.codes import add_word
from loyalty.promotions.values.codes import CodeTerms
from tests.integration.till.pages import hidden, send, words
from tests.integration.till.shop import Shop, add_promotion

EURO_OFF = {
    "code": "euro-off",
    "name": {"en": "A euro off"},
    "trigger": "code",
    "reward": {"amount_off": {"amount": "1.00", "on": {"all": True}, "per": "basket"}},
}


@pytest.fixture(autouse=True)
def word(database: Database, shop: Shop) -> str:  # noqa: ARG001  # set up before
    """Let a word give a euro, once."""
    add_promotion(database, dict(EURO_OFF))
    with database.transaction() as session:
        add_word(
            session,
            promotion="euro-off",
            word="SPRING",
            terms=CodeTerms(uses=1),
            actor="system",
            now=utc_now(),
        )
    return "SPRING"


class TestACodeAtTheTill:
    def test_gives_what_it_promises(self, client: FlaskClient) -> None:
        send(client, "/till/basket/lines", text="1001")

        page = send(client, "/till/basket/codes", code=" spring ")

        assert "A euro off −€1.00" in words(page)
        assert "To pay €6.99" in words(page)
        assert "Remove the code spring" in page.text

    def test_is_taken_out_again(self, client: FlaskClient) -> None:
        send(client, "/till/basket/lines", text="1001")
        send(client, "/till/basket/codes", code="SPRING")

        page = send(client, "/till/basket/codes/0/remove")

        assert "To pay €7.99" in words(page)
        assert "Remove the code" not in page.text

    def test_that_is_wrong_says_so_before_anything_is_scanned(
        self, client: FlaskClient
    ) -> None:
        page = send(client, "/till/basket/codes", code="SPRUNG")

        assert "The code SPRUNG is not known." in words(page)

    def test_counts_once_however_often_it_is_typed(self, client: FlaskClient) -> None:
        send(client, "/till/basket/codes", code="SPRING")
        page = send(client, "/till/basket/codes", code="spring")
        nothing = send(client, "/till/basket/codes", code="  ")

        assert page.text.count("Remove the code") == 1
        assert nothing.text.count("Remove the code") == 1

    def test_is_one_of_a_few(self, client: FlaskClient) -> None:
        for number in range(5):
            send(client, "/till/basket/codes", code=f"CODE{number}")

        page = send(client, "/till/basket/codes", code="SPRING")

        assert page.status_code == 409
        assert "A basket takes 5 codes" in words(page)
        assert page.text.count("Remove the code") == 5

    def test_is_used_with_the_purchase(
        self, client: FlaskClient, database: Database
    ) -> None:
        send(client, "/till/basket/lines", text="1001")
        page = send(client, "/till/basket/codes", code="SPRING")

        receipt = send(
            client,
            "/till/basket/pay",
            request_key=hidden(page, "request_key"),
            told=hidden(page, "told"),
            payment="card",
        )

        assert "6.99" in words(receipt)
        with database.transaction() as session:
            (batch,) = list_batches(session, promotion="euro-off")
        assert batch.used == 1
        again = send(client, "/till/basket/codes", code="SPRING")
        assert "The code SPRING is not known." in words(again)
