"""Tiers through the API."""

from loyalty.tiers.models import LadderRow
from tests.integration.api.conftest import BASKET, Api, Shop, problem

LADDER = {
    "basis": "points",
    "span": "rolling",
    "days": 365,
    "grace_days": 90,
    "tiers": [
        {"code": "silver", "name": {"en": "Silver"}, "threshold": "5"},
        {"code": "gold", "name": {"en": "Gold"}, "threshold": "50"},
    ],
}


class TestTiers:
    def test_are_reached_by_a_purchase_and_explained(self, api: Api) -> None:
        api.put("/tiers", LADDER)
        body = {"store": "North", "contact": "tier@example.org"}
        made = api.post("/customers", body).json
        assert made is not None
        path = f"/customers/{made['customer']['id']}"
        before = api.get(path).json
        api.post(
            "/purchases",
            {**BASKET, "card": made["card"], "purchase": "tier-1"},
            Idempotency_Key="tier-1",
        )
        after = api.get(path).json
        history = api.get(f"{path}/tiers").json
        shown = api.get("/tiers").json

        assert before is not None
        assert before["tier"]["code"] is None
        assert before["tier"]["next"] == {
            "code": "silver",
            "name": "Silver",
            "missing": "5",
        }
        assert after is not None
        assert (after["tier"]["code"], after["tier"]["measure"]) == ("silver", "7")
        assert after["tier"]["next"]["missing"] == "43"
        assert history is not None
        assert history["changes"][0]["why"].startswith("Reached Silver. 7 points from ")
        assert shown is not None
        assert [one["members"] for one in shown["tiers"]] == [1, 0]

    def test_that_do_not_rise_are_refused(self, api: Api, shop: Shop) -> None:
        before = shop.count(LadderRow)
        tiers = [*LADDER["tiers"]]  # type: ignore[misc]  # a list
        answer = api.put("/tiers", {**LADDER, "tiers": tiers[::-1]})

        assert problem(answer)[2] == [("/tiers/1/threshold", "tiers_not_rising")]
        assert shop.count(LadderRow) == before

    def test_of_a_store_are_not_changed_by_its_key(self, shop: Shop) -> None:
        answer = shop.key(store="North").put("/tiers", LADDER)

        assert problem(answer)[:2] == (403, "other_store")
