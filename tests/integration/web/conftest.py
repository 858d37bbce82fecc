"""An application with the shared web parts and a few pages, on real servers."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient
from redis import Redis

import loyalty.catalogue.models
import loyalty.customers.models
import loyalty.staff.models
import loyalty.stores.models  # noqa: F401  # the metadata has to know all tables
from loyalty.core.clock import machine_now
from loyalty.core.database import Base, Database, open_engine
from loyalty.core.jobs import JobArgument
from loyalty.core.vault import Vault
from loyalty.staff.service import members, passwords
from loyalty.staff.values import Permission, Post, Role, StaffMember
from loyalty.stores.models import ProgrammeRow, StoreRow
from loyalty.stores.values import Strategy
from loyalty.web import AppParts, install
from loyalty.web.guards import (
    csrf_exempt,
    open_to_all,
    requires,
    requires_customer,
    requires_staff,
)
from tests.factories import points_rule_row

PASSWORD = "correct horse battery"  # noqa: S105  # a test's own


class RecordingQueue:
    """A queue that only remembers what it was given."""

    def __init__(self) -> None:
        self.pushed: list[tuple[str, dict[str, JobArgument]]] = []

    def push(self, name: str, arguments: dict[str, JobArgument]) -> None:
        self.pushed.append((name, arguments))


@dataclass(frozen=True, kw_only=True)
class Shop:
    """Two stores, and a person for each role in the first."""

    here: int
    elsewhere: int
    people: dict[Role, StaffMember]


@pytest.fixture(scope="session")
def password_hash() -> str:
    return passwords.hash_password(PASSWORD)


@pytest.fixture
def queue() -> RecordingQueue:
    return RecordingQueue()


@pytest.fixture
def database(fresh_postgres_url: str, queue: RecordingQueue) -> Iterator[Database]:
    engine = open_engine(fresh_postgres_url, pool_size=2)
    Base.metadata.create_all(engine)
    yield Database(engine, queue, Vault("a secret of at least 32 letters!"))
    engine.dispose()


@pytest.fixture
def parts(database: Database, redis_url: str) -> AppParts:
    with Redis.from_url(redis_url) as valkey:
        valkey.flushdb()
    return AppParts(
        database=database,
        vault=Vault("a secret of at least 32 letters!"),
        redis_url=redis_url,
        public_url="http://localhost",
        secure_cookies=False,
    )


@pytest.fixture
def app(parts: AppParts) -> Flask:
    app = Flask("pages")
    install(app, parts)
    add_pages(app)
    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def shop(database: Database, password_hash: str) -> Shop:
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
        stores = [
            StoreRow(code=code, name=code, address="", phone="", opening_hours="")
            for code in ("North", "South")
        ]
        session.add_all(stores)
        session.flush()
        here, elsewhere = (store.id for store in stores)
        people = {}
        for role in Role:
            member = members.add_member(
                session,
                email=f"{role}@shop.test.com",
                name=role.title(),
                posts=[Post(role=role, store_id=here)],
                actor="system",
                now=machine_now(),
            )
            members.set_password_hash(
                session,
                staff_id=member.id,
                password_hash=password_hash,
                actor="system",
                now=machine_now(),
            )
            people[role] = member
    return Shop(here=here, elsewhere=elsewhere, people=people)


def add_pages(app: Flask) -> None:
    """Add a page for each kind of guard."""
    for permission in Permission:

        def page(store_id: int = 0) -> str:
            return f"reached {store_id}"

        requires(permission)(page)
        app.add_url_rule(f"/needs/{permission}", f"needs-{permission}", page)
        app.add_url_rule(
            f"/needs/{permission}/<int:store_id>", f"needs-at-{permission}", page
        )

    @app.post("/forms/open")
    @open_to_all("a test's")
    def open_form() -> str:
        return "accepted"

    @app.post("/forms/exempt")
    @open_to_all("a test's")
    @csrf_exempt("a test's")
    def exempt_form() -> str:
        return "accepted"

    @app.post("/forms/staff")
    @requires_staff
    def staff_form() -> str:
        return "accepted"

    @app.get("/wallet/mine")
    @requires_customer
    def wallet() -> str:
        return "yours"

    @app.get("/forgotten")
    def forgotten() -> str:
        return "nobody guards this"

    @app.get("/token")
    @open_to_all("a test's")
    def token() -> str:
        return str(app.jinja_env.globals["csrf_token"]())  # type: ignore[operator]

    _ = (open_form, exempt_form, staff_form, wallet, forgotten, token)


def csrf_of(client: FlaskClient) -> str:
    """Return the token that the browser's present page has."""
    return client.get("/token").text


def sign_in(
    client: FlaskClient, email: str, password: str = PASSWORD
) -> tuple[int, str | None]:
    """Sign in as the form does; return the status and where it leads."""
    answer = client.post(
        "/staff/sign-in",
        data={"email": email, "password": password, "csrf_token": csrf_of(client)},
    )
    return answer.status_code, answer.headers.get("Location")


__all__ = ["PASSWORD", "add_pages", "csrf_of", "sign_in"]
