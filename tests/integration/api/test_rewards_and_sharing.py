"""Rewards, causes, gifts and friends through the API."""

from typing import Any

from werkzeug.test import TestResponse

from loyalty.core.clock import utc_now
from loyalty.customers.values import CustomerID
from loyalty.points.service import earn
from loyalty.points.values import Earning, Request
from loyalty.rewards.models import CauseGiftRow, RedemptionRow
from loyalty.sharing.service import settle
from tests.integration.api.conftest import BASKET, Api, Shop, problem

MUG = {"name": {"en": "Mug"}, "points": 100, "kind": "article", "stock": 3}


def read(answer: TestResponse, status: int = 200) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    body = answer.json
    assert isinstance(body, dict)
    return body


def member(shop: Shop, api: Api, contact: str, points: int = 0) -> dict[str, Any]:
    made = read(api.post("/customers", {"store": "North", "contact": contact}), 201)
    if points:
        with shop.database.transaction() as session:
            request = Request(key="start", actor="system")
            earn(
                session,
                customer_id=CustomerID(made["customer"]["id"]),
                earning=Earning(points=points, request=request, immediately=True),
                now=utc_now(),
            )
    return made


class TestRewards:
    def test_are_redeemed_handed_over_and_cancelled(self, shop: Shop, api: Api) -> None:
        read(api.put("/rewards/mug", MUG))
        made = member(shop, api, "reward@example.org", 250)
        path = f"/customers/{made['customer']['id']}"

        first = api.post(f"{path}/redemptions", {"reward": "mug"}, Idempotency_Key="1")
        again = api.post(f"{path}/redemptions", {"reward": "mug"}, Idempotency_Key="1")
        other = api.post(f"{path}/redemptions", {"reward": "mug"}, Idempotency_Key="2")
        one, two = read(first, 201)["redemption"], read(other, 201)["redemption"]
        given = read(api.post(f"{path}/redemptions/{one}/hand-over"))
        kept = api.post(f"{path}/redemptions/{one}/cancel")
        back = read(api.post(f"{path}/redemptions/{two}/cancel"))
        mine = read(api.get(f"{path}/rewards"))

        assert again.get_data() == first.get_data()
        assert given["state"] == "given"
        assert problem(kept)[:2] == (409, "redemption_settled")
        assert back["state"] == "cancelled"
        assert mine["have"] == 150
        assert [(n["reward"]["code"], n["missing"]) for n in mine["rewards"]] == [
            ("mug", 0)
        ]
        assert mine["rewards"][0]["reward"]["stock"] == 2

    def test_that_are_too_dear_or_gone_cost_nothing(self, shop: Shop, api: Api) -> None:
        read(api.put("/rewards/cup", MUG))
        made = member(shop, api, "poor@example.org", 99)
        path = f"/customers/{made['customer']['id']}/redemptions"
        before = shop.count(RedemptionRow)

        dear = api.post(path, {"reward": "cup"}, Idempotency_Key="1")
        read(api.post("/rewards/cup/withdraw"))
        gone = api.post(path, {"reward": "cup"}, Idempotency_Key="2")

        assert problem(dear)[:2] == (409, "not_enough_points")
        assert problem(gone)[:2] == (409, "reward_not_available")
        assert shop.count(RedemptionRow) == before

    def test_with_a_coupon_need_its_promotion(self, api: Api) -> None:
        body = {**MUG, "kind": "coupon", "promotion": "coffee-20"}

        answer = api.put("/rewards/coffee", body)

        assert problem(answer)[2] == [("/promotion", "promotion_unfit")]


class TestCauses:
    def test_get_points_once(self, shop: Shop, api: Api) -> None:
        read(api.put("/causes/trees", {"name": {"en": "Trees"}}))
        made = member(shop, api, "giver@example.org", 50)
        path = f"/customers/{made['customer']['id']}/causes"
        body = {"cause": "trees", "points": 20}

        first = api.post(path, body, Idempotency_Key="1")
        again = api.post(path, body, Idempotency_Key="1")

        assert read(first, 201)["balance_after"] == 30
        assert again.get_data() == first.get_data()
        assert read(api.get("/causes"))["causes"][0]["points"] == 20
        assert shop.count(CauseGiftRow) == (1,)


class TestSharing:
    def test_gives_points_to_the_holder_of_a_card(self, shop: Shop, api: Api) -> None:
        ann = member(shop, api, "ann@example.org", 100)
        ben = member(shop, api, "ben@example.org")
        body = {"card": ben["card"], "points": 40}
        path = f"/customers/{ann['customer']['id']}/gifts"

        given = read(api.post(path, body, Idempotency_Key="1"), 201)
        over = api.post(path, {**body, "points": 61}, Idempotency_Key="2")

        assert given["balance_after"] == 60
        assert problem(over)[:2] == (409, "not_enough_points")
        found = read(api.get(f"/customers/{ben['customer']['id']}"))
        assert found["balance"] == 40

    def test_gives_both_points_for_a_friend(self, shop: Shop, api: Api) -> None:
        old = member(shop, api, "old@example.org")["customer"]["id"]
        new = member(shop, api, "new@example.org")
        code = read(api.get(f"/customers/{old}/referrals"))["code"]
        path = f"/customers/{new['customer']['id']}/referred-by"

        noted = read(api.post(path, {"code": code}))
        own = api.post(f"/customers/{old}/referred-by", {"code": code})
        body = {**BASKET, "card": new["card"], "purchase": "friend-1"}
        read(api.post("/purchases", body, Idempotency_Key="friend-1"), 201)
        with shop.database.transaction() as session:
            settle(session, now=utc_now())
        shown = read(api.get(f"/customers/{old}/referrals"))

        assert noted["state"] == "waiting"
        assert problem(own)[:2] == (409, "not_a_friend")
        assert [one["state"] for one in shown["friends"]] == ["paid"]
        assert shown["friends"][0]["referrer_points"] == 200
        alone = read(api.get(f"/customers/{old}/household"))
        assert alone == {"balance_of": old, "members": [old]}
