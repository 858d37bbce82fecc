"""The back office in a browser of whoever is signed in, on real servers."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from redis import Redis

from loyalty import admin, web
from loyalty.core import clock
from loyalty.core.clock import machine_now
from loyalty.core.database import Database, open_engine
from loyalty.core.jobs import JobArgument
from loyalty.staff.service import members, sessions
from loyalty.staff.values import Post, Role
from loyalty.stores.queries import get_store
from loyalty.web import AppParts
from tests.factories import NOW, STORE, make_shop, small_vault

SignIn = Callable[[Role], FlaskClient]


class RecordingQueue:
    """A queue that only remembers what it was given."""

    def __init__(self) -> None:
        self.pushed: list[tuple[str, dict[str, JobArgument]]] = []

    def push(self, name: str, arguments: dict[str, JobArgument]) -> None:
        self.pushed.append((name, arguments))


@pytest.fixture(autouse=True)
def shop_clock() -> Iterator[None]:
    clock.use_source(lambda: NOW)
    yield
    clock.use_source(machine_now)


@pytest.fixture
def queue() -> RecordingQueue:
    return RecordingQueue()


@pytest.fixture
def database(fresh_postgres_url: str, queue: RecordingQueue) -> Iterator[Database]:
    engine = open_engine(fresh_postgres_url, pool_size=4)
    opened = Database(engine, queue, small_vault())
    with opened.transaction() as session:
        make_shop(session)
    yield opened
    engine.dispose()


@pytest.fixture
def app(database: Database, redis_url: str) -> Flask:
    with Redis.from_url(redis_url) as valkey:
        valkey.flushdb()
    app = Flask("loyalty", static_folder=None)
    web.install(
        app,
        AppParts(
            database=database,
            vault=small_vault(),
            redis_url=redis_url,
            public_url="http://localhost",
            secure_cookies=False,
        ),
    )
    app.register_blueprint(admin.blueprint)
    return app


@pytest.fixture
def sign_in(app: Flask, database: Database) -> SignIn:
    """Sign somebody in: cashiers and managers in one store, others in all."""

    def sign_in(role: Role) -> FlaskClient:
        with database.transaction() as session:
            here = get_store(session, code=STORE).id
            place = here if role in (Role.CASHIER, Role.MANAGER) else None
            member = members.add_member(
                session,
                email=f"{role}@shop.example.com",
                name=role.title(),
                posts=[Post(role=role, store_id=place)],
                actor="system",
                now=machine_now(),
            )
            token = sessions.open_session(
                session,
                staff_id=member.id,
                browser="a test's",
                store_id=place,
                now=machine_now(),
            )
        client = app.test_client()
        client.set_cookie("staff", token)
        return client

    return sign_in


@pytest.fixture
def marketer(sign_in: SignIn) -> FlaskClient:
    return sign_in(Role.MARKETER)


@pytest.fixture
def administrator(sign_in: SignIn) -> FlaskClient:
    return sign_in(Role.ADMINISTRATOR)
