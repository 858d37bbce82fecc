"""Opening and closing ways to be reached, in the wallet and by Telegram."""

import base64
import json
import re
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from loyalty.core.database import Database
from loyalty.customers.queries import get_profile
from loyalty.customers.values import Channel, ContactKind, Profile
from loyalty.web.context import InboundSecrets, parts, put_parts
from tests.integration.till.pages import send, words
from tests.integration.till.shop import Shop

PAGE = "/wallet/ways"


@pytest.fixture(autouse=True)
def with_providers(app: Flask) -> None:
    with app.app_context():
        given = parts()
    inbound = InboundSecrets(telegram_bot="market_bot")
    put_parts(app, replace(given, channels=frozenset(Channel), inbound=inbound))


def subscription(endpoint: str = "https://push.example/1") -> str:
    point = (
        ec.generate_private_key(ec.SECP256R1())
        .public_key()
        .public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    )
    keys = {
        "p256dh": base64.urlsafe_b64encode(point).decode(),
        "auth": base64.urlsafe_b64encode(b"sixteen bytes  !").decode(),
    }
    return json.dumps({"endpoint": endpoint, "keys": keys})


def profile(database: Database, shop: Shop) -> Profile:
    with database.transaction() as session:
        return get_profile(session, customer_id=shop.anna)


def post(client: FlaskClient, path: str, **values: str) -> TestResponse:
    return send(client, f"{PAGE}{path}", page=PAGE, **values)


class TestNotificationsInABrowser:
    def test_are_opened_with_a_consent_and_closed_at_once(
        self, client: FlaskClient, database: Database, shop: Shop
    ) -> None:
        post(client, "/push", subscription=subscription())
        opened = profile(database, shop)
        post(client, "/push/close")
        closed = profile(database, shop)

        assert opened.contact(ContactKind.PUSH) is not None
        assert Channel.PUSH in opened.marketing_channels
        assert opened.preferences.channels[0] is Channel.PUSH
        assert closed.contact(ContactKind.PUSH) is None
        assert Channel.PUSH not in closed.marketing_channels

    def test_move_to_the_browser_that_was_opened_last(
        self, client: FlaskClient, database: Database, shop: Shop
    ) -> None:
        for endpoint in ("https://push.example/1", "https://push.example/2"):
            post(client, "/push", subscription=subscription(endpoint))

        (found,) = [
            one
            for one in profile(database, shop).contacts
            if one.kind is ContactKind.PUSH
        ]
        assert json.loads(found.value)["endpoint"] == "https://push.example/2"

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "{}",
            "[1]",
            subscription("ftp://push.example/1"),
            subscription("https://push.example/a b"),
            subscription().replace("auth", "other"),
            json.dumps({"endpoint": "https://a.example", "keys": {"auth": 1}}),
        ],
    )
    def test_refuse_what_is_no_subscription(
        self, client: FlaskClient, database: Database, shop: Shop, text: str
    ) -> None:
        answer = post(client, "/push", subscription=text)

        assert answer.status_code == 422
        assert profile(database, shop).contact(ContactKind.PUSH) is None

    def test_are_shown_by_a_script_that_holds_nothing_personal(
        self, stranger: FlaskClient
    ) -> None:
        answer = stranger.get(f"{PAGE}/worker.js")

        assert answer.mimetype == "text/javascript"
        assert "showNotification" in answer.text


class TestTelegram:
    def test_is_opened_by_a_link_that_fits_and_with_a_consent(
        self, client: FlaskClient, database: Database, shop: Shop
    ) -> None:
        page = post(client, "/telegram")

        # Telegram takes 64 letters of this alphabet.
        assert re.search(r"https://t\.me/market_bot\?start=[\w-]{1,64}\"", page.text)
        known = profile(database, shop)
        assert Channel.TELEGRAM in known.marketing_channels
        assert known.preferences.channels[0] is Channel.TELEGRAM
        assert known.contact(ContactKind.TELEGRAM) is None


class TestLetters:
    def test_go_to_the_address_that_was_typed(
        self, client: FlaskClient, database: Database, shop: Shop
    ) -> None:
        post(client, "/letter", address="Anna  Nowak\r\n\r\nul. Prosta 1\r\nWarszawa ")

        known = profile(database, shop)
        contact = known.contact(ContactKind.POST)
        assert contact is not None
        assert contact.value == "Anna Nowak\nul. Prosta 1\nWarszawa"
        assert Channel.LETTER in known.marketing_channels

    def test_keep_what_was_typed_when_it_is_no_address(
        self, client: FlaskClient, database: Database, shop: Shop
    ) -> None:
        page = post(client, "/letter", address="Warszawa")

        assert page.status_code == 422
        assert "in 2 to 6 lines" in words(page)
        assert ">Warszawa</textarea>" in page.text
        assert profile(database, shop).contact(ContactKind.POST) is None
