"""The served description against the service itself, with generated requests.

At least a hundred requests an operation, well formed and malformed ones. What the
description allows may be refused for a reason that JSON Schema has no words for, and
then with a code (or, in promotion documents, a message) of the lists below.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from schemathesis.checks import load_all_checks
from schemathesis.core.result import Ok
from schemathesis.pytest.lazy import get_all_tests
from schemathesis.specs.openapi.checks import positive_data_acceptance

from loyalty.cards.rules import card_number
from loyalty.core.clock import utc_now
from loyalty.customers.values import CustomerID
from loyalty.points.service import earn
from loyalty.points.values import Earning
from loyalty.points.values import Request as PointsRequest
from loyalty.sharing.service import answer, invite
from tests.integration.api.conftest import BASKET, COFFEE_20, Api, Shop

EXAMPLES: Final = 100
SEED: Final = 20261122
MEANT: Final = {
    "amount_not_allowed",
    "card_number_format",
    "card_number_check_digit",
    "contact_missing",
    "currency_mismatch",
    "cursor_unknown",
    "email_invalid",
    "length_and_pattern",
    "gift_card_code",
    "gift_card_twice",
    "gift_to_self",
    "period_empty",
    "promotion_missing",
    "promotion_unfit",
    "line_twice",
    "line_unknown",
    "more_than_is_left",
    "no_provider",
    "card_missing",
    "phone_invalid",
    "phone_letters",
    "quote_unknown",
    "request_key_reused",
    "sku_twice",
    "tier_twice",
    "tiers_not_rising",
    "too_many_decimals",
    "url_refused",
    "window_empty",
    "window_twice",
    "word",
}
"""What only the shop can judge."""

SAID: Final = (
    'Must be above "at_least".',
    'Must be after "from".',
    "Must be above the step before.",
    "Must be before 24:00.",
    "Must not name the same twice.",
    "Only rewards on the whole basket may count",
    "The shop has no category",
    "Nested more than",
    "A code has at most",
    # JSON Schema takes 2.0 for a whole number; the API wants it written as 2.
    "Must be a whole number.",
    "Must be a decimal string such as",
)
"""What stands between the fields of a document, or in the shop's catalogue."""

REVISED: Final = "revised"
ASKING: Final = "asking"
CODES: Final = "POST /api/v1/promotions/{code}/codes"
"""Promotions that no generated request can end; the second asks for codes."""

DEEP: Final = ["add_a_promotion", "revise_a_promotion"]
"""Their documents have thousands of edges: generated requests, not each edge."""


KEPT: Final = "kept"
"""A reward and a cause that no generated request changes."""

GROUND: Final[dict[str, dict[str, str | int | None]]] = {
    "POST /api/v1/customers/{customer}/cards": {"printed": None},
    "POST /api/v1/cards/{number}/replace": {"printed": None},
    "POST /api/v1/promotions/{code}/codes": {"count": 5},
    "POST /api/v1/gift-cards": {"amount": "10.00"},
    "POST /api/v1/gift-cards/{gift_card}/sales": {"store": "North", "amount": "10.00"},
    "POST /api/v1/gift-cards/{gift_card}/cancel": {"store": "North"},
    "POST /api/v1/customers/{customer}/stored-value/sales": {"amount": "10.00"},
    "POST /api/v1/customers/{customer}/redemptions": {"reward": KEPT},
    "POST /api/v1/customers/{customer}/causes": {"cause": KEPT, "points": 1},
    "POST /api/v1/customers/{customer}/gifts": {"points": 1},
}
"""What most well formed bodies say, by the operation."""

AnyCase = schemathesis.Case[Any]


@dataclass(frozen=True, kw_only=True)
class Known:
    """What is in the shop, and what came of the requests."""

    api: Api
    customer: int
    friend: int
    """Brought by the customer."""

    purchase: int
    plenty: int
    """A purchase of so many units that some are always left to return."""

    gift_cards: dict[str, int]
    """By what is done with them: a card that can be."""

    redemptions: dict[str, int]
    """By what is done with them: what a customer redeemed."""

    cards: dict[str, str]
    """By what is done with them: a loyalty card that can be."""

    merges: dict[str, int]
    """A merge that can be undone, and a record that can be merged."""

    quote: str
    webhook: int
    delivery: int
    """Of a webhook: one of the first events."""

    numbers: Iterator[int] = field(default_factory=count)
    answers: dict[str, Counter[int]] = field(
        default_factory=lambda: defaultdict(Counter)
    )
    refused: Counter[tuple[str, str]] = field(default_factory=Counter)

    def ground(self, case: AnyCase) -> None:
        """Let most well formed requests speak of what is there."""
        number = next(self.numbers)
        parameters: dict[str, Any] = case.path_parameters or {}
        if number % 4:
            self._ground_path(case, parameters)
        self._ground_card(case, parameters)
        if not isinstance(case.body, dict):
            return
        match case.operation.label:
            case "POST /api/v1/promotions":
                case.body["code"] = f"made-{number}"
            case "PUT /api/v1/promotions/{code}":
                parameters["code"] = case.body["code"] = REVISED
            case (
                "POST /api/v1/purchases/{purchase}/exchanges"
                | "POST /api/v1/purchases/{purchase}/returns"
            ) if number % 4:
                self._ground_return(parameters, case, number)
            case "POST /api/v1/purchases" if number % 4:
                case.body |= {"purchase": f"R{number}", "quote": None}
                name_request(case, number)
            case _ if case.operation.label == CODES:
                name_request(case, number)
        if number % 4:
            case.body |= GROUND.get(case.operation.label, {})
            self._ground_basket(case.body)

    def _ground_path(self, case: AnyCase, parameters: dict[str, Any]) -> None:
        for name in ("customer", "purchase", "quote", "webhook", "delivery"):
            if name in parameters:
                parameters[name] = getattr(self, name)
        if case.operation.label.startswith(CODES):
            parameters["code"] = ASKING

    def _ground_card(self, case: AnyCase, parameters: dict[str, Any]) -> None:
        use = str(case.operation.path).rpartition("/")[2]
        if use == "referred-by":
            parameters["customer"] = self.friend
        if "merge" in parameters:
            parameters["merge"] = self.merges["merge"]
        if "redemption" in parameters:
            parameters["redemption"] = self.redemptions[use]
        if "gift_card" in parameters:
            parameters["gift_card"] = self.gift_cards.get(use, self.gift_cards["sales"])
        if "number" in parameters and case.method == "POST":
            parameters["number"] = self.cards[use]

    def _ground_return(
        self, parameters: dict[str, Any], case: AnyCase, number: int
    ) -> None:
        name_request(case, number)
        body: Any = case.body
        lines = [{"line": "0", "quantity": "1"}]
        if "bought" in body:
            body["returned"] = lines
            body["bought"] |= {"purchase": f"X{number}", "quote": None}
            self._ground_basket(body["bought"])
        else:
            body["lines"] = lines
        parameters["purchase"] = self.plenty

    def _ground_basket(self, body: dict[str, Any]) -> None:
        if "merged" in body:
            body["merged"] = self.merges["merged"]
        for place, line in enumerate(body.get("lines", ())):
            line["line"] = str(place)
        if "lines" in body:
            for name in ("points_to_spend", "gift_cards", "stored_value_to_spend"):
                body.pop(name, None)

    def note(self, case: AnyCase, answer: schemathesis.Response) -> None:
        """Count an answer, and each reason for refusing a well formed request."""
        status = answer.status_code
        self.answers[case.operation.label][status] += 1
        if status == 422 and case.meta and case.meta.generation.mode.is_positive:
            for one in answer.json()["problems"]:
                if one["code"] not in MEANT and not one["message"].startswith(SAID):
                    said = f"{one['pointer']}: {one['message']}"
                    self.refused[case.operation.label, said] += 1

    def table(self) -> str:
        """Return the share of 2xx answers for each operation."""
        lines = [
            f"{good(found) / found.total():6.1%} 2xx of {found.total():4} {label}"
            for label, found in self.answers.items()
        ]
        return "\n".join(lines)


def name_request(case: AnyCase, number: int) -> None:
    """Give a request a key of its own, where it takes one."""
    headers: Any = case.headers
    if headers and "Idempotency-Key" in headers:
        headers["Idempotency-Key"] = f"k{number}"


def good(found: Counter[int]) -> int:
    """Return how many answers were a success."""
    return sum(number for status, number in found.items() if status < 300)


def operations(shop: Shop) -> list[str]:
    """Return what every operation of the description is called here."""
    document = shop.app.test_client().get("/api/v1/openapi.json").json
    assert document is not None
    return [
        f"{method.upper()} {path}"
        for path, methods in document["paths"].items()
        for method in methods
        if method in {"get", "post", "put", "delete", "patch"}
    ]


@pytest.fixture(scope="module")
def known(shop: Shop) -> Known:
    """Fill the shop, and let generated requests name what is there."""
    api = shop.key()
    hook = {"url": "https://hooks.example.org/", "events": ["customer.enrolled"]}
    webhook = api.post("/webhooks", hook).json
    assert webhook is not None
    people = [
        api.post("/customers", {"store": "North", "contact": contact}).json
        for contact in ("anna@example.org", "jan@example.org", "+48601234567")
    ]
    for name in ("spare-0", "spare-1", REVISED):
        api.post("/promotions", {**COFFEE_20, "code": name})
    api.post("/promotions", {**COFFEE_20, "code": ASKING, "trigger": "code"})
    batches = [
        api.post(f"/promotions/{ASKING}/codes/shared", {"code": f"word-{n}"}).json
        for n in range(40)
    ]
    assert all(batches)
    name_batches([batch["batch"] for batch in batches if batch])
    body = {**BASKET, "purchase": "first"}
    bought = api.post("/purchases", body, Idempotency_Key="first").json
    line = {**BASKET["lines"][0], "line": "0", "quantity": "9000"}
    body = {**BASKET, "lines": [line], "purchase": "plenty"}
    plenty = api.post("/purchases", body, Idempotency_Key="plenty").json
    assert plenty is not None
    assert bought is not None
    assert all(people)
    made = {use: sell_a_card(api, use) for use in ("sales", "cancel", "block", "keep")}
    name_formats(
        [person["card"] for person in people if person],
        gift_code=made["keep"][1],
        referral_code=referred(api, people),
    )
    member = people[0]["customer"]["id"] if people[0] else 0
    sent = api.get(f"/webhooks/{webhook['webhook']}/deliveries").json
    assert sent is not None
    return Known(
        api=api,
        webhook=webhook["webhook"],
        delivery=sent["deliveries"][0]["delivery"],
        redemptions=share_points(shop, api, member),
        gift_cards={
            **{use: number for use, (number, _) in made.items()},
            "unblock": made["block"][0],
        },
        cards=spare_cards(api),
        merges=spare_merges(api),
        customer=member,
        friend=people[1]["customer"]["id"] if people[1] else 0,
        purchase=int(bought["purchase"]),
        plenty=int(plenty["purchase"]),
        quote=bought["quote"],
    )


def referred(api: Api, people: list[Any]) -> str:
    """Say that the second member was brought by the first; return the code."""
    first, second = (person["customer"]["id"] for person in people[:2])
    shown = api.get(f"/customers/{first}/referrals").json
    assert shown is not None
    code: str = shown["code"]
    api.post(f"/customers/{second}/referred-by", {"code": code})
    return code


def share_points(shop: Shop, api: Api, member: int) -> dict[str, int]:
    """Give a member points, a household, who brought them, and two redemptions."""
    for path in (f"/rewards/{KEPT}", f"/causes/{KEPT}"):
        reward = {"points": 1, "kind": "article"} if "rewards" in path else {}
        api.put(path, {"name": {"en": "Kept"}, **reward})
    body = {"store": "North", "contact": "partner@example.org"}
    partner = api.post("/customers", body).json
    assert partner is not None
    with shop.database.transaction() as session:
        earning = Earning(
            points=1_000_000,
            request=PointsRequest(key="start", actor="system"),
            immediately=True,
        )
        keeper, other = CustomerID(member), CustomerID(partner["customer"]["id"])
        now = utc_now()
        earn(session, customer_id=keeper, earning=earning, now=now)
        made = invite(session, keeper=keeper, invited=other, actor="system", now=now)
        answer(session, customer_id=other, invitation_id=made.id, accept=True, now=now)
    path = f"/customers/{member}"
    redeemed = {}
    for use in ("hand-over", "cancel"):
        body = {"reward": KEPT}
        answered = api.post(f"{path}/redemptions", body, Idempotency_Key=use).json
        assert answered is not None
        redeemed[use] = answered["redemption"]
    return redeemed


def spare_cards(api: Api) -> dict[str, str]:
    """Return a loyalty card for each thing that can be done to one."""
    body = {"store": "North", "contact": "spare@example.org"}
    owner = api.post("/customers", body).json
    assert owner is not None
    cards = {}
    for use in ("block", "unblock", "replace", "close"):
        path = f"/customers/{owner['customer']['id']}/cards"
        made = api.post(path, {"main": False}).json
        assert made is not None
        cards[use] = made["number"]
    api.post(f"/cards/{cards['unblock']}/block", {"reason": "lost"})
    return cards


def spare_merges(api: Api) -> dict[str, int]:
    """Return a merge that can be undone, and a record that can be merged."""
    ids = []
    for contact in ("one@example.org", "two@example.org", "three@example.org"):
        body = {"store": "North", "contact": contact}
        made = api.post("/customers", body).json
        assert made is not None
        ids.append(made["customer"]["id"])
    done = api.post(f"/customers/{ids[0]}/merge", {"merged": ids[1]}).json
    assert done is not None
    return {"merge": int(done["merge"]), "merged": ids[2]}


def sell_a_card(api: Api, key: str) -> tuple[int, str]:
    """Return the number and the code of a gift card with 10.00 on it."""
    body = {"store": "North", "amount": "10.00"}
    made = api.post("/gift-cards", body).json
    assert made is not None
    number: int = made["gift_card"]
    api.post(f"/gift-cards/{number}/sales", body, Idempotency_Key=key)
    return number, made["code"]


def name_batches(batches: list[int]) -> None:
    """Say which batches there are."""
    schemathesis.openapi.format("batch-id", st.sampled_from([*batches, 10**6]))


def name_formats(cards: list[str], *, gift_code: str, referral_code: str) -> None:
    """Say what texts of our own formats look like in this shop."""
    unknown = st.integers(0, 10**8).map(
        lambda n: card_number(prefix="261000", random_part=n)
    )
    contacts = st.from_regex(r"\A[a-z]{1,12}@example\.org\Z") | st.from_regex(
        r"\A\+4860[0-9]{7}\Z"
    )
    moments = st.datetimes().map(
        lambda d: d.replace(year=2000 + d.year % 100, day=1).isoformat()
    )
    formats = {
        "card-number": st.sampled_from(cards) | unknown,
        "contact": contacts,
        "gift-card-code": st.just(gift_code),
        "own-code": st.sampled_from(["mug", "cup", "trees"]),
        "referral-code": st.just(referral_code),
        "lookup": st.sampled_from([*cards, "anna@example.org"]) | contacts,
        "money": st.integers(1, 10**9).map(lambda n: f"{n // 100}.{n % 100:02}"),
        "store-code": st.sampled_from(["North", "South", "West"]),
        "sku": st.sampled_from(["COFFEE", "TEA", "GHOST"]),
        "promotion-code": st.sampled_from(["coffee-20", "spare-0", "spare-1", "no"]),
        "currency": st.just("EUR"),
        "webhook-url": st.just("https://hooks.example.org/in"),
        "cursor": st.sampled_from(["Q09GRkVF", "VEVB"]),
        "category": st.sampled_from(["drinks", "drinks/coffee"]),
        "date-time": moments.map(lambda text: f"{text}Z"),
        "local-time": moments.map(lambda text: text[:16]),
    }
    for name, strategy in formats.items():
        schemathesis.openapi.format(name, strategy)


@pytest.fixture(scope="module")
def description(shop: Shop) -> schemathesis.BaseSchema:
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", shop.app)
    schema.config.seed = SEED
    schema.config.generation.update(
        codec="ascii", allow_x00=False, with_security_parameters=False
    )
    return schema


class TestApi:
    def test_does_what_its_description_says(
        self,
        description: schemathesis.BaseSchema,
        known: Known,
        shop: Shop,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        load_all_checks()
        found = run(description.exclude(operation_id=DEEP), known)
        description.config.phases.coverage.enabled = False
        found += run(description.include(operation_id=DEEP), known)
        with capsys.disabled():
            print(f"\n{known.table()}")  # noqa: T201  # the table is the result

        assert "\n".join(found) == ""
        assert dict(known.refused) == {}
        assert sorted(known.answers) == sorted(operations(shop))
        assert [name for name, one in known.answers.items() if not good(one)] == []


def run(schema: schemathesis.BaseSchema, known: Known) -> list[str]:
    """Return what was found, over all operations of the description."""
    headers = {"Authorization": f"Bearer {known.api.key}"}

    def check(case: AnyCase) -> None:
        if case.meta and case.meta.generation.mode.is_positive:
            known.ground(case)
        response = case.call(headers=headers)
        known.note(case, response)
        case.validate_response(
            response, headers=headers, excluded_checks=[positive_data_acceptance]
        )

    made = settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    found = []
    for result in get_all_tests(
        schema=schema, test_func=check, settings=made, given_kwargs=None
    ):
        assert isinstance(result, Ok)
        operation, test = result.ok()
        try:
            test()
        except (Exception, BaseExceptionGroup) as failure:  # noqa: BLE001  # reported below
            found.append(f"{operation.label}: {failure}")
    return found
