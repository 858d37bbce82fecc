"""Coupon codes by the API: made, shared, listed and voided."""

import csv
import tracemalloc
from io import StringIO
from uuid import uuid4

import pytest
from werkzeug.test import TestResponse

from loyalty.core.codes import check_character
from loyalty.promotions.models import CodeBatchRow, CodeRow
from loyalty.promotions.service.codes import break_batch
from loyalty.promotions.values.codes import BatchID, BatchState
from loyalty.usecases.make_codes import CodeFile, write_file
from tests.factories import NOW
from tests.integration.api.conftest import BASKET, COFFEE_20, Api, Shop, problem

PATTERN = "SPRING-####-####-####-##"


@pytest.fixture
def name(api: Api) -> str:
    """Give a running promotion that asks for a code."""
    name = f"code-{uuid4().hex[:8]}"
    api.post("/promotions", {**COFFEE_20, "code": name, "trigger": "code"})
    api.post(f"/promotions/{name}/activate?acknowledge=always_loses")
    return name


def make(
    api: Api, name: str, body: dict[str, object] | None = None, *, key: str = ""
) -> TestResponse:
    wanted = {"count": 3, "pattern": PATTERN, **(body or {})}
    path = f"/promotions/{name}/codes"
    return api.post(path, wanted, Idempotency_Key=key or uuid4().hex)


def codes_in(answer: TestResponse) -> list[str]:
    head, *rows = csv.reader(StringIO(answer.text))
    assert head == ["code"]
    return [row[0] for row in rows]


def reasons(answer: TestResponse) -> list[str]:
    assert answer.json is not None
    return [one["reason"] for one in answer.json["missed"] if "code" in one]


def quote(api: Api, *codes: str, **body: object) -> TestResponse:
    return api.post("/checkout/quotes", {**BASKET, "codes": codes, **body})


class TestMakingCodes:
    def test_answers_with_a_file_of_a_length_that_is_known(
        self, api: Api, name: str
    ) -> None:
        answer = make(api, name)

        batch = answer.headers["Codes-Batch"]
        assert (answer.status_code, answer.mimetype) == (200, "text/csv")
        assert answer.headers["Content-Length"] == str(len(answer.data))
        assert f"{name}-codes-{batch}.csv" in answer.headers["Content-Disposition"]
        codes = codes_in(answer)
        assert len(set(codes)) == 3
        assert all(code.startswith("SPRING-") and len(code) == 24 for code in codes)

    def test_makes_codes_that_count(self, api: Api, name: str) -> None:
        code = codes_in(make(api, name))[0]

        assert reasons(quote(api, code.lower())) == []
        assert reasons(quote(api, "NONE")) == ["code_unknown"]

    @pytest.mark.parametrize(
        ("body", "pointer", "said"),
        [
            ({"pattern": "SPRING-####-####"}, "/pattern", "SPRING-####-####-####-##"),
            ({"pattern": "spring"}, "/pattern", "# for each random character"),
            ({"pattern": None, "length": 8}, "/length", "14"),
            ({"length": 16}, "/length", "leave the length out"),
            ({"count": 1_000_001}, "/count", "1000000"),
        ],
    )
    def test_says_what_would_do(
        self,
        shop: Shop,
        api: Api,
        name: str,
        body: dict[str, object],
        pointer: str,
        said: str,
    ) -> None:
        before = shop.count(CodeBatchRow, CodeRow)

        answer = make(api, name, body)

        assert answer.status_code == 422
        assert answer.json is not None
        (fault,) = answer.json["problems"]
        assert fault["pointer"] == pointer
        assert said in fault["message"].replace(",", "").replace("\u00a0", "")
        assert shop.count(CodeBatchRow, CodeRow) == before

    def test_takes_a_length_without_a_pattern(self, api: Api, name: str) -> None:
        (code,) = codes_in(make(api, name, {"pattern": None, "length": 18, "count": 1}))
        (usual,) = codes_in(make(api, name, {"pattern": None, "count": 1}))

        assert [len(part) for part in code.split("-")] == [4, 4, 4, 4, 2]
        assert [len(part) for part in usual.split("-")] == [4, 4, 4, 4]
        plain = usual.replace("-", "")
        assert check_character(plain[:-1]) == plain[-1]

    def test_is_done_once_for_a_key(self, shop: Shop, api: Api, name: str) -> None:
        first = make(api, name, key=f"{name}-a")
        assert len(codes_in(first)) == 3
        before = shop.count(CodeBatchRow, CodeRow)

        again = make(api, name, key=f"{name}-a")
        other = make(api, name, {"count": 4}, key=f"{name}-a")

        assert problem(again) == (409, "codes_made_before", [])
        assert problem(other)[0] == 422
        assert shop.count(CodeBatchRow, CodeRow) == before

    def test_that_broke_leaves_no_code_and_is_repeated_by_the_same_key(
        self, shop: Shop, api: Api, name: str
    ) -> None:
        path = f"/api/v1/promotions/{name}/codes"
        sent = {
            "json": {"count": 25_000, "pattern": PATTERN},
            "headers": {
                "Authorization": f"Bearer {api.key}",
                "Idempotency-Key": f"{name}-b",
            },
        }
        before = shop.count(CodeRow)
        broken = api.client.post(path, **sent)
        parts = iter(broken.response)
        next(parts)
        first = bytes(next(parts)).decode().split()[0]  # type: ignore[arg-type]  # bytes, encoded
        broken.close()

        assert shop.count(CodeRow) == before
        assert reasons(quote(api, first)) == ["code_unknown"]
        again = api.client.post(path, **sent)
        assert len(codes_in(again)) == 25_000
        listed = api.get(f"/promotions/{name}/codes").json
        assert listed is not None
        states = [(one["state"], one["made"]) for one in listed["batches"]]
        assert states == [("ready", 25_000), ("broken", 10_000)]

    def test_needs_no_more_memory_for_more_codes(
        self, shop: Shop, api: Api, name: str
    ) -> None:
        answer = make(api, name)
        assert codes_in(answer)
        batch_id = BatchID(int(answer.headers["Codes-Batch"]))
        with shop.database.transaction() as session:
            row = session.get_one(CodeBatchRow, batch_id)
            row.count, row.state = 200_003, BatchState.MAKING
        file = CodeFile(batch_id=batch_id, name="", count=200_000, length=0)

        tracemalloc.start()
        length = 0
        for part in write_file(shop.database, file=file, clock=lambda: NOW):
            length += len(part)
        _now, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()

        assert length == len("code\r\n") + 200_000 * len(PATTERN + "\r\n")
        # The file alone is 5.2 MB; a part of it with its codes and digests is less.
        assert peak < 8_000_000
        with shop.database.transaction() as session:
            break_batch(session, batch_id=file.batch_id, now=NOW)

    def test_needs_a_promotion_that_asks_for_them(self, api: Api) -> None:
        assert problem(make(api, "coffee-20")) == (
            409,
            "promotion_takes_no_codes",
            [],
        )
        assert problem(make(api, "none")) == (404, "promotion_not_found", [])


class TestSharingACode:
    def test_counts_at_once_however_it_is_typed(self, api: Api, name: str) -> None:
        word = f"Word {name}"

        answer = api.post(f"/promotions/{name}/codes/shared", {"code": word})

        assert answer.status_code == 201
        assert answer.json is not None
        assert (answer.json["kind"], answer.json["pattern"]) == ("shared", word)
        assert reasons(quote(api, word.upper().replace(" ", "-"))) == []

    def test_is_refused_while_it_is_in_force(self, api: Api, name: str) -> None:
        path = f"/promotions/{name}/codes/shared"
        first = api.post(path, {"code": name}).json
        assert first is not None

        assert problem(api.post(path, {"code": name.upper()}))[1] == "code_exists"

        void = f"/promotions/{name}/codes/{first['batch']}/void"
        assert api.post(void).status_code == 200
        assert problem(api.post(void))[1] == "code_batch_state"
        assert reasons(quote(api, name)) == ["code_expired"]
        assert api.post(path, {"code": name.upper()}).status_code == 201


class TestAPurchase:
    def test_uses_a_code_once(self, api: Api, name: str) -> None:
        code = codes_in(make(api, name))[0]
        line = {"line": "1", "sku": "TEA", "quantity": "1", "unit_price": "2.49"}
        reward = {
            "amount_off": {"amount": "1.00", "on": {"all": True}, "per": "basket"}
        }
        api.put(
            f"/promotions/{name}",
            {**COFFEE_20, "code": name, "trigger": "code", "reward": reward},
        )
        body = {**BASKET, "lines": [line], "codes": [code]}

        answers = [
            api.post(
                "/purchases",
                {**body, "purchase": f"{name}-{n}"},
                Idempotency_Key=f"{name}-{n}",
            ).json
            for n in range(2)
        ]

        discounts = [answer["discount"] for answer in answers if answer]
        assert discounts == ["1.00", "0.00"]
        listed = api.get(f"/promotions/{name}/codes").json
        assert listed is not None
        assert listed["batches"][0]["used"] == 1
