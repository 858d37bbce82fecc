import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from loyalty.core.clock import machine_now, utc_now
from loyalty.core.database import Database
from loyalty.core.errors import NotFound
from loyalty.core.links import sign_link
from loyalty.core.vault import Vault
from loyalty.sharing.queries import list_referrals
from loyalty.sharing.service import code_of
from loyalty.usecases.identify_customer import identify_customer
from tests.integration.till.pages import hidden, send, words
from tests.integration.till.shop import SECRET, Shop


class TestEnrolling:
    def test_gives_a_card_and_a_code_that_opens_the_wallet_once(
        self, client: FlaskClient
    ) -> None:
        page = send(client, "/till/enrol", contact="601234567", language="fa")
        assert "is a member now" in words(page)
        assert re.search(r"2610 00\d\d \d{4} \d{4}", words(page))
        assert 'class="qr"' in page.text

    def test_counts_the_day_and_measures_the_time(self, client: FlaskClient) -> None:
        opened = machine_now() - timedelta(seconds=11)
        stamp = sign_link(
            Vault(SECRET),
            "till page opened",
            {"t": int(opened.timestamp())},
            machine_now() + timedelta(minutes=5),
        )
        page = send(
            client, "/till/enrol", contact="601234567", language="pl", opened=stamp
        )
        assert "Today at this store 1 new member" in words(page)
        found = re.search(r"Middle time (\d+) s", words(page))
        assert found is not None
        assert 11 <= int(found[1]) < 60

    def test_measures_nothing_with_a_stamp_of_ones_own(
        self, client: FlaskClient
    ) -> None:
        page = send(
            client, "/till/enrol", contact="601234567", language="pl", opened="AAAA"
        )
        assert "1 new member" in words(page)
        assert "Middle time \u2013" in words(page)

    def test_asks_no_consent_that_was_not_given(
        self, client: FlaskClient, database: Database
    ) -> None:
        form = client.get("/till/enrol").text
        box = re.search(r'<input[^>]*name="personal_offers"[^>]*>', form)
        assert box is not None
        assert "checked" not in box[0]
        before = _consents(database)
        send(client, "/till/enrol", contact="601234567", language="pl")
        assert _consents(database) == before

    def test_keeps_what_was_typed_when_it_can_not_be_read(
        self, client: FlaskClient, database: Database
    ) -> None:
        before = _customers(database)
        page = send(
            client,
            "/till/enrol",
            contact="60123456x",
            first_name="Ola",
            language="sl",
            personal_offers="yes",
        )
        assert page.status_code == 422
        assert "A phone number has digits only" in words(page)
        assert 'value="60123456x"' in page.text
        assert 'value="Ola"' in page.text
        assert re.search(r'value="sl" checked', page.text)
        assert _customers(database) == before

    def test_keeps_the_moment_at_which_the_page_was_opened(
        self, client: FlaskClient
    ) -> None:
        opened = hidden(client.get("/till/enrol"), "opened")
        page = send(client, "/till/enrol", contact="?", language="pl", opened=opened)
        assert hidden(page, "opened") == opened

    def test_finds_who_is_a_member_already(
        self, client: FlaskClient, database: Database
    ) -> None:
        before = _customers(database)
        page = send(
            client, "/till/enrol", contact="ANNA@shop.example.com", language="en"
        )
        assert "Anna is already a member" in words(page)
        assert "0 new members" in words(page)
        assert _customers(database) == before

    def test_offers_a_printed_card_for_a_landline(self, client: FlaskClient) -> None:
        page = send(client, "/till/enrol", contact="+48 22 345 67 89", language="pl")
        assert "A landline gets no text messages" in words(page)
        card = client.get("/till/card")
        assert 'class="qr"' in card.text
        assert 'class="bars"' in card.text
        assert "style=" not in card.text


class TestCheckingWhileTyping:
    def test_names_the_member(self, client: FlaskClient) -> None:
        page = send(client, "/till/enrol/check", contact="anna@shop.example.com")
        assert words(page) == "Already a member: Anna , 0 points, no visit yet"

    def test_says_nothing_of_half_an_address(self, client: FlaskClient) -> None:
        page = send(client, "/till/enrol/check", contact="601 2")
        assert page.status_code == 200
        assert words(page) == ""


def _customers(database: Database) -> int:
    with database.transaction() as session:
        return int(session.scalar(text("select count(*) from customer")) or 0)


def _consents(database: Database) -> int:
    with database.transaction() as session:
        return int(session.scalar(text("select count(*) from customer_consent")) or 0)


class TestAFriendsCode:
    def test_is_noted_for_who_brought_the_member(
        self, client: FlaskClient, database: Database, shop: Shop
    ) -> None:
        with database.transaction() as session:
            code = code_of(session, customer_id=shop.anna)
        typed = f"{code[:4]} {code[4:]}".lower()
        page = send(
            client,
            "/till/enrol",
            contact="ben@shop.example.com",
            language="en",
            brought_by=typed,
        )

        assert page.status_code == 200
        with database.transaction() as session:
            (brought,) = list_referrals(session, referrer=shop.anna)
        assert brought.referrer == shop.anna

    def test_that_is_wrong_enrols_nobody_and_stays(
        self, client: FlaskClient, database: Database
    ) -> None:
        page = send(
            client,
            "/till/enrol",
            contact="ben@shop.example.com",
            language="en",
            brought_by="22222222",
        )

        assert page.status_code == 422
        assert "does not count: correct it, or leave it empty" in words(page)
        assert 'value="22222222"' in page.text
        with database.transaction() as session, pytest.raises(NotFound):
            identify_customer(session, text="ben@shop.example.com", now=utc_now())
