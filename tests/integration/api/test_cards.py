"""Cards through the API."""

from typing import Any

import pytest
from werkzeug.test import TestResponse

from loyalty.cards.models import CardEventRow, CardRow
from loyalty.cards.queries import blank_numbers
from loyalty.cards.service import make_batch
from loyalty.core.clock import utc_now
from loyalty.staff.values import ApiScope
from tests.integration.api.conftest import BASKET, Api, Shop, problem


def member(api: Api, contact: str) -> tuple[int, str]:
    """Enrol somebody; return the customer and the card."""
    answer = api.post("/customers", {"store": "North", "contact": contact}).json
    assert answer is not None
    return answer["customer"]["id"], answer["card"]


def body_of(answer: TestResponse, status: int = 200) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    found = answer.json
    assert isinstance(found, dict)
    return found


class TestCard:
    def test_is_blocked_and_works_again(self, api: Api) -> None:
        customer, number = member(api, "block@example.org")
        blocked = body_of(
            api.post(f"/cards/{number}/block", {"reason": "lost", "note": "Rang up."})
        )
        assert (blocked["state"], blocked["reason"]) == ("blocked", "lost")
        assert blocked["customer"] == customer
        bought = api.post("/checkout/quotes", {**BASKET, "card": number})
        assert bought.status_code == 409
        assert bought.json is not None
        assert bought.json["code"] == "card_not_active"
        assert "was reported lost on" in bought.json["detail"]

        again = body_of(api.post(f"/cards/{number}/unblock", {}))
        assert (again["state"], again["reason"]) == ("active", None)

    def test_is_replaced(self, api: Api) -> None:
        customer, number = member(api, "replace@example.org")
        new = body_of(api.post(f"/cards/{number}/replace", {"reason": "damaged"}), 201)
        assert new["customer"] == customer
        old = body_of(api.get(f"/cards/{number}"))
        assert (old["state"], old["replaced_by"]) == ("replaced", new["number"])
        found = body_of(api.get(f"/customers/{customer}/cards"))
        assert [card["number"] for card in found["cards"]] == [new["number"], number]

    def test_is_closed(self, api: Api) -> None:
        customer, number = member(api, "close@example.org")
        closed = body_of(api.post(f"/cards/{number}/close", {"note": "Moved away."}))
        assert (closed["state"], closed["reason"]) == ("closed", "unwanted")
        known = api.post(
            "/customers", {"store": "North", "contact": "close@example.org"}
        )
        assert body_of(known)["card"] is None
        assert body_of(api.get(f"/customers/{customer}"))["card"] is None

    def test_is_given_besides_others(self, api: Api, shop: Shop) -> None:
        customer, first = member(api, "more@example.org")
        second = body_of(api.post(f"/customers/{customer}/cards", {"main": True}), 201)
        with shop.database.transaction() as session:
            batch = make_batch(
                session,
                label="May",
                count=1,
                prefix="261000",
                actor="system",
                now=utc_now(),
            )
            (printed,) = blank_numbers(session, batch_id=batch.id)
        third = body_of(
            api.post(f"/customers/{customer}/cards", {"printed": printed}), 201
        )
        assert third["number"] == printed
        found = body_of(api.get(f"/customers/{customer}/cards"))["cards"]
        assert [card["number"] for card in found] == [second["number"], printed, first]
        assert [card["main"] for card in found] == [True, False, False]

    @pytest.mark.parametrize(
        ("path", "body", "pointer"),
        [
            ("block", {"reason": "damaged"}, "/reason"),
            ("block", {}, "/reason"),
            ("replace", {"reason": "lost", "printed": "1"}, "/printed"),
            (
                "replace",
                {"reason": "lost", "printed": "2610000000000004"},
                "/printed",
            ),
            ("close", {"note": "x" * 201}, "/note"),
        ],
    )
    def test_names_what_is_wrong_and_changes_nothing(
        self, api: Api, shop: Shop, path: str, body: object, pointer: str
    ) -> None:
        _, number = member(api, "wrong@example.org")
        before = shop.count(CardRow, CardEventRow)

        answer = api.post(f"/cards/{number}/{path}", body)

        assert answer.status_code == 422
        assert [at for at, _code in problem(answer)[2]] == [pointer]
        assert shop.count(CardRow, CardEventRow) == before
        assert body_of(api.get(f"/cards/{number}"))["state"] == "active"

    def test_names_a_wrong_number_in_the_address(self, api: Api) -> None:
        answer = api.post("/cards/2610000000000004/close", {})
        assert problem(answer)[2] == [("/path/number", "card_number_check_digit")]

    def test_is_changed_by_keys_that_may(self, api: Api, shop: Shop) -> None:
        _, number = member(api, "scope@example.org")
        reader = shop.key(ApiScope.CARDS_READ)
        answer = reader.post(f"/cards/{number}/block", {"reason": "lost"})
        assert answer.status_code == 403
        assert body_of(reader.get(f"/cards/{number}"))["state"] == "active"


class TestMerge:
    def test_is_done_once_and_undone(self, api: Api) -> None:
        into, first = member(api, "into@example.org")
        merged, second = member(api, "merged@example.org")
        path = f"/customers/{into}/merge"
        done = body_of(api.post(path, {"merged": merged}), 201)
        assert (done["into"], done["merged"], done["points"]) == (into, merged, 0)
        assert body_of(api.get(f"/cards/{second}"))["customer"] == into
        again = api.post(path, {"merged": merged})
        assert again.status_code == 409
        assert problem(again)[1] == "merge_refused"

        undone = body_of(api.post(f"/merges/{done['merge']}/undo"))
        assert undone == {"into": into, "merged": merged, "points": 0, "missing": 0}
        assert body_of(api.get(f"/cards/{second}"))["customer"] == merged
        assert body_of(api.get(f"/cards/{first}"))["customer"] == into
        assert api.post(f"/merges/{done['merge']}/undo").status_code == 409

    def test_needs_its_own_scope(self, api: Api, shop: Shop) -> None:
        into, _ = member(api, "in@example.org")
        merged, card = member(api, "out@example.org")
        writer = shop.key(ApiScope.CUSTOMERS_WRITE)
        answer = writer.post(f"/customers/{into}/merge", {"merged": merged})
        assert answer.status_code == 403
        assert body_of(api.get(f"/cards/{card}"))["customer"] == merged
