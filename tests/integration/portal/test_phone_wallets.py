"""The card for the phone's own wallet."""

import io
import json
import zipfile
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from redis import Redis

from loyalty import portal, web
from loyalty.cards.render.keys import load_wallet_keys
from loyalty.cards.service import close_card
from loyalty.core.clock import machine_now, utc_now
from loyalty.core.database import Database
from loyalty.core.vault import Vault
from loyalty.customers.service.links import open_customer_session
from loyalty.web import AppParts
from tests.integration.till.shop import SECRET, Shop
from tests.wallet_keys import google_files, make_authority, new_key


@pytest.fixture
def phone(
    database: Database, redis_url: str, shop: Shop, tmp_path: Path
) -> FlaskClient:
    """Give Anna's phone, in a shop that has its keys."""
    with Redis.from_url(redis_url) as valkey:
        valkey.flushdb()
    keys = load_wallet_keys(
        apple=make_authority(tmp_path).files,
        google=google_files(tmp_path, new_key()),
        now=machine_now(),
    )
    app = Flask("loyalty", static_folder=None)
    web.install(
        app,
        AppParts(
            database=database,
            vault=Vault(SECRET),
            redis_url=redis_url,
            public_url="http://localhost",
            secure_cookies=False,
            wallet_keys=keys,
        ),
    )
    app.register_blueprint(portal.blueprint)
    client = app.test_client()
    with database.transaction() as session:
        token = open_customer_session(session, customer_id=shop.anna, now=machine_now())
    client.set_cookie("wallet", token)
    return client


class TestPhoneWallets:
    def test_are_offered_and_filled(self, phone: FlaskClient, shop: Shop) -> None:
        page = phone.get("/wallet").text
        assert 'href="/wallet/card.pkpass"' in page
        assert 'href="/wallet/google"' in page

        given = phone.get("/wallet/card.pkpass")
        assert given.mimetype == "application/vnd.apple.pkpass"
        with zipfile.ZipFile(io.BytesIO(given.data)) as archive:
            card = json.loads(archive.read("pass.json"))
        assert card["serialNumber"] == shop.anna_card
        assert card["organizationName"] == "Lab market"

        link = phone.get("/wallet/google")
        assert link.status_code == 302
        assert link.headers["Location"].startswith("https://pay.google.com/gp/v/save/")

    def test_need_a_card_that_works(
        self, phone: FlaskClient, shop: Shop, database: Database
    ) -> None:
        with database.transaction() as session:
            close_card(session, number=shop.anna_card, actor="x", now=utc_now())
        assert "/wallet/card.pkpass" not in phone.get("/wallet").text
        for path in ("/wallet/card.pkpass", "/wallet/google"):
            assert phone.get(path).status_code == 404

    def test_are_off_without_keys(self, client: FlaskClient) -> None:
        page = client.get("/wallet").text
        assert "Apple Wallet" not in page
        assert "Google Wallet" not in page
        for path in ("/wallet/card.pkpass", "/wallet/google"):
            assert client.get(path).status_code == 404
