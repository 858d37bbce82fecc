"""Gift cards through the API."""

from typing import Any

import pytest
from werkzeug.test import TestResponse

from loyalty.core.codes import check_character
from loyalty.giftcards.models import GiftAccountRow, GiftTransferRow
from loyalty.staff.values import ApiScope
from tests.integration.api.conftest import BASKET, Api, Shop, problem

NOBODYS = "234567892345678" + check_character("234567892345678")


def read(answer: TestResponse, status: int = 200) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    body = answer.json
    assert isinstance(body, dict)
    return body


def make(api: Api, amount: str = "25.00") -> dict[str, Any]:
    return read(api.post("/gift-cards", {"store": "North", "amount": amount}), 201)


def pay(
    api: Api, card: dict[str, Any], key: str, amount: str = "25.00"
) -> TestResponse:
    path = f"/gift-cards/{card['gift_card']}/sales"
    body = {"store": "North", "amount": amount}
    return api.post(path, body, Idempotency_Key=key)


def enrol(api: Api, contact: str) -> int:
    body = {"store": "North", "contact": contact}
    found: int = read(api.post("/customers", body), 201)["customer"]["id"]
    return found


class TestAGiftCard:
    def test_is_worth_something_once_it_is_paid(self, api: Api) -> None:
        card = make(api)
        before = read(api.post("/gift-cards/lookup", {"code": card["code"]}))
        first = pay(api, card, "k1")
        again = pay(api, card, "k1")
        after = read(api.post("/gift-cards/lookup", {"code": card["code"].lower()}))

        assert (before["state"], before["balance"]) == ("waiting", "0.00")
        assert read(first, 201)["balance_after"] == "25.00"
        assert again.get_data() == first.get_data()
        assert (after["state"], after["balance"]) == ("active", "25.00")
        assert after["ending"] == card["code"].replace("-", "")[-4:]
        assert "code" not in after

    def test_costs_what_it_was_made_for(self, api: Api, shop: Shop) -> None:
        card = make(api)
        before = shop.count(GiftTransferRow)

        answer = pay(api, card, "k1", "20.00")

        assert problem(answer)[2] == [("/amount", "amount_not_allowed")]
        assert shop.count(GiftTransferRow) == before

    def test_is_not_paid_twice_under_one_key(self, api: Api) -> None:
        card = make(api)
        pay(api, card, "k1")

        answer = pay(api, card, "k1", "30.00")

        assert answer.status_code == 422
        assert problem(answer)[2] == [
            ("/headers/Idempotency-Key", "request_key_reused")
        ]

    @pytest.mark.parametrize("amount", ["0.00", "0", "1000.01"])
    def test_is_not_made_for_any_amount(
        self, api: Api, shop: Shop, amount: str
    ) -> None:
        before = shop.count(GiftAccountRow)

        answer = api.post("/gift-cards", {"store": "North", "amount": amount})

        assert problem(answer)[2] == [("/amount", "amount_not_allowed")]
        assert shop.count(GiftAccountRow) == before

    def test_is_blocked_and_unblocked_for_a_reason(self, api: Api) -> None:
        card = make(api)
        pay(api, card, "k1")
        path = f"/gift-cards/{card['gift_card']}"

        blocked = read(api.post(f"{path}/block", {"reason": "Reported lost"}))
        refused = api.post(f"{path}/cancel", {"store": "North"})
        unblocked = read(api.post(f"{path}/unblock", {"reason": "Found again"}))

        assert blocked["state"] == "blocked"
        assert problem(refused)[:2] == (409, "gift_card_not_usable")
        assert (unblocked["state"], unblocked["balance"]) == ("active", "25.00")

    def test_is_cancelled_while_nothing_was_spent(self, api: Api) -> None:
        card = make(api)
        pay(api, card, "k1")
        path = f"/gift-cards/{card['gift_card']}"

        first = api.post(f"{path}/cancel", {"store": "North"})
        again = api.post(f"{path}/cancel", {"store": "North"})
        shown = read(api.get(path))

        assert read(first)["amount"] == "-25.00"
        assert again.get_data() == first.get_data()
        assert (shown["state"], shown["balance"]) == ("cancelled", "0.00")
        assert [one["what"] for one in shown["transfers"]] == ["cancel", "sell"]

    def test_is_not_found_by_a_mistyped_code(self, api: Api) -> None:
        code = make(api)["code"]
        mistyped = ("3" if code[0] == "2" else "2") + code[1:]

        answer = api.post("/gift-cards/lookup", {"code": mistyped})

        assert problem(answer)[2] == [("/code", "gift_card_code")]

    def test_is_not_guessed_for_long(self, shop: Shop) -> None:
        api = shop.key()
        card = make(api)

        answers = [
            api.post("/gift-cards/lookup", {"code": NOBODYS}).status_code
            for _ in range(22)
        ]
        later = api.post("/gift-cards/lookup", {"code": card["code"]})

        assert answers == [404] * 20 + [429] * 2
        assert later.status_code == 429
        assert make(shop.key())["state"] == "waiting"

    def test_is_not_guessed_by_paying_with_it(self, shop: Shop) -> None:
        api = shop.key()
        basket = {**BASKET, "gift_cards": [NOBODYS]}

        answers = [api.post("/checkout/quotes", basket).status_code for _ in range(21)]

        assert answers == [404] * 20 + [429]
        assert api.post("/checkout/quotes", BASKET).status_code == 200
        assert api.post("/gift-cards/lookup", {"code": NOBODYS}).status_code == 429

    def test_pays_and_what_is_left_stays(self, api: Api) -> None:
        card = make(api)
        pay(api, card, "k1")
        body = {**BASKET, "gift_cards": [card["code"]], "purchase": "by-gift-card"}

        paid = read(api.post("/purchases", body, Idempotency_Key="by-gift"), 201)

        assert [one["tender"] for one in paid["tenders"]] == ["gift_card"]
        left = read(api.post("/gift-cards/lookup", {"code": card["code"]}))
        assert left["balance"] == "17.02"

    def test_of_another_store_is_not_sold(self, shop: Shop) -> None:
        api = shop.key(ApiScope.GIFT_CARDS_WRITE, store="South")

        answer = api.post("/gift-cards", {"store": "North", "amount": "25.00"})

        assert problem(answer)[:2] == (403, "other_store")


class TestStoredValue:
    def test_is_topped_up_and_takes_a_card(self, api: Api) -> None:
        member = enrol(api, "stored@example.org")
        path = f"/customers/{member}/stored-value"
        card = make(api)
        pay(api, card, "k1")
        body = {"store": "North", "amount": "10.00"}

        read(api.post(f"{path}/sales", body, Idempotency_Key="t1"), 201)
        read(api.post(f"{path}/sales", body, Idempotency_Key="t1"), 201)
        kept = api.post(f"{path}/gift-cards", {"code": card["code"]})
        again = api.post(f"{path}/gift-cards", {"code": card["code"]})

        assert read(kept)["balance_after"] == "35.00"
        assert again.get_data() == kept.get_data()
        assert read(api.get(path))["balance"] == "35.00"
        found = read(api.post("/gift-cards/lookup", {"code": card["code"]}))
        assert found["balance"] == "0.00"

    def test_takes_no_card_that_was_not_paid(self, api: Api) -> None:
        member = enrol(api, "unpaid@example.org")
        path = f"/customers/{member}/stored-value"

        answer = api.post(f"{path}/gift-cards", {"code": make(api)["code"]})

        assert problem(answer)[:2] == (409, "gift_card_not_usable")
        assert read(api.get(path))["balance"] == "0.00"
