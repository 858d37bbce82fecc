"""Customers, cards, promotions and the catalogue through the API."""

from typing import Any

import pytest
from werkzeug.test import TestResponse

from loyalty.cards.models import CardRow
from loyalty.catalogue.models import ProductRow
from loyalty.customers.models import ConsentRow, CustomerRow
from loyalty.promotions.models import PromotionRow, VersionRow
from loyalty.staff.values import ApiScope
from tests.integration.api.conftest import COFFEE, COFFEE_20, Api, Shop, problem

WISHES = {
    "language": "pl",
    "channels": ["email", "inbox"],
    "windows": [{"days": ["fri", "sat"], "from": "17:00", "until": "20:00"}],
    "topics": ["drinks/coffee"],
    "max_per_week": 2,
    "personalised": True,
    "marketing": ["email"],
}


def read(answer: TestResponse, status: int = 200) -> dict[str, Any]:
    """Return the body of an answer that is a success."""
    assert answer.status_code == status
    body = answer.json
    assert isinstance(body, dict)
    return body


def enrol(api: Api, contact: str, **more: object) -> TestResponse:
    return api.post("/customers", {"store": "North", "contact": contact, **more})


class TestCustomer:
    def test_is_enrolled_once(self, api: Api) -> None:
        first = read(enrol(api, "eva@example.org", first_name="Eva"), 201)
        again = read(enrol(api, "EVA@example.org"), 200)

        assert first["already_member"] is False
        assert again["already_member"] is True
        assert again["card"] == first["card"]
        assert again["customer"]["id"] == first["customer"]["id"]
        assert first["customer"]["home_store"] == "North"

    @pytest.mark.parametrize(
        ("contact", "code"),
        [
            ("601abc567", "phone_letters"),
            ("12", "phone_invalid"),
            ("eva@", "email_invalid"),
            ("", "invalid"),
            (None, "null"),
            (601234567, "invalid"),
        ],
    )
    def test_is_not_enrolled_under_what_is_no_address(
        self, api: Api, shop: Shop, contact: object, code: str
    ) -> None:
        before = shop.count(CustomerRow, CardRow)

        answer = api.post("/customers", {"store": "North", "contact": contact})

        assert answer.status_code == 422
        assert problem(answer)[2] == [("/contact", code)]
        assert shop.count(CustomerRow, CardRow) == before

    def test_is_found_by_card_phone_and_address(self, api: Api) -> None:
        phone = read(enrol(api, "+48 601 234 111"), 201)
        email = read(enrol(api, "ola@example.org"), 201)

        def found(text: str) -> int:
            answer = api.client.get(
                "/api/v1/customers/lookup",
                query_string={"q": text},
                headers={"Authorization": f"Bearer {api.key}"},
            )
            return int(read(answer)["customer"]["id"])

        assert found("601234111") == phone["customer"]["id"]
        assert found(phone["card"]) == phone["customer"]["id"]
        assert found("ola@example.org") == email["customer"]["id"]

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("2610001234567890", (422, "card_number_check_digit")),
            ("4111111111111111", (404, "card_not_found")),
            ("nobody@example.org", (404, "nobody_found")),
            ("600 letters", (422, "phone_letters")),
        ],
    )
    def test_is_not_found(self, api: Api, text: str, expected: tuple[int, str]) -> None:
        status, code, problems = problem(api.get(f"/customers/lookup?q={text}"))

        assert status == expected[0]
        if problems:
            assert problems == [("/query/q", expected[1])]
        else:
            assert code == expected[1]

    def test_replaces_the_preferences(self, api: Api) -> None:
        customer = read(enrol(api, "iga@example.org"), 201)["customer"]["id"]

        answer = read(api.put(f"/customers/{customer}/preferences", WISHES))

        assert answer["channels"] == ["email", "inbox"]
        assert answer["topics"] == ["drinks/coffee"]
        assert answer["marketing"] == ["email"]
        assert answer["personalised"] is True
        assert [w["days"] for w in answer["windows"]] == [["fri"], ["sat"]]
        shown = read(api.get(f"/customers/{customer}"))
        assert shown["customer"]["language"] == "pl"
        assert shown["customer"]["preferences"] == answer

    @pytest.mark.parametrize(
        ("changes", "pointer"),
        [
            ({"topics": ["no/such"]}, "/topics/0"),
            ({"channels": ["email", "email"]}, "/channels"),
            ({"channels": ["pigeon"]}, "/channels/0"),
            ({"max_per_week": 15}, "/max_per_week"),
            ({"personalised": "yes"}, "/personalised"),
            (
                {"windows": [{"days": ["fri"], "from": "20:00", "until": "17:00"}]},
                "/windows/0/until",
            ),
            ({"windows": WISHES["windows"] * 2}, "/windows/1/from"),  # type: ignore[operator]
        ],
        ids=str,
    )
    def test_keeps_the_preferences_when_some_are_wrong(
        self, api: Api, shop: Shop, changes: dict[str, object], pointer: str
    ) -> None:
        answer = enrol(api, "keeps@example.org").json
        assert answer is not None
        place = f"/customers/{answer['customer']['id']}"
        before = read(api.get(place)), shop.count(ConsentRow)

        refused = api.put(f"{place}/preferences", {**WISHES, **changes})

        assert refused.status_code == 422
        assert [at for at, _code in problem(refused)[2]] == [pointer]
        assert (read(api.get(place)), shop.count(ConsentRow)) == before

    @pytest.mark.parametrize("below", ["", "/offers", "/points"])
    @pytest.mark.parametrize("number", ["1", "0", "-5", "9" * 30, "x"])
    def test_is_unknown(self, api: Api, number: str, below: str) -> None:
        assert problem(api.get(f"/customers/{number}{below}"))[0] == 404

    def test_has_no_offers_at_first(self, api: Api) -> None:
        customer = read(enrol(api, "new@example.org"), 201)["customer"]["id"]

        assert read(api.get(f"/customers/{customer}/offers")) == {"offers": []}


class TestCard:
    def test_is_shown(self, api: Api) -> None:
        enrolled = read(enrol(api, "card@example.org"), 201)

        shown = read(api.get(f"/cards/{enrolled['card']}"))

        assert shown["customer"] == enrolled["customer"]["id"]
        assert shown["state"] == "active"

    @pytest.mark.parametrize(
        ("number", "expected"),
        [
            ("2610001234567890", (422, "card_number_check_digit")),
            ("12", (422, "card_number_format")),
            ("4111111111111111", (404, None)),
        ],
    )
    def test_is_refused(
        self, api: Api, number: str, expected: tuple[int, str | None]
    ) -> None:
        status, _code, problems = problem(api.get(f"/cards/{number}"))

        assert (status, problems[0][1] if problems else None) == expected


class TestPromotion:
    def test_lives(self, api: Api) -> None:
        document = {
            **COFFEE_20,
            "code": "lives",
            "reward": {"percent_off": {"percent": "25", "on": {"all": True}}},
        }

        created = api.post("/promotions", document)
        assert read(created, 201)["state"] == "draft"
        assert created.headers["Location"] == "/api/v1/promotions/lives"
        assert read(api.post("/promotions/lives/activate"))["state"] == "active"
        assert read(api.post("/promotions/lives/pause"))["state"] == "paused"
        assert read(api.put("/promotions/lives", document))["version"] == 2
        assert read(api.post("/promotions/lives/end"))["state"] == "ended"
        assert problem(api.post("/promotions/lives/activate"))[:2] == (
            409,
            "promotion_state",
        )
        listed = read(api.get("/promotions?state=ended"))["promotions"]
        assert [one["code"] for one in listed] == ["lives"]

    def test_reads_as_it_was_written(self, api: Api) -> None:
        document = read(api.get("/promotions/coffee-20"))["document"]
        again = {**document, "code": "written"}

        assert read(api.post("/promotions", again), 201)["document"] == again

    def test_says_its_terms(self, api: Api) -> None:
        terms = read(api.get("/promotions/coffee-20/terms?language=en"))

        assert terms["terms"].lower().startswith("you get 20% off coffee")
        assert terms["sentence"].startswith("All customers get 20% off")
        assert "never discounted" in terms["house_rules"]

    @pytest.mark.parametrize(
        ("changes", "pointer"),
        [
            ({"colour": "red"}, "/colour"),
            ({"code": "No Spaces"}, "/code"),
            ({"name": {"pl": "Kawa"}}, "/name"),
            ({"reward": {"percent_of": {}}}, "/reward/percent_of"),
            (
                {"reward": {"percent_off": {"percent": "101", "on": {"all": True}}}},
                "/reward/percent_off/percent",
            ),
            ({"limits": {"budget": "1.999"}}, "/limits/budget"),
            ({"limits": {"total": 10**30}}, "/limits/total"),
        ],
        ids=str,
    )
    def test_names_the_field_at_fault(
        self, api: Api, shop: Shop, changes: dict[str, object], pointer: str
    ) -> None:
        before = shop.count(PromotionRow, VersionRow)

        answer = api.post("/promotions", {**COFFEE_20, "code": "wrong", **changes})
        revised = api.put("/promotions/coffee-20", {**COFFEE_20, **changes})

        assert answer.status_code == 422
        assert [at for at, _code in problem(answer)[2]] == [pointer]
        assert revised.status_code == 422
        assert shop.count(PromotionRow, VersionRow) == before

    def test_keeps_its_code(self, api: Api) -> None:
        assert problem(api.post("/promotions", COFFEE_20))[:2] == (
            409,
            "promotion_exists",
        )
        other = {**COFFEE_20, "code": "other"}
        assert api.put("/promotions/coffee-20", other).status_code == 409

    def test_is_not_changed_by_a_key_of_one_store(self, shop: Shop) -> None:
        bound = shop.key(store="North")

        for answer in (
            bound.post("/promotions", {**COFFEE_20, "code": "bound"}),
            bound.put("/promotions/coffee-20", COFFEE_20),
            bound.post("/promotions/coffee-20/pause"),
            bound.put("/products", {"products": [COFFEE]}),
        ):
            assert problem(answer)[:2] == (403, "other_store")
        assert read(bound.get("/promotions/coffee-20"))["state"] == "active"


class TestCatalogue:
    def test_is_listed_in_pages(self, api: Api) -> None:
        first = read(api.get("/products?limit=1"))
        second = read(api.get(f"/products?limit=1&cursor={first['next_cursor']}"))

        assert [one["sku"] for one in first["products"]] == ["COFFEE"]
        assert [one["sku"] for one in second["products"]] == ["TEA"]
        assert second["next_cursor"] is None

    @pytest.mark.parametrize("query", ["limit=0", "limit=x", "cursor=%FF", "colour=1"])
    def test_takes_no_other_questions(self, api: Api, query: str) -> None:
        assert problem(api.get(f"/products?{query}"))[0] == 422

    def test_saves_all_or_none(self, api: Api, shop: Shop) -> None:
        before = shop.count(ProductRow)
        good = {**COFFEE, "sku": "NEW"}
        cases = {
            "/products/1/sku": [good, good],
            "/products/1/price": [good, {**good, "sku": "N2", "price": "1.999"}],
            "/products/1/cost": [good, {**good, "sku": "N2", "cost": "-1"}],
        }

        for pointer, products in cases.items():
            answer = api.put("/products", {"products": products})
            assert answer.status_code == 422
            assert [at for at, _code in problem(answer)[2]] == [pointer]
        assert shop.count(ProductRow) == before

    def test_shows_what_there_is(self, api: Api, shop: Shop) -> None:
        assert read(api.get("/products/TEA"))["price"] == "2.49"
        assert problem(api.get("/products/GHOST"))[:2] == (404, "product_not_found")
        categories = read(api.get("/categories"))["categories"]
        assert {one["path"] for one in categories} == {
            "drinks",
            "drinks/coffee",
            "drinks/tea",
        }
        codes = [one["code"] for one in read(api.get("/stores"))["stores"]]
        assert codes == ["North", "South"]
        south = shop.key(ApiScope.CATALOGUE_READ, store="South")
        assert [s["code"] for s in read(south.get("/stores"))["stores"]] == ["South"]


class TestService:
    def test_says_that_it_is_there_without_a_key(self, shop: Shop) -> None:
        answer = shop.app.test_client().get("/api/v1/health")

        assert (answer.status_code, answer.json) == (200, {"status": "ok"})

    def test_describes_itself(self, shop: Shop) -> None:
        description = read(shop.app.test_client().get("/api/v1/openapi.json"))

        assert description["openapi"] == "3.1.0"
        for path, methods in description["paths"].items():
            for method in methods.keys() - {"parameters"}:
                said = methods[method]
                assert said["summary"], path
                assert said["description"], path
                assert "429" in said["responses"]

    def test_shows_its_page_under_a_policy_of_its_own(self, shop: Shop) -> None:
        answer = shop.app.test_client().get("/api/docs")

        policy = answer.headers["Content-Security-Policy"]
        assert answer.status_code == 200
        assert answer.text.count("<script>") == 1
        assert "script-src 'self' 'sha256-" in policy
        assert "unsafe" not in policy

    @pytest.mark.parametrize(
        ("data", "kind", "expected"),
        [
            (b"{", "application/json", 400),
            (b"\xff", "application/json", 400),
            (b'{"store": "\\u0000"}', "application/json", 400),
            (b'{"store": "\\ud800"}', "application/json", 400),
            (b"[" * 100_000, "application/json", 400),
            (b"9" * 10_000, "application/json", 400),
            (b"{}", "text/plain", 415),
            (b"a=1", "application/x-www-form-urlencoded", 415),
            (b" " * 10_000_000, "application/json", 413),
            (b"null", "application/json", 422),
            (b"[]", "application/json", 422),
            (b"NaN", "application/json", 422),
            (b"", "application/json", 422),
        ],
        ids=lambda value: repr(value)[:24],
    )
    @pytest.mark.parametrize("path", ["/checkout/quotes", "/promotions"])
    def test_refuses_what_it_can_not_read(
        self, api: Api, path: str, data: bytes, kind: str, expected: int
    ) -> None:
        answer = api.client.post(
            f"/api/v1{path}",
            data=data,
            content_type=kind,
            headers={"Authorization": f"Bearer {api.key}"},
        )

        assert problem(answer)[0] == expected
