"""Opens and clicks: counted by consent only, of people as far as one can tell."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from loyalty.core.clock import utc_now
from loyalty.core.database import Database
from loyalty.core.links import sign_short
from loyalty.core.vault import Vault
from loyalty.customers.service.consents import state_consent
from loyalty.customers.values import Consent, Purpose
from loyalty.delivery.values import MessageID
from tests.integration.portal.sent import send_offer
from tests.integration.till.pages import words
from tests.integration.till.shop import SECRET, Shop

PHONE = {"User-Agent": "Mozilla/5.0 (Android 16; Mobile) Firefox/145.0"}
VAULT = Vault(SECRET)


@pytest.fixture
def message(database: Database, shop: Shop) -> MessageID:
    with database.transaction() as session:
        offer = session.scalar(text("select min(id) from offer"))
        return send_offer(session, customer_id=shop.anna, offer_id=offer, now=utc_now())


def _agree(database: Database, shop: Shop, *, given: bool) -> None:
    with database.transaction() as session:
        state_consent(
            session,
            customer_id=shop.anna,
            consent=Consent(
                purpose=Purpose.MEASUREMENT,
                channel=None,
                given=given,
                wording="Count it",
                wording_version="1",
                source="page",
                actor="customer:1",
                at=utc_now(),
            ),
        )


def _link(message: MessageID, purpose: str = "offer", days: int = 1) -> str:
    token = sign_short(VAULT, purpose, message, utc_now() + timedelta(days=days))
    return f"/o/{token}"


def _counted(database: Database) -> list[str]:
    told = "select receipt from message_event where receipt is not null order by id"
    with database.transaction() as session:
        return list(session.scalars(text(told)))


class TestALink:
    def test_works_and_counts_nothing_without_consent(
        self, stranger: FlaskClient, database: Database, message: MessageID
    ) -> None:
        page = stranger.get(_link(message), headers=PHONE)
        assert "20% off coffee" in words(page)
        assert _counted(database) == []

    def test_is_counted_with_consent_and_no_more_without(
        self, stranger: FlaskClient, database: Database, shop: Shop, message: MessageID
    ) -> None:
        _agree(database, shop, given=True)
        for _time in range(2):
            assert stranger.get(_link(message), headers=PHONE).status_code == 200
        assert _counted(database)[:1] == ["clicked"]
        before = len(_counted(database))
        assert before in {1, 2}  # the second minute may have begun
        _agree(database, shop, given=False)
        assert stranger.get(_link(message), headers=PHONE).status_code == 200
        assert len(_counted(database)) == before

    def test_is_short_enough_for_a_text_message(self, message: MessageID) -> None:
        assert len(_link(message)) <= 24
        assert len(_link(MessageID(10**9))) <= 28

    @pytest.mark.parametrize(
        "headers",
        [
            {"User-Agent": "Mozilla/5.0 (compatible; bingbot/2.0)"},
            {"User-Agent": "WhatsApp/2.23"},
            {"User-Agent": ""},
            {**PHONE, "Purpose": "prefetch"},
            {**PHONE, "Sec-Purpose": "prefetch;prerender"},
        ],
    )
    def test_is_not_counted_for_machines(
        self,
        stranger: FlaskClient,
        database: Database,
        shop: Shop,
        message: MessageID,
        headers: dict[str, str],
    ) -> None:
        _agree(database, shop, given=True)
        assert stranger.get(_link(message), headers=headers).status_code == 200
        assert stranger.head(_link(message), headers=PHONE).status_code == 200
        assert _counted(database) == []

    def test_is_not_counted_right_after_the_hand_over(
        self, stranger: FlaskClient, database: Database, shop: Shop, message: MessageID
    ) -> None:
        _agree(database, shop, given=True)
        with database.transaction() as session:
            session.execute(text("update message set finished_at = now()"))
        assert stranger.get(_link(message), headers=PHONE).status_code == 200
        assert _counted(database) == []

    def test_can_not_be_forged(
        self, stranger: FlaskClient, database: Database, shop: Shop, message: MessageID
    ) -> None:
        _agree(database, shop, given=True)
        link = _link(message)
        other = "B" if link[-1] != "B" else "C"
        forged = (
            f"{link[:-1]}{other}",
            f"{link}A",
            link[:-4],
            _link(message, purpose="unsubscribe email"),
            _link(message, purpose="opened"),
            "/o/https:%2F%2Fevil.example",
            "/o/AAAA",
        )
        for address in forged:
            answer = stranger.get(address, headers=PHONE)
            assert answer.status_code == 404
            assert "Location" not in answer.headers
        assert _counted(database) == []

    def test_ends(
        self, stranger: FlaskClient, database: Database, shop: Shop, message: MessageID
    ) -> None:
        _agree(database, shop, given=True)
        assert stranger.get(_link(message, days=-1), headers=PHONE).status_code == 410
        assert _counted(database) == []

    def test_leads_nowhere_else_whatever_is_asked(
        self, stranger: FlaskClient, message: MessageID
    ) -> None:
        for more in ("?next=https://evil.example", "?url=//evil.example"):
            answer = stranger.get(f"{_link(message)}{more}", headers=PHONE)
            assert answer.status_code == 200
            assert "evil.example" not in answer.text.replace(more, "")


class TestThePicture:
    def test_counts_an_open_by_consent(
        self, stranger: FlaskClient, database: Database, shop: Shop, message: MessageID
    ) -> None:
        address = f"{_link(message, 'opened')}.gif"
        first = stranger.get(address, headers=PHONE)
        assert _counted(database) == []
        _agree(database, shop, given=True)
        second = stranger.get(address, headers=PHONE)
        assert _counted(database) == ["opened"]
        assert first.data == second.data
        assert second.mimetype == "image/gif"
        assert second.headers["Cache-Control"] == "no-store"

    def test_is_the_same_for_an_address_made_up(
        self, stranger: FlaskClient, database: Database, shop: Shop, message: MessageID
    ) -> None:
        _agree(database, shop, given=True)
        for address in ("/o/AAAA.gif", f"{_link(message)}.gif"):
            answer = stranger.get(address, headers=PHONE)
            assert answer.status_code == 200
            assert answer.mimetype == "image/gif"
        assert _counted(database) == []


class TestAShortOptOut:
    def test_ends_its_own_channel(
        self, stranger: FlaskClient, message: MessageID
    ) -> None:
        address = _link(message, "unsubscribe sms").replace("/o/", "/u/")
        assert "text message" in words(stranger.get(address))
