"""Guessing coupon codes: counted on Valkey for all processes together."""

import multiprocessing
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient
from redis import Redis

from loyalty.app import create_app
from loyalty.core.database import Database, open_engine
from loyalty.core.jobs import NoQueue
from loyalty.core.vault import Vault
from loyalty.promotions.service.codes import add_word
from loyalty.promotions.values.codes import CodeTerms
from loyalty.web import AppParts
from loyalty.web.code_attempts import MOST_BY_CARD
from tests.factories import NOW
from tests.integration.api.conftest import BASKET, COFFEE_20, Api, Shop

VAULT = Vault("a secret of at least 32 letters!")
AWAY = "redis://127.0.0.1:1/0"
PROCESSES = 2
GUESSES = 30


@dataclass(frozen=True, kw_only=True)
class Door:
    """How a process of its own reaches the shop."""

    database: str
    valkey: str
    key: str
    card: str


def serve(database: Database, valkey: str) -> Flask:
    """Serve the shop; all of a process count on the Valkey that came last."""
    return create_app(
        AppParts(
            database=database,
            vault=VAULT,
            redis_url=valkey,
            public_url="http://localhost",
            secure_cookies=False,
        )
    )


def guess(client: FlaskClient, door: Door, *codes: str) -> list[str]:
    """Return what is said of each code."""
    api = Api(client=client, key=door.key)
    answer = api.post("/checkout/quotes", {**BASKET, "codes": codes, "card": door.card})
    assert answer.json is not None
    return [one["reason"] for one in answer.json["missed"] if "code" in one]


def guess_many(door: Door, process: int) -> list[str]:
    """Guess from a process of its own, many at once."""
    engine = open_engine(door.database, pool_size=4)
    app = serve(Database(engine, NoQueue(), VAULT), door.valkey)

    def act(number: int) -> str:
        (reason,) = guess(app.test_client(), door, f"GUESS{process}X{number}")
        return reason

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(act, range(GUESSES)))
    engine.dispose()
    return found


@pytest.fixture
def door(shop: Shop, redis_url: str) -> Iterator[Door]:
    with Redis.from_url(redis_url) as valkey:
        valkey.flushdb()
    api = shop.key()
    name = f"guess-{api.key[:8]}"
    api.post("/promotions", {**COFFEE_20, "code": name, "trigger": "code"})
    api.post(f"/promotions/{name}/activate?acknowledge=always_loses")
    body = {"store": "North", "contact": f"{name}@example.org"}
    customer = api.post("/customers", body).json
    assert customer is not None
    with shop.database.transaction() as session:
        add_word(
            session,
            promotion=name,
            word=name,
            terms=CodeTerms(uses=None),
            actor="system",
            now=NOW,
        )
    url = shop.database.engine.url.render_as_string(hide_password=False)
    yield Door(database=url, valkey=redis_url, key=api.key, card=customer["card"])
    # Let the other tests have their own counter again.
    serve(shop.database, "memory://")


@pytest.fixture
def client(shop: Shop, door: Door) -> FlaskClient:
    return serve(shop.database, door.valkey).test_client()


def word_of(door: Door) -> str:
    return f"guess-{door.key[:8]}"


class TestGuessingCodes:
    def test_ends_for_all_processes_together(self, door: Door) -> None:
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(PROCESSES, mp_context=context) as pool:
            results = pool.map(guess_many, [door] * PROCESSES, range(PROCESSES))
            found = Counter(reason for reasons in results for reason in reasons)

        assert found == {
            "code_unknown": MOST_BY_CARD,
            "code_attempts": PROCESSES * GUESSES - MOST_BY_CARD,
        }

    def test_withholds_right_codes_too_and_says_until_when(
        self, client: FlaskClient, door: Door
    ) -> None:
        wrong = [f"GUESS{number}" for number in range(MOST_BY_CARD)]
        assert guess(client, door, *wrong) == ["code_unknown"] * MOST_BY_CARD

        api = Api(client=client, key=door.key)
        body = {**BASKET, "codes": [word_of(door)], "card": door.card}
        told = api.post("/checkout/quotes", body)
        paid = api.post("/purchases", {**body, "purchase": "x"}, Idempotency_Key="x")

        assert told.json is not None
        (missed,) = [one for one in told.json["missed"] if "code" in one]
        assert (told.status_code, missed["reason"]) == (200, "code_attempts")
        assert 0 < missed["retry_after"] <= 900
        assert "try again in" in missed["message"]
        assert paid.status_code == 429
        assert 0 < int(paid.headers["Retry-After"]) <= 900

    def test_does_not_count_right_codes(self, client: FlaskClient, door: Door) -> None:
        said = [guess(client, door, word_of(door)) for _ in range(MOST_BY_CARD + 2)]

        assert said == [[]] * (MOST_BY_CARD + 2)

    def test_counts_once_a_wrong_code_that_stays_in_the_basket(
        self, client: FlaskClient, door: Door
    ) -> None:
        said = [guess(client, door, "TYPO", word_of(door)) for _ in range(25)]

        assert said == [["code_unknown"]] * 25

    def test_is_not_possible_while_nobody_counts(self, shop: Shop, door: Door) -> None:
        client = serve(shop.database, AWAY).test_client()

        assert guess(client, door, word_of(door)) == ["code_unchecked"]
        assert guess(client, door) == []
        api = Api(client=client, key=door.key)
        body = {**BASKET, "codes": [word_of(door)], "purchase": "y"}
        answer = api.post("/purchases", body, Idempotency_Key="y")
        assert answer.status_code == 503
