"""Webhooks through the API."""

from loyalty.staff.values import ApiScope
from loyalty.webhooks.models import DeliveryRow, EndpointRow
from loyalty.webhooks.values import EventType
from tests.integration.api.conftest import BASKET, Api, Shop, problem

URL = "https://hooks.example.org/in"


def make(api: Api, *events: str) -> int:
    body = {"url": URL, "events": list(events) or ["purchase.recorded"]}
    answer = api.post("/webhooks", body)
    assert answer.status_code == 201
    assert answer.json is not None
    assert answer.json["secret"].startswith("whsec_")
    number: int = answer.json["webhook"]
    return number


class TestWebhooks:
    def test_are_made_shown_and_changed(self, api: Api) -> None:
        number = make(api)
        body = {"url": f"{URL}2", "events": ["tier.changed"], "description": "App"}

        revised = api.put(f"/webhooks/{number}/settings", body).json

        assert revised is not None
        assert (revised["url"], revised["events"]) == (f"{URL}2", ["tier.changed"])
        assert api.get(f"/webhooks/{number}").json == revised
        listed = api.get("/webhooks").json
        assert listed is not None
        assert revised in listed["webhooks"]
        assert "secret" not in str(listed)

    def test_are_paused_resumed_and_disabled(self, api: Api) -> None:
        number = make(api)

        states = []
        for verb in ("pause", "resume", "disable"):
            answer = api.post(f"/webhooks/{number}/{verb}").json
            assert answer is not None
            states.append((answer["state"], answer["why"]))

        assert states == [("paused", None), ("active", None), ("disabled", "asked")]

    def test_name_what_is_wrong_and_keep_nothing(self, shop: Shop, api: Api) -> None:
        before = shop.count(EndpointRow)

        for url, code in (
            ("http://hooks.example.org/", "url_refused"),
            ("https://127.0.0.1/", "url_refused"),
            ("hooks.example.org", "invalid"),
        ):
            answer = api.post("/webhooks", {"url": url, "events": ["tier.changed"]})
            assert problem(answer)[0] == 422
            assert problem(answer)[2] == [("/url", code)]
        answer = api.post("/webhooks", {"url": URL, "events": ["ping"]})
        assert problem(answer)[0] == 422

        assert shop.count(EndpointRow) == before

    def test_log_what_was_sent_and_send_it_again(self, api: Api) -> None:
        number = make(api)
        body = {**BASKET, "purchase": "W1"}
        api.post("/purchases", body, Idempotency_Key="w1")
        api.post(f"/webhooks/{number}/ping")

        page = api.get(f"/webhooks/{number}/deliveries?state=due").json

        assert page is not None
        assert page["next_before"] is None
        assert [one["type"] for one in page["deliveries"]] == [
            "ping",
            "purchase.recorded",
        ]
        one = page["deliveries"][1]
        story = api.get(f"/webhook-deliveries/{one['delivery']}").json
        assert story is not None
        assert story["log"] == []
        assert '"receipt":"W1"' in story["body"]
        again = api.post(f"/webhook-deliveries/{one['delivery']}/replay")
        assert again.json == one
        since = {"since": "2026-01-01T00:00:00Z"}
        assert api.post(f"/webhooks/{number}/replay", since).json == {"deliveries": 0}

    def test_get_another_secret(self, api: Api) -> None:
        number = make(api)

        one, two = (api.post(f"/webhooks/{number}/rotate").json for _ in range(2))

        assert one is not None
        assert two is not None
        assert one["secret"] != two["secret"]

    def test_are_for_keys_of_all_stores_with_the_scope(self, shop: Shop) -> None:
        before = shop.count(EndpointRow, DeliveryRow)

        other = shop.key(ApiScope.PURCHASES_READ).get("/webhooks")
        store = shop.key(ApiScope.WEBHOOKS_MANAGE, store="North")

        assert problem(other)[:2] == (403, "scope_missing")
        assert problem(store.get("/webhooks"))[:2] == (403, "other_store")
        body = {"url": URL, "events": ["tier.changed"]}
        assert problem(store.post("/webhooks", body))[:2] == (403, "other_store")
        assert shop.count(EndpointRow, DeliveryRow) == before

    def test_that_nobody_knows_are_not_found(self, api: Api) -> None:
        assert problem(api.post("/webhooks/9999999/ping"))[1] == "webhook_not_found"
        found = problem(api.get("/webhook-deliveries/9999999"))
        assert found[1] == "webhook_delivery_not_found"

    def test_are_described_with_an_example_of_each_event(self, api: Api) -> None:
        document = api.get("/openapi.json").json
        assert document is not None

        described = document["webhooks"]

        assert set(described) == set(EventType)
        for name, item in described.items():
            media = item["post"]["requestBody"]["content"]["application/json"]
            data = media["schema"]["properties"]["data"]
            assert media["example"]["type"] == name
            assert set(media["example"]["data"]) == set(data["required"])
