"""Pricing and recording through the API."""

from collections.abc import Callable
from typing import Any

import pytest

from loyalty.points.models import TransferRow
from loyalty.promotions.models import UseRow
from loyalty.purchases.models import PurchaseRow
from loyalty.staff.values import ApiScope
from loyalty.usecases.checkout import quoting
from tests.integration.api.conftest import BASKET, COFFEE, COFFEE_20, Api, Shop, problem

WRITTEN = (PurchaseRow, UseRow, TransferRow)
"""The tables that a purchase is written to."""

WATER = {"line": "1", "sku": "WATER", "quantity": "1", "unit_price": "1.00"}


def basket(**changes: object) -> dict[str, object]:
    return {**BASKET, **changes}


def line(**changes: object) -> dict[str, object]:
    """Return a basket whose only line differs so."""
    return basket(lines=[{**BASKET["lines"][0], **changes}])


def paid(receipt: str = "R1", **changes: object) -> dict[str, object]:
    return basket(purchase=receipt, **changes)


def stock(api: Api, sku: str) -> None:
    """Put a further article into the catalogue."""
    api.put("/products", {"products": [{**COFFEE, "sku": sku, "categories": []}]})


def member(api: Api, name: str) -> tuple[int, str]:
    """Enrol somebody; return the customer and the card."""
    contact = f"{name}@example.org"
    answer = api.post("/customers", {"store": "North", "contact": contact})
    assert answer.status_code == 201
    assert answer.json is not None
    return answer.json["customer"]["id"], answer.json["card"]


class TestQuote:
    def test_prices_the_basket(self, api: Api) -> None:
        answer = api.post("/checkout/quotes", BASKET)

        assert answer.status_code == 200
        quote = answer.json
        assert quote is not None
        assert (quote["gross"], quote["discount"], quote["net"]) == (
            "9.98",
            "2.00",
            "7.98",
        )
        assert quote["lines"][0]["applications"] == [
            {"promotion": "coffee-20", "amount": "2.00"}
        ]
        assert quote["applied"][0]["terms"].lower().startswith("you get 20% off coffee")
        assert quote["points"]["earned"] == 0
        assert quote["points"]["balance_after"] is None
        assert quote["optimal"] is True

    def test_says_what_the_catalogue_does_not_know(self, api: Api) -> None:
        answer = api.post("/checkout/quotes", line(sku="GHOST"))

        assert answer.json is not None
        assert answer.json["unknown_skus"] == ["GHOST"]
        assert answer.json["net"] == "9.98"

    def test_honours_another_moment_with_the_scope_alone(
        self, api: Api, shop: Shop
    ) -> None:
        to_come = {
            **COFFEE_20,
            "code": "water-50",
            "valid": {"from": "2040-01-01T00:00"},
            "reward": {"percent_off": {"percent": "50", "on": {"skus": ["WATER"]}}},
        }
        stock(api, "WATER")
        api.post("/promotions", to_come)
        api.post("/promotions/water-50/activate")
        now = basket(lines=[WATER])
        then = {**now, "at": "2040-01-01T12:00:00+01:00"}

        allowed = api.post("/checkout/quotes", then)
        today = api.post("/checkout/quotes", now)
        refused = shop.key(ApiScope.CHECKOUT_QUOTE).post("/checkout/quotes", then)

        assert allowed.json is not None
        assert allowed.json["discount"] == "0.50"
        assert today.json is not None
        assert today.json["discount"] == "0.00"
        assert problem(refused)[:2] == (403, "scope_missing")

    @pytest.mark.parametrize(
        ("body", "expected"),
        [
            (line(quantity="-1"), ("/lines/0/quantity", "invalid")),
            (line(quantity="0"), ("/lines/0/quantity", "invalid")),
            (line(quantity=2), ("/lines/0/quantity", "invalid")),
            (line(quantity="0.3505"), ("/lines/0/quantity", "invalid")),
            (line(quantity="1e3"), ("/lines/0/quantity", "invalid")),
            (line(quantity="1\n"), ("/lines/0/quantity", "invalid")),
            (line(quantity="99999999"), ("/lines/0/quantity", "invalid")),
            (line(unit_price="1.999"), ("/lines/0/unit_price", "too_many_decimals")),
            (line(unit_price="-1.00"), ("/lines/0/unit_price", "invalid")),
            (line(unit_price="9" * 30), ("/lines/0/unit_price", "invalid")),
            (line(unit_price=1.99), ("/lines/0/unit_price", "invalid")),
            (line(sku="x" * 65), ("/lines/0/sku", "invalid")),
            (line(sku=" "), ("/lines/0/sku", "invalid")),
            (line(colour="red"), ("/lines/0/colour", "unknown")),
            (basket(lines=[]), ("/lines", "invalid")),
            (basket(lines=BASKET["lines"] * 2), ("/lines/1/line", "line_twice")),
            (basket(lines=BASKET["lines"] * 501), ("/lines", "invalid")),
            (basket(lines=None), ("/lines", "null")),
            (basket(card="2610001234567890"), ("/card", "card_number_check_digit")),
            (basket(card="26100012"), ("/card", "card_number_format")),
            (basket(currency="PLN"), ("/currency", "currency_mismatch")),
            (basket(at="2026-11-20T12:00:00"), ("/at", "invalid")),
            (basket(at="0001-01-01T00:00:00+23:59"), ("/at", "invalid")),
            (basket(delivery_fee="4.999"), ("/delivery_fee", "too_many_decimals")),
            (basket(points_to_spend=1.5), ("/points_to_spend", "invalid")),
            (basket(points_to_spend=10**30), ("/points_to_spend", "invalid")),
            (basket(reserve=1), ("/reserve", "invalid")),
            (basket(store=324), ("/store", "invalid")),
            (basket(hello=1), ("/hello", "unknown")),
            ({"lines": BASKET["lines"]}, ("/store", "required")),
        ],
        ids=str,
    )
    def test_names_the_field_at_fault(
        self, api: Api, body: object, expected: tuple[str, str]
    ) -> None:
        answer = api.post("/checkout/quotes", body)

        assert problem(answer) == (422, answer.json["code"], [expected])  # type: ignore[index]

    def test_names_every_price_at_fault(self, api: Api) -> None:
        first = {"line": "1", "sku": "TEA", "quantity": "1", "unit_price": "1.001"}
        second = {"line": "2", "sku": "TEA", "quantity": "1", "unit_price": "1.002"}

        answer = api.post("/checkout/quotes", basket(lines=[first, second]))

        assert problem(answer)[2] == [
            ("/lines/0/unit_price", "too_many_decimals"),
            ("/lines/1/unit_price", "too_many_decimals"),
        ]

    def test_knows_no_such_card(self, api: Api) -> None:
        answer = api.post("/checkout/quotes", basket(card="4111111111111111"))

        assert problem(answer)[:2] == (404, "card_not_found")

    def test_knows_no_such_store(self, api: Api) -> None:
        answer = api.post("/checkout/quotes", basket(store="West"))

        assert problem(answer)[:2] == (404, "store_not_found")

    def test_is_for_the_store_of_the_key(self, shop: Shop) -> None:
        bound = shop.key(store="South")

        assert problem(bound.post("/checkout/quotes", BASKET))[:2] == (
            403,
            "other_store",
        )
        south = bound.post("/checkout/quotes", basket(store="South"))
        assert south.status_code == 200


class TestPurchase:
    def test_is_recorded_with_its_points(self, api: Api, shop: Shop) -> None:
        customer, card = member(api, "recorded")
        before = shop.count(*WRITTEN)

        answer = api.post("/purchases", paid("A1", card=card), Idempotency_Key="a1")

        assert answer.status_code == 201
        assert answer.json is not None
        assert answer.json["net"] == "7.98"
        assert answer.json["points"]["balance_after"] == 7
        assert shop.count(*WRITTEN) == tuple(rows + 1 for rows in before)
        shown = api.get(f"/purchases/{answer.json['purchase']}").json
        assert shown is not None
        assert (shown["receipt"], shown["store"], shown["net"]) == (
            "A1",
            "North",
            "7.98",
        )
        assert shown["customer"] == customer
        assert shown["lines"][0]["quantity"] == "2"
        points = api.get(f"/customers/{customer}/points").json
        assert points is not None
        assert points["balance"] == 7
        assert [one["points"] for one in points["transfers"]] == [7]
        assert points["next_expiry"]["points"] == 7

    def test_is_answered_the_same_when_sent_again(self, api: Api, shop: Shop) -> None:
        _customer, card = member(api, "again")
        first = api.post("/purchases", paid("B1", card=card), Idempotency_Key="b1")
        recorded = shop.count(*WRITTEN)

        again = api.post("/purchases", paid("B1", card=card), Idempotency_Key="b1")

        assert first.status_code == 201
        assert (again.status_code, again.data) == (first.status_code, first.data)
        assert "Idempotency-Replayed" not in first.headers
        assert again.headers["Idempotency-Replayed"] == "true"
        assert shop.count(*WRITTEN) == recorded

    def test_needs_a_new_key_for_another_body(self, api: Api, shop: Shop) -> None:
        api.post("/purchases", paid("C1"), Idempotency_Key="c1")
        recorded = shop.count(*WRITTEN)

        answer = api.post("/purchases", paid("C2"), Idempotency_Key="c1")

        assert answer.status_code == 422
        assert problem(answer)[2] == [
            ("/headers/Idempotency-Key", "request_key_reused")
        ]
        assert shop.count(*WRITTEN) == recorded

    def test_is_refused_for_a_receipt_that_is_recorded(
        self, api: Api, shop: Shop
    ) -> None:
        api.post("/purchases", paid("D1"), Idempotency_Key="d1")
        recorded = shop.count(*WRITTEN)

        answer = api.post("/purchases", paid("D1"), Idempotency_Key="d2")

        assert problem(answer)[:2] == (409, "receipt_exists")
        assert shop.count(*WRITTEN) == recorded
        south = api.post("/purchases", paid("D1", store="South"), Idempotency_Key="d3")
        assert south.status_code == 201

    @pytest.mark.parametrize("key", [{}, {"Idempotency_Key": "a b"}], ids=str)
    def test_needs_a_key(self, api: Api, shop: Shop, key: dict[str, str]) -> None:
        before = shop.count(*WRITTEN)

        answer = api.post("/purchases", paid("E1"), **key)

        assert answer.status_code == 422
        assert problem(answer)[2][0][0] == "/headers/Idempotency-Key"
        assert shop.count(*WRITTEN) == before

    @pytest.mark.parametrize(
        "body",
        [
            paid(card="2610001234567890"),
            paid(card="4111111111111111"),
            paid(lines=[{**WATER, "quantity": "-1"}]),
            paid(lines=[{**WATER, "unit_price": "1.999"}]),
            paid(points_to_spend=1),
            paid(quote="Q1"),
            paid("\0"),
            paid("x" * 65),
        ],
        ids=str,
    )
    def test_leaves_no_trace_when_refused(
        self, api: Api, shop: Shop, body: object
    ) -> None:
        before = shop.count(*WRITTEN)

        answer = api.post("/purchases", body, Idempotency_Key="f1")

        assert 400 <= answer.status_code < 500
        assert shop.count(*WRITTEN) == before

    def test_shows_a_fresh_quote_when_the_last_use_went(
        self, api: Api, shop: Shop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        bread = {**WATER, "sku": "BREAD"}
        once = {
            **COFFEE_20,
            "code": "bread-once",
            "reward": {"percent_off": {"percent": "50", "on": {"skus": ["BREAD"]}}},
            "limits": {"total": 1},
        }
        stock(api, "BREAD")
        api.post("/promotions", once)
        api.post("/promotions/bread-once/activate")
        api.post("/purchases", paid("G1", lines=[bread]), Idempotency_Key="g1")
        recorded = shop.count(*WRITTEN)
        see_no_use(monkeypatch, rounds=1)

        answer = api.post("/purchases", paid("G2", lines=[bread]), Idempotency_Key="g2")

        assert problem(answer)[:2] == (409, "promotion_used_up")
        assert answer.json is not None
        assert answer.json["quote"]["net"] == "1.00"
        assert ("bread-once", "used_up") in [
            (one["promotion"], one["reason"]) for one in answer.json["quote"]["missed"]
        ]
        assert shop.count(*WRITTEN) == recorded

    @pytest.mark.parametrize(
        "number", ["0", "-1", "99999999999999999999", "abc", "9007199254740991"]
    )
    def test_is_not_found(self, api: Api, number: str) -> None:
        assert problem(api.get(f"/purchases/{number}"))[0] == 404

    def test_is_for_the_store_of_the_key(self, api: Api, shop: Shop) -> None:
        bound = shop.key(store="South")
        recorded = api.post("/purchases", paid("H1"), Idempotency_Key="h1").json
        assert recorded is not None

        shown = bound.get(f"/purchases/{recorded['purchase']}")
        written = bound.post("/purchases", paid("H2"), Idempotency_Key="h2")

        assert problem(shown)[:2] == (403, "other_store")
        assert problem(written)[:2] == (403, "other_store")


class TestReservation:
    def test_holds_until_it_is_released(self, api: Api) -> None:
        once = {
            **COFFEE_20,
            "code": "milk-once",
            "reward": {"percent_off": {"percent": "50", "on": {"skus": ["MILK"]}}},
            "limits": {"total": 1},
        }
        stock(api, "MILK")
        api.post("/promotions", once)
        api.post("/promotions/milk-once/activate")
        body = basket(lines=[{**WATER, "sku": "MILK"}])

        first = api.post("/checkout/quotes", {**body, "reserve": True}).json
        held = api.post("/checkout/quotes", body).json
        assert first is not None
        released = api.post(f"/checkout/quotes/{first['quote']}/release").json
        again = api.post(f"/checkout/quotes/{first['quote']}/release").json
        free = api.post("/checkout/quotes", body).json

        assert first["reserved_until"] is not None
        assert held is not None
        assert free is not None
        assert (first["net"], held["net"], free["net"]) == ("0.50", "1.00", "0.50")
        assert held["reserved_until"] is None
        assert released == {"quote": first["quote"], "released": True}
        assert again == {"quote": first["quote"], "released": False}

    def test_is_not_released_by_another_name(self, api: Api) -> None:
        answer = api.post("/checkout/quotes/guessed/release")

        assert problem(answer)[:2] == (404, "quote_not_found")

    def test_is_refused_with_a_fresh_quote_for_another_basket(
        self, api: Api, shop: Shop
    ) -> None:
        told = api.post("/checkout/quotes", {**BASKET, "reserve": True}).json
        assert told is not None
        before = shop.count(*WRITTEN)
        other = line(quantity="3")

        answer = api.post(
            "/purchases",
            {**other, "purchase": "Q1", "quote": told["quote"]},
            Idempotency_Key="q1",
        )

        assert problem(answer)[:2] == (409, "quote_differs")
        assert answer.json is not None
        assert answer.json["quote"]["net"] == "11.98"
        assert shop.count(*WRITTEN) == before
        paid_for = api.post(
            "/purchases",
            {**other, "purchase": "Q1", "quote": answer.json["quote"]["quote"]},
            Idempotency_Key="q2",
        )
        assert paid_for.status_code == 201


class TestReturn:
    def bought(self, api: Api, name: str) -> str:
        _customer, card = member(api, name)
        answer = api.post("/purchases", paid(name, card=card), Idempotency_Key=name)
        assert answer.json is not None
        return str(answer.json["purchase"])

    def test_is_shown_with_the_purchase(self, api: Api) -> None:
        number = self.bought(api, "returned")
        body = {"lines": [{"line": "1", "quantity": "1"}]}

        answer = api.post(
            f"/purchases/{number}/returns", body, Idempotency_Key="returned-1"
        )
        again = api.post(
            f"/purchases/{number}/returns", body, Idempotency_Key="returned-1"
        )
        shown = api.get(f"/purchases/{number}").json

        assert answer.status_code == 201
        assert answer.json is not None
        assert (answer.json["refund"], answer.json["points"]["taken_back"]) == (
            "3.99",
            4,
        )
        assert again.data == answer.data
        assert again.headers["Idempotency-Replayed"] == "true"
        assert shown is not None
        assert shown["tenders"][0]["amount"] == "7.98"
        (past,) = shown["returns"]
        assert (past["return"], past["kind"]) == (answer.json["return"], "return")
        assert past["lines"] == [{"line": "1", "quantity": "1", "refund": "3.99"}]

    def test_names_the_field_at_fault(self, api: Api) -> None:
        number = self.bought(api, "faulty")
        body = {
            "lines": [{"line": "1", "quantity": "1"}, {"line": "7", "quantity": "1"}]
        }

        answer = api.post(
            f"/purchases/{number}/returns", body, Idempotency_Key="faulty-1"
        )

        assert problem(answer)[2] == [("/lines/1/line", "line_unknown")]
        shown = api.get(f"/purchases/{number}").json
        assert shown is not None
        assert shown["returns"] == []

    def test_of_a_cancelled_purchase_is_refused(self, api: Api) -> None:
        number = self.bought(api, "cancelled")

        done = api.post(f"/purchases/{number}/cancellation", Idempotency_Key="c-1")
        more = api.post(f"/purchases/{number}/cancellation", Idempotency_Key="c-2")

        assert done.json is not None
        assert (done.status_code, done.json["refund"]) == (201, "7.98")
        assert problem(more)[:2] == (409, "already_cancelled")

    def test_is_exchanged_in_one_request(self, api: Api) -> None:
        number = self.bought(api, "exchanged")
        body = {
            "returned": [{"line": "1", "quantity": "1"}],
            "bought": paid("exchanged-2", lines=[WATER]),
        }

        answer = api.post(f"/purchases/{number}/exchanges", body, Idempotency_Key="x-1")
        again = api.post(f"/purchases/{number}/exchanges", body, Idempotency_Key="x-1")

        assert answer.json is not None
        assert (answer.status_code, answer.json["to_pay"]) == (201, "-2.99")
        assert again.json == answer.json
        assert again.headers["Idempotency-Replayed"] == "true"

    def test_points_into_both_parts_of_an_exchange(self, api: Api) -> None:
        number = self.bought(api, "pointed")
        wrong = {**WATER, "unit_price": "1.999"}
        bodies = [
            {
                "returned": [{"line": "7", "quantity": "1"}],
                "bought": paid("pointed-2", lines=[WATER]),
            },
            {
                "returned": [{"line": "1", "quantity": "1"}],
                "bought": paid("pointed-2", lines=[wrong]),
            },
        ]

        answers = [
            api.post(f"/purchases/{number}/exchanges", body, Idempotency_Key="p-1")
            for body in bodies
        ]

        assert [problem(answer)[2] for answer in answers] == [
            [("/returned/0/line", "line_unknown")],
            [("/bought/lines/0/unit_price", "too_many_decimals")],
        ]

    def test_is_for_the_store_of_the_key(self, api: Api, shop: Shop) -> None:
        number = self.bought(api, "northern")
        bound = shop.key(store="South")

        answers = [
            bound.post(f"/purchases/{number}/{what}", body, Idempotency_Key="s-1")
            for what, body in (
                ("returns", {"lines": [{"line": "1", "quantity": "1"}]}),
                ("cancellation", None),
            )
        ]

        assert [problem(answer)[:2] for answer in answers] == [(403, "other_store")] * 2


def see_no_use(monkeypatch: pytest.MonkeyPatch, *, rounds: int) -> None:
    """Let the next pricings see no use of limits yet, as when two tills race."""
    real: Callable[..., Any] = quoting.used  # type: ignore[attr-defined]  # replaced
    left = iter(range(rounds))

    def used(*given: object, **named: object) -> object:
        return real(*given, **named) if next(left, None) is None else {}

    monkeypatch.setattr(quoting, "used", used)
