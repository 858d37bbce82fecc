"""The whole application over a small shop, and keys that open it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from loyalty import embedded
from loyalty.app import create_app
from loyalty.core.clock import machine_now
from loyalty.core.database import Base, Database, open_engine
from loyalty.core.jobs import NoQueue
from loyalty.core.vault import Vault
from loyalty.staff.service.keys import make_key
from loyalty.staff.values import ApiScope
from loyalty.stores.models import ProgrammeRow, StoreRow
from loyalty.stores.values import StoreID, Strategy
from loyalty.web import AppParts
from tests.factories import points_rule_row
from tests.servers import new_database

COFFEE = {
    "sku": "COFFEE",
    "name": "Coffee 250 g",
    "categories": ["drinks/coffee"],
    "price": "4.99",
}
TEA = {"sku": "TEA", "name": "Tea 100 g", "categories": ["drinks/tea"], "price": "2.49"}
COFFEE_20 = {
    "code": "coffee-20",
    "name": {"en": "20% off coffee"},
    "reward": {
        "percent_off": {"percent": "20", "on": {"categories": ["drinks/coffee"]}}
    },
}


BASKET: dict[str, Any] = {
    "store": "North",
    "lines": [{"line": "1", "sku": "COFFEE", "quantity": "2", "unit_price": "4.99"}],
}


@dataclass(frozen=True, kw_only=True)
class Api:
    """A client with a key."""

    client: FlaskClient
    key: str

    def send(
        self, method: str, path: str, body: object = None, **headers: str
    ) -> TestResponse:
        """Send JSON; the path stands below ``/api/v1``."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.open(
            f"/api/v1{path}",
            method=method,
            json=body,
            headers={"Authorization": f"Bearer {self.key}", **sent},
        )

    def get(self, path: str) -> TestResponse:
        """Send a GET."""
        return self.send("GET", path)

    def post(self, path: str, body: object = None, **headers: str) -> TestResponse:
        """Send a POST."""
        return self.send("POST", path, body, **headers)

    def put(self, path: str, body: object = None) -> TestResponse:
        """Send a PUT."""
        return self.send("PUT", path, body)


@dataclass(frozen=True, kw_only=True)
class Shop:
    """A shop with two stores, two articles and one promotion, served."""

    app: Flask
    database: Database
    stores: dict[str, StoreID]

    def key(self, *scopes: ApiScope, store: str | None = None) -> Api:
        """Make a key: for all scopes and stores unless told otherwise."""
        with self.database.transaction() as session:
            key = make_key(
                session,
                label="Test",
                scopes=scopes or tuple(ApiScope),
                store_id=self.stores[store] if store else None,
                actor="system",
                now=machine_now(),
            )
        return Api(client=self.app.test_client(), key=key)

    def count(self, *tables: type[Base]) -> tuple[int, ...]:
        """Return how many rows each table has."""
        with self.database.transaction() as session:
            return tuple(
                session.scalar(select(func.count()).select_from(table)) or 0
                for table in tables
            )


@pytest.fixture(scope="module")
def shop(servers: embedded.Servers) -> Iterator[Shop]:
    """Give a shop that the tests of a module share: each brings its own names."""
    vault = Vault("a secret of at least 32 letters!")
    with new_database(servers, f"loyalty_{uuid4().hex}") as url:
        engine = open_engine(url, pool_size=2)
        database = Database(engine, NoQueue(), vault)
        app = create_app(
            AppParts(
                database=database,
                vault=vault,
                redis_url="memory://",
                public_url="http://localhost",
                secure_cookies=False,
            )
        )
        shop = Shop(app=app, database=database, stores=open_stores(database))
        api = shop.key()
        api.put("/products", {"products": [COFFEE, TEA]})
        api.post("/promotions", COFFEE_20)
        api.post("/promotions/coffee-20/activate")
        yield shop
        engine.dispose()


@pytest.fixture
def api(shop: Shop) -> Api:
    """Give a key for everything."""
    return shop.key()


def problem(answer: TestResponse) -> tuple[int, str, list[tuple[str, str]]]:
    """Return the status, the code, and each pointer with its code."""
    assert answer.content_type == "application/problem+json"
    assert answer.json is not None
    found = [(one["pointer"], one["code"]) for one in answer.json["problems"]]
    return answer.status_code, answer.json["code"], found


def open_stores(database: Database) -> dict[str, StoreID]:
    """Set a programme and two stores up."""
    with database.transaction() as session:
        session.add(points_rule_row())
        session.flush()
        session.add(
            ProgrammeRow(
                name="Lab market",
                currency="EUR",
                time_zone="Europe/Warsaw",
                strategy=Strategy.BEST_FOR_CUSTOMER,
                points_rule_version=1,
                card_prefix="261000",
                phone_region="PL",
                languages=["en", "pl", "ru", "sl", "fa"],
                quiet_from_minute=1260,
                quiet_until_minute=480,
                max_messages_per_week=2,
                changed_at=machine_now(),
            )
        )
        rows = [
            StoreRow(code=code, name=code, address="", phone="", opening_hours="")
            for code in ("North", "South")
        ]
        session.add_all(rows)
        session.flush()
        return {row.code: row.id for row in rows}


__all__ = [
    "BASKET",
    "COFFEE",
    "COFFEE_20",
    "TEA",
    "Api",
    "Shop",
    "open_stores",
    "problem",
]
