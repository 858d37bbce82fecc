"""The wallet in a browser of a customer's, on real servers."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from redis import Redis

from loyalty import inbound, portal, till, web
from loyalty.core.clock import machine_now
from loyalty.core.database import Database, open_engine
from loyalty.core.jobs import NoQueue
from loyalty.core.vault import Vault
from loyalty.customers.service.links import open_customer_session
from loyalty.web import AppParts
from loyalty.web.context import InboundSecrets
from tests.integration.portal.providers import REPORT_SECRET, SMS_TOKEN
from tests.integration.till.shop import SECRET, Shop, set_up


@pytest.fixture
def database(fresh_postgres_url: str) -> Iterator[Database]:
    engine = open_engine(fresh_postgres_url, pool_size=4)
    yield Database(engine, NoQueue(), Vault(SECRET))
    engine.dispose()


@pytest.fixture
def shop(database: Database) -> Shop:
    return set_up(database)


@pytest.fixture
def app(database: Database, redis_url: str) -> Flask:
    with Redis.from_url(redis_url) as valkey:
        valkey.flushdb()
    parts = AppParts(
        database=database,
        vault=Vault(SECRET),
        redis_url=redis_url,
        public_url="http://localhost",
        secure_cookies=False,
        inbound=InboundSecrets(
            sms_token=SMS_TOKEN, report_secret=REPORT_SECRET, telegram_bot="shopbot"
        ),
    )
    app = Flask("loyalty", static_folder=None)
    web.install(app, parts)
    for surface in (till, portal, inbound):
        app.register_blueprint(surface.blueprint)
    return app


@pytest.fixture
def stranger(app: Flask, shop: Shop) -> FlaskClient:
    assert shop.anna
    return app.test_client()


@pytest.fixture
def client(app: Flask, database: Database, shop: Shop) -> FlaskClient:
    client = app.test_client()
    with database.transaction() as session:
        token = open_customer_session(session, customer_id=shop.anna, now=machine_now())
    client.set_cookie("wallet", token)
    return client
