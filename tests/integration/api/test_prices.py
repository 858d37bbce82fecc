"""What articles cost, told to machines."""

from datetime import datetime
from typing import Any

import pytest
from werkzeug.test import TestResponse

from loyalty.staff.values import ApiScope
from tests.integration.api.conftest import COFFEE, Api, Shop, problem


def read(answer: TestResponse) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json or {}
    return found


class TestPrices:
    def test_show_the_lowest_and_what_made_it_so(self, api: Api) -> None:
        api.put("/products", {"products": [{**COFFEE, "price": "5.99"}]})

        shown = read(api.get("/products/COFFEE/prices"))

        # coffee-20 runs from the first moment on.
        assert (shown["price"], shown["lowest_shelf_price"]) == ("5.99", "4.99")
        assert (shown["lowest_price"], shown["promotion"]) == ("3.99", "coffee-20")
        changes = [(one["price"], one["store"]) for one in shown["changes"]]
        assert changes == [("5.99", None), ("4.99", None)]
        assert {one["source"] for one in shown["changes"]} == {"api"}
        assert shown["days"] == 30

    def test_know_nothing_of_the_time_before(self, api: Api) -> None:
        shown = read(api.get("/products/TEA/prices?before=2020-01-01T00:00:00Z"))

        assert shown["lowest_price"] is None
        assert datetime.fromisoformat(shown["before"]).year == 2020

    def test_are_those_of_one_store_for_its_key(self, api: Api, shop: Shop) -> None:
        line = {"line": "1", "sku": "TEA", "quantity": "1", "unit_price": "1.99"}
        paid = {"store": "North", "purchase": "price-1", "lines": [line]}
        sold = api.post("/purchases", paid, Idempotency_Key="price-1")
        assert sold.status_code == 201

        north = shop.key(ApiScope.CATALOGUE_READ, store="North")
        south = shop.key(ApiScope.CATALOGUE_READ, store="South")

        path = "/products/TEA/prices"
        assert read(api.get(path))["lowest_price"] == "1.99"
        assert read(north.get(path))["lowest_price"] == "1.99"
        assert read(south.get(path))["lowest_price"] == "2.49"
        assert read(api.get(f"{path}?store=South"))["lowest_price"] == "2.49"
        assert read(north.get(path))["changes"][0]["store"] == "North"
        assert problem(south.get(f"{path}?store=North"))[:2] == (403, "other_store")

    @pytest.mark.parametrize(
        ("path", "status", "code"),
        [
            ("/products/GHOST/prices", 404, "product_not_found"),
            ("/products/TEA/prices?store=Mars", 404, "store_not_found"),
            ("/products/TEA/prices?days=0", 422, "unprocessable_entity"),
            ("/products/TEA/prices?before=soon", 422, "unprocessable_entity"),
        ],
    )
    def test_refuse_what_they_cannot_tell(
        self, api: Api, path: str, status: int, code: str
    ) -> None:
        assert problem(api.get(path))[:2] == (status, code)
