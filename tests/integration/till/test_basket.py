from concurrent.futures import ThreadPoolExecutor

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.test import TestResponse

from loyalty.catalogue.service import save_products
from loyalty.catalogue.values import Product
from loyalty.core.clock import utc_now
from loyalty.core.database import Database
from tests.integration.till.pages import hidden, send, with_token, words
from tests.integration.till.shop import Shop, add_promotion, euros, sign_in


class TestFillingTheBasket:
    def test_adds_by_number(self, client: FlaskClient) -> None:
        page = send(client, "/till/basket/lines", text="1001")
        assert "Ground coffee 500 g" in words(page)
        assert "To pay €7.99" in words(page)

    def test_adds_several_at_once(self, client: FlaskClient) -> None:
        page = send(client, "/till/basket/lines", text="3*2001")
        assert "To pay €3.87" in words(page)

    def test_puts_the_same_article_together(self, client: FlaskClient) -> None:
        send(client, "/till/basket/lines", text="2001")
        page = send(client, "/till/basket/lines", text="2001")
        assert page.text.count('class="till-line"') == 1
        assert 'name="quantity" value="2"' in page.text

    def test_weighs(self, client: FlaskClient) -> None:
        page = send(client, "/till/basket/lines", text="0,350*3001")
        assert "To pay €0.63" in words(page)

    def test_sells_no_half_of_a_piece(self, client: FlaskClient) -> None:
        page = send(client, "/till/basket/lines", text="0.5*1001")
        assert page.status_code == 422
        assert "is sold by the piece" in words(page)
        assert "Nothing in the basket yet" in words(page)

    def test_refuses_what_is_no_quantity(self, client: FlaskClient) -> None:
        send(client, "/till/basket/lines", text="2001")
        for nonsense in ("-1", "x", "", "1e3", "1000", "NaN"):
            page = send(client, "/till/basket/lines/0", quantity=nonsense)
            assert page.status_code == 422
            assert 'name="quantity" value="1"' in page.text

    def test_adds_by_a_name_that_one_article_has(self, client: FlaskClient) -> None:
        page = send(client, "/till/basket/lines", text="rye")
        assert "Rye bread" in words(page)

    def test_lists_articles_of_a_name(self, client: FlaskClient) -> None:
        page = send(client, "/till/basket/lines", text="coffee")
        assert page.status_code == 422
        assert "choose one" in words(page)
        assert 'name="sku" value="1002"' in page.text
        chosen = send(client, "/till/basket/lines", text="2*coffee", sku="1002")
        assert "To pay €29.98" in words(chosen)

    def test_says_what_the_catalogue_does_not_have(self, client: FlaskClient) -> None:
        page = send(client, "/till/basket/lines", text="999999")
        assert page.status_code == 422
        assert "The catalogue has no article “999999”" in words(page)

    def test_takes_lines_out(self, client: FlaskClient) -> None:
        send(client, "/till/basket/lines", text="1001")
        assert "Nothing in the basket yet" in words(
            send(client, "/till/basket/lines/0/remove")
        )

    def test_nothing_of_an_article_takes_the_line_out(
        self, client: FlaskClient
    ) -> None:
        send(client, "/till/basket/lines", text="1001")
        page = send(client, "/till/basket/lines/0", quantity="0")
        assert "Nothing in the basket yet" in words(page)

    def test_suggests_while_typing(self, client: FlaskClient) -> None:
        found = client.get("/till/basket/search?text=coff").text
        assert "Ground coffee" in found
        assert "<html" not in found

    def test_answers_htmx_with_the_parts_that_change(self, client: FlaskClient) -> None:
        answer = client.post(
            "/till/basket/lines",
            data=with_token(client, {"text": "1001"}),
            headers={"HX-Request": "true"},
        )
        assert answer.status_code == 200
        assert "<html" not in answer.text
        assert 'class="till-lines"' in answer.text
        assert 'id="total" hx-swap-oob="true"' in answer.text


class TestPricing:
    def test_shows_what_applied_and_the_points(
        self, client: FlaskClient, shop: Shop
    ) -> None:
        send(client, "/till/identify", text=shop.anna_card)
        page = words(send(client, "/till/basket/lines", text="1001"))
        assert "To pay €6.39" in page
        assert "20% off coffee \u2212€1.60" in page
        assert "Saved €1.60" in page
        assert "+6, then 6" in page

    def test_says_the_smallest_change_that_helps(self, client: FlaskClient) -> None:
        page = words(send(client, "/till/basket/lines", text="2*1002"))
        assert "Add €10.02 to get" in page


class TestPaying:
    def test_records_the_purchase_and_shows_the_receipt(
        self, client: FlaskClient, shop: Shop, database: Database
    ) -> None:
        send(client, "/till/identify", text=shop.anna_card)
        basket = send(client, "/till/basket/lines", text="1001")
        page = _pay(client, hidden(basket, "request_key"), "6.39")
        assert "Paid: €6.39" in words(page)
        assert "Saved €1.60" in words(page)
        assert "Points earned +6" in words(page)
        assert "New balance Anna 6" in words(page)
        assert _purchases(database) == [(639, shop.anna)]

    def test_leaves_an_empty_counter(self, client: FlaskClient, shop: Shop) -> None:
        send(client, "/till/identify", text=shop.anna_card)
        basket = send(client, "/till/basket/lines", text="1001")
        _pay(client, hidden(basket, "request_key"), "6.39")
        page = words(client.get("/till/basket"))
        assert "Nothing in the basket yet" in page
        assert "Anna" not in page

    def test_records_a_basket_once_that_is_sent_twice(
        self, client: FlaskClient, database: Database
    ) -> None:
        basket = send(client, "/till/basket/lines", text="1001")
        key = hidden(basket, "request_key")
        first = _pay(client, key, "7.99")
        again = _pay(client, key, "7.99")
        assert first.request.path == again.request.path
        assert len(_purchases(database)) == 1

    def test_records_a_basket_once_when_both_come_at_once(
        self, app: Flask, client: FlaskClient, shop: Shop, database: Database
    ) -> None:
        send(client, "/till/identify", text=shop.anna_card)
        basket = send(client, "/till/basket/lines", text="1001")
        form = with_token(
            client,
            {
                "request_key": hidden(basket, "request_key"),
                "told": "6.39",
                "payment": "card",
            },
        )
        cookies = {name: client.get_cookie(name) for name in ("staff", "page")}

        def press() -> str:
            browser = app.test_client()
            for name, cookie in cookies.items():
                assert cookie is not None
                browser.set_cookie(name, cookie.value)
            return str(browser.post("/till/basket/pay", data=form).location)

        with ThreadPoolExecutor(4) as pool:
            places = {run.result() for run in [pool.submit(press) for _ in range(4)]}
        assert len(places) == 1
        assert len(_purchases(database)) == 1

    def test_tells_a_price_that_changed_meanwhile(
        self, client: FlaskClient, database: Database
    ) -> None:
        basket = send(client, "/till/basket/lines", text="1001")
        dearer = Product(
            sku="1001",
            name="Ground coffee 500 g",
            categories=("drinks/coffee",),
            price=euros(899),
        )
        with database.transaction() as session:
            save_products(session, products=[dearer], now=utc_now())
        page = _pay(client, hidden(basket, "request_key"), "7.99")
        assert page.status_code == 409
        assert "It is €8.99 now" in words(page)
        assert _purchases(database) == []
        paid = _pay(client, hidden(page, "request_key"), hidden(page, "told"))
        assert "Paid: €8.99" in words(paid)

    def test_tells_an_offer_that_was_used_up_meanwhile(
        self, app: Flask, client: FlaskClient, shop: Shop, database: Database
    ) -> None:
        add_promotion(database, LAST_ONE)
        other = app.test_client()
        sign_in(database, other, shop)
        mine = send(client, "/till/basket/lines", text="4001")
        theirs = send(other, "/till/basket/lines", text="4001")
        assert hidden(mine, "told") == hidden(theirs, "told") == "1.49"
        _pay(other, hidden(theirs, "request_key"), "1.49")
        page = _pay(client, hidden(mine, "request_key"), "1.49")
        assert page.status_code == 409
        assert hidden(page, "told") == "2.49"
        assert "Nothing was recorded" in words(page)
        assert len(_purchases(database)) == 1

    def test_pays_no_empty_basket(
        self, client: FlaskClient, database: Database
    ) -> None:
        page = _pay(client, "", "0.00")
        assert page.status_code == 409
        assert _purchases(database) == []

    def test_shows_no_receipt_of_another_store(
        self, client: FlaskClient, shop: Shop, database: Database
    ) -> None:
        basket = send(client, "/till/basket/lines", text="1001")
        receipt = _pay(client, hidden(basket, "request_key"), "7.99")
        with database.transaction() as session:
            session.execute(
                text("update purchase set store_id = :south"), {"south": shop.south}
            )
        assert client.get(receipt.request.path).status_code == 404


LAST_ONE: dict[str, object] = {
    "code": "bread-1",
    "name": {"en": "A euro off bread, once"},
    "limits": {"total": 1},
    "reward": {
        "amount_off": {
            "amount": "1.00",
            "on": {"categories": ["bakery"]},
            "per": "basket",
        }
    },
}


def _pay(client: FlaskClient, key: str, told: str) -> TestResponse:
    return send(client, "/till/basket/pay", request_key=key, told=told, payment="card")


def _purchases(database: Database) -> list[tuple[int, int | None]]:
    with database.transaction() as session:
        rows = session.execute(
            text("select net, customer_id from purchase order by id")
        )
        return [(row.net, row.customer_id) for row in rows]
