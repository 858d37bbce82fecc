"""Customers' links: single-use, short-lived, and silent about who exists."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from loyalty.core.clock import machine_now
from loyalty.core.database import Database
from loyalty.core.vault import vault_of
from loyalty.customers.models import (
    ContactRow,
    CustomerRow,
    CustomerSessionRow,
    LinkRow,
)
from loyalty.customers.service import links
from loyalty.customers.service.links import LinkNotValid
from loyalty.customers.values import ContactKind, CustomerID, CustomerStatus
from loyalty.usecases import open_wallet
from tests.integration.web.conftest import RecordingQueue, Shop

ANNA = CustomerID(815)


@pytest.fixture
def anna(database: Database, shop: Shop) -> CustomerID:
    with database.transaction() as session:
        vault = vault_of(session)
        session.add(
            CustomerRow(
                id=ANNA,
                status=CustomerStatus.ACTIVE,
                enrolled_at=machine_now(),
                enrolled_by="system",
                home_store_id=shop.here,
                language="pl",
                time_zone="Europe/Warsaw",
                member_key=vault.new_member_key(member=ANNA),
            )
        )
        session.flush()
        session.add(
            ContactRow(
                customer_id=ANNA,
                kind=ContactKind.EMAIL,
                value=b"",
                lookup=vault.blind_index("email", "anna@example.org"),
                landline=False,
                added_at=machine_now(),
            )
        )
    return ANNA


def make(database: Database, age: timedelta = timedelta(0)) -> str:
    with database.transaction() as session:
        return links.make_link(session, customer_id=ANNA, now=machine_now() - age)


def use(database: Database, token: str) -> str:
    with database.transaction() as session:
        return open_wallet.open_with_link(session, token=token, now=machine_now())


def open_sessions(database: Database) -> int:
    with database.transaction() as session:
        return len(session.scalars(select(CustomerSessionRow)).all())


@pytest.mark.usefixtures("anna")
class TestLink:
    def test_opens_the_wallet_in_the_customers_language(
        self, database: Database, client: FlaskClient
    ) -> None:
        client.set_cookie("wallet", use(database, make(database)))

        assert client.get("/wallet/mine").text == "yours"
        assert '<html lang="pl"' in client.get("/wallet/nothing").text

    def test_works_once(self, database: Database) -> None:
        token = make(database)
        use(database, token)

        with pytest.raises(LinkNotValid):
            use(database, token)

        assert open_sessions(database) == 1

    def test_works_for_ten_minutes(self, database: Database) -> None:
        old = make(database, age=timedelta(minutes=10))
        young = make(database, age=timedelta(minutes=9, seconds=50))

        with pytest.raises(LinkNotValid) as too_old:
            use(database, old)
        with pytest.raises(LinkNotValid) as unknown:
            use(database, "unknown")

        assert str(too_old.value) == str(unknown.value)
        assert use(database, young)
        assert open_sessions(database) == 1

    def test_can_not_be_made_to_live_longer(self, database: Database) -> None:
        with (
            database.transaction() as session,
            pytest.raises(ValueError, match="at most"),
        ):
            links.make_link(
                session,
                customer_id=ANNA,
                now=machine_now(),
                lifetime=timedelta(minutes=11),
            )

    def test_is_for_one_purpose(self, database: Database) -> None:
        token = make(database)

        with database.transaction() as session, pytest.raises(LinkNotValid):
            links.use_link(session, token=token, now=machine_now(), purpose="other")

    def test_is_stored_as_a_hash_only(self, database: Database) -> None:
        token = make(database)

        with database.transaction() as session:
            row = session.scalars(select(LinkRow)).one()

        assert len(row.secret_hash) == 32
        assert token.encode() not in row.secret_hash


@pytest.mark.usefixtures("anna")
class TestRequest:
    def test_does_the_same_work_whoever_asks(
        self, database: Database, queue: RecordingQueue
    ) -> None:
        for contact in ("Anna@example.org ", "nobody@example.org", "no address"):
            with database.transaction() as session:
                open_wallet.request_link(session, contact=contact)

        assert queue.pushed == [
            ("send_wallet_link", {"customer_id": ANNA}),
            ("send_wallet_link", {"customer_id": 0}),
            ("send_wallet_link", {"customer_id": 0}),
        ]


@pytest.mark.usefixtures("anna")
class TestWallet:
    def test_is_shut_without_a_link(self, client: FlaskClient) -> None:
        answer = client.get("/wallet/mine")

        assert answer.status_code == 303
        assert answer.headers["Location"] == "/wallet/open"

    def test_is_shut_again_when_it_was_closed(
        self, database: Database, client: FlaskClient
    ) -> None:
        token = use(database, make(database))
        client.set_cookie("wallet", token)
        with database.transaction() as session:
            links.end_customer_session(session, token=token, now=machine_now())

        assert client.get("/wallet/mine").status_code == 303

    def test_is_shut_in_every_browser_at_once(
        self, database: Database, client: FlaskClient
    ) -> None:
        client.set_cookie("wallet", use(database, make(database)))
        with database.transaction() as session:
            links.end_all_customer_sessions(
                session, customer_id=ANNA, now=machine_now()
            )

        assert client.get("/wallet/mine").status_code == 303

    def test_is_shut_to_who_was_erased(
        self, database: Database, client: FlaskClient
    ) -> None:
        client.set_cookie("wallet", use(database, make(database)))
        with database.transaction() as session:
            session.get_one(CustomerRow, ANNA).status = CustomerStatus.ERASED

        assert client.get("/wallet/mine").status_code == 303

    def test_does_not_open_to_a_member_of_staff(
        self, database: Database, client: FlaskClient
    ) -> None:
        client.set_cookie("staff", use(database, make(database)))

        assert client.get("/staff/account").status_code == 303
