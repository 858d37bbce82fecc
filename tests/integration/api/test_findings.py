"""What the check of a promotion answers, and how it keeps one from running."""

from typing import Any

import pytest
from werkzeug.test import TestResponse

from loyalty.staff.values import ApiScope
from tests.integration.api.conftest import COFFEE_20, Api, Shop, problem

DEAR = {
    "sku": "DEAR",
    "name": "Dear tea",
    "categories": ["drinks/tea"],
    "price": "10.00",
    "cost": "9.00",
}


def read(answer: TestResponse) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json or {}
    return found


def draft(api: Api, code: str, **parts: object) -> str:
    """Keep a draft; return its address."""
    kept = api.post("/promotions", {**COFFEE_20, "code": code, **parts})
    assert kept.status_code == 201, kept.text
    return f"/promotions/{code}"


def below_cost(api: Api, code: str) -> str:
    api.put("/products", {"products": [DEAR]})
    reward = {"percent_off": {"percent": "25", "on": {"skus": ["DEAR"]}}}
    return draft(api, code, reward=reward)


def codes(answer: dict[str, Any]) -> dict[str, str]:
    return {one["code"]: one["severity"] for one in answer["findings"]}


class TestFindings:
    def test_are_shown_with_figures_and_in_words(self, api: Api) -> None:
        path = below_cost(api, "shown")

        found = read(api.get(f"{path}/findings?language=pl"))["findings"]

        (cost,) = [one for one in found if one["code"] == "below_cost"]
        assert cost == {
            "code": "below_cost",
            "severity": "warning",
            "pointer": "/reward",
            "message": (
                "Sprzedaje 1 artykuł poniżej kosztu, do 1,50\u00a0€ na sztuce."
            ),
            "products": [
                {"sku": "DEAR", "price": "10.00", "reduced": "7.50", "limit": "9.00"}
            ],
            "promotions": [],
            "basket": None,
        }

    def test_compare_with_what_runs(self, api: Api) -> None:
        path = draft(api, "weaker")

        found = read(api.get(f"{path}/findings"))["findings"]

        promotions = {one["code"]: one["promotions"] for one in found}
        assert promotions["always_loses"] == ["coffee-20"]
        assert promotions["overlaps"] == ["coffee-20"]

    def test_are_not_found_of_nothing(self, api: Api) -> None:
        answer = api.get("/promotions/ghost/findings")

        assert problem(answer)[:2] == (404, "promotion_not_found")


class TestActivation:
    @pytest.mark.parametrize(
        ("parts", "code"),
        [
            ({"valid": {"until": "2026-01-01T00:00"}}, "over"),
            ({"valid": {"stores": ["Mars"]}}, "store_unknown"),
            (
                {"reward": {"free_item": {"sku": "GHOST", "quantity": 1}}},
                "no_product",
            ),
            (
                {"audience": {"all": [{"tier": "gold"}, {"has_card": False}]}},
                "nobody",
            ),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_is_refused_while_it_can_never_apply(
        self, api: Api, parts: dict[str, object], code: str
    ) -> None:
        path = draft(api, f"never-{code}".replace("_", "-"), **parts)

        refused = api.post(f"{path}/activate?acknowledge={code}")

        assert problem(refused)[:2] == (409, "promotion_findings")
        assert refused.json is not None
        assert codes(refused.json)[code] == "error"
        assert read(api.get(path))["state"] == "draft"

    def test_needs_its_warnings_acknowledged(self, api: Api) -> None:
        path = below_cost(api, "meant")

        refused = api.post(f"{path}/activate")

        assert problem(refused)[:2] == (409, "promotion_findings")
        assert refused.json is not None
        assert codes(refused.json)["below_cost"] == "warning"
        assert read(api.get(path))["state"] == "draft"
        meant = api.post(f"{path}/activate?acknowledge=below_cost,always_loses")
        assert read(meant)["state"] == "active"

    def test_is_not_kept_by_notes(self, api: Api) -> None:
        reward = {"percent_off": {"percent": "30", "on": {"skus": ["COFFEE"]}}}
        path = draft(api, "noted", reward=reward)

        assert "no_limit" in codes(read(api.get(f"{path}/findings")))
        assert read(api.post(f"{path}/activate"))["state"] == "active"

    def test_is_for_keys_of_all_stores(self, shop: Shop, api: Api) -> None:
        path = draft(api, "bound-key")
        bound = shop.key(ApiScope.PROMOTIONS_WRITE, store="North")

        refused = bound.post(f"{path}/activate")

        assert problem(refused)[:2] == (403, "other_store")
        assert read(api.get(path))["state"] == "draft"

    def test_takes_nothing_but_codes(self, api: Api) -> None:
        path = draft(api, "odd")

        assert api.post(f"{path}/activate?acknowledge=%20!").status_code == 422
