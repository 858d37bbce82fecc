"""Tills of the shop's own fetch what waits for a member, and note that it was told."""

from loyalty.core.clock import utc_now
from loyalty.customers.values import CustomerID
from loyalty.delivery.values import MessageState
from tests.integration.api.conftest import Api, Shop, problem
from tests.waiting import add_waiting, state_of


def enrol(api: Api, contact: str) -> CustomerID:
    answer = api.post("/customers", {"store": "North", "contact": contact})
    assert answer.json is not None
    return CustomerID(answer.json["customer"]["id"])


class TestTillMessages:
    def test_are_listed_and_noted_once(self, shop: Shop, api: Api) -> None:
        anna = enrol(api, "anna.till@example.org")
        number, key = add_waiting(
            shop.database, anna, sentence="Tea: 10 % off.", now=utc_now()
        )
        path = f"/customers/{anna}/till-messages"

        listed = api.get(path).json
        noted = api.post(f"{path}/{key}/said")
        again = api.post(f"{path}/{key}/said")

        assert listed is not None
        (message,) = listed["messages"]
        assert message["key"] == key
        assert message["offer"] is None
        assert "Tea: 10 % off." in message["text"]
        assert (noted.status_code, noted.json) == (
            200,
            {"language": "en", "messages": []},
        )
        assert problem(again) == (404, "till_message_not_found", [])
        assert state_of(shop.database, number) is MessageState.DELIVERED

    def test_of_somebody_else_are_not_found(self, shop: Shop, api: Api) -> None:
        anna = enrol(api, "anna.mine@example.org")
        eve = enrol(api, "eve.theirs@example.org")
        number, key = add_waiting(
            shop.database, anna, sentence="Tea: 10 % off.", now=utc_now()
        )

        answer = api.post(f"/customers/{eve}/till-messages/{key}/said")

        assert problem(answer)[:2] == (404, "till_message_not_found")
        assert state_of(shop.database, number) is MessageState.SENT


class TestChannelsInTheApi:
    def test_without_a_provider_can_not_be_chosen(self, api: Api) -> None:
        anna = enrol(api, "anna.sms@example.org")
        wishes = {
            "language": "en",
            "channels": ["sms", "email"],
            "personalised": False,
            "marketing": ["letter"],
        }

        answer = api.put(f"/customers/{anna}/preferences", wishes)

        assert problem(answer) == (
            422,
            "invalid",
            [("/channels/0", "no_provider"), ("/marketing/0", "no_provider")],
        )
