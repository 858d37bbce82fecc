"""Back-tests through the API, from the question to the answer."""

from datetime import UTC, datetime

from loyalty.core.clock import machine_now
from loyalty.promotions.values.backtests import BacktestID
from loyalty.staff.values import ApiScope
from loyalty.usecases.backtest_promotion import Clocks, run_backtest
from tests.integration.api.conftest import BASKET, COFFEE_20, Shop


class TestABacktest:
    def test_is_asked_for_run_and_read(self, shop: Shop) -> None:
        api = shop.key()
        half = {"percent_off": {"percent": "50", "on": {"skus": ["COFFEE"]}}}
        api.post("/promotions", {**COFFEE_20, "code": "tested", "reward": half})
        bought = api.post(
            "/purchases", {**BASKET, "purchase": "BT-1"}, Idempotency_Key="bt-1"
        )
        assert bought.status_code == 201

        begun = api.post("/promotions/tested/backtest", {"from": None})

        assert begun.status_code == 202
        assert begun.json is not None
        number = begun.json["backtest"]
        assert begun.headers["Location"] == f"/api/v1/backtests/{number}"
        assert (begun.json["state"], begun.json["result"]) == ("queued", None)
        run_backtest(
            shop.database,
            backtest_id=BacktestID(number),
            clocks=Clocks(now=machine_now, machine_now=machine_now),
        )

        found = api.get(f"/backtests/{number}").json
        assert found is not None
        assert found["state"] == "done"
        assert found["promotion"] == "tested"
        # Half of 9.98, in the place of the fifth that coffee-20 gives.
        assert found["result"]["given"] == "4.99"
        assert found["result"]["cost"] == "2.99"
        assert found["result"]["by_store"] == [
            {"key": "North", "baskets": 1, "cost": "2.99"}
        ]
        assert found["result"]["worst"]["receipt"] == "BT-1"
        assert found["result"]["assumptions"] == [
            "unchanged_behaviour",
            "others_all_along",
        ]

    def test_can_be_cancelled_once(self, shop: Shop) -> None:
        api = shop.key()
        api.post("/promotions", {**COFFEE_20, "code": "cancelled"})
        begun = api.post("/promotions/cancelled/backtest", {"from": None}).json
        assert begun is not None
        place = f"/backtests/{begun['backtest']}"

        first = api.post(f"{place}/cancel")
        second = api.post(f"{place}/cancel")

        assert first.json is not None
        assert (first.status_code, first.json["state"]) == (200, "cancelled")
        assert second.json is not None
        assert (second.status_code, second.json["code"]) == (409, "backtest_over")

    def test_needs_a_period_that_begins_before_it_ends(self, shop: Shop) -> None:
        api = shop.key()
        api.post("/promotions", {**COFFEE_20, "code": "period"})
        later = datetime(2090, 1, 1, tzinfo=UTC).isoformat()

        refused = api.post("/promotions/period/backtest", {"from": later})

        assert refused.json is not None
        assert refused.status_code == 422
        assert [one["pointer"] for one in refused.json["problems"]] == ["/from"]

    def test_of_nothing_is_not_found(self, shop: Shop) -> None:
        assert (
            shop.key().post("/promotions/nothing/backtest", {"from": None}).status_code
            == 404
        )
        assert shop.key().get("/backtests/99999").status_code == 404

    def test_concerns_all_stores(self, shop: Shop) -> None:
        api = shop.key(*ApiScope, store="North")

        assert (
            api.post("/promotions/coffee-20/backtest", {"from": None}).status_code
            == 403
        )
