from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text, update

from loyalty.core.clock import machine_now, utc_now
from loyalty.core.database import Database
from loyalty.core.links import sign_link, sign_short
from loyalty.core.vault import Vault
from loyalty.customers.models import ContactRow, CustomerRow
from loyalty.customers.queries import get_profile
from loyalty.customers.service.consents import state_consent
from loyalty.customers.service.people import Person, add_customer
from loyalty.customers.values import (
    Channel,
    Consent,
    ContactID,
    CustomerStatus,
    Purpose,
    Speaker,
)
from loyalty.delivery import service as delivery
from loyalty.delivery.models import MessageRow
from loyalty.delivery.render import confirm_token
from loyalty.delivery.values import DeliveryPolicy
from loyalty.usecases.change_preferences import withdraw_marketing
from tests.integration.delivery.shop import marketing
from tests.integration.portal.sent import send_offer
from tests.integration.till.pages import send, words
from tests.integration.till.shop import SECRET, Shop

DOOR = "/wallet/sign-in"
ANY_HOUR = DeliveryPolicy(quiet=())
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


class TestAnOfferByMail:
    def test_shows_that_offer_and_opens_nothing_else(
        self, stranger: FlaskClient, database: Database, shop: Shop
    ) -> None:
        page = stranger.get(_offer_link(database, shop))
        assert "20% off coffee" in words(page)
        assert "Terms in full" in words(page)
        assert shop.anna_card not in page.text
        assert stranger.get("/wallet").status_code == 303

    def test_says_the_way_out_when_it_has_ended(
        self, stranger: FlaskClient, database: Database, shop: Shop
    ) -> None:
        page = stranger.get(_offer_link(database, shop, days=-1))
        assert page.status_code == 410
        assert "The offer it led to is over." in words(page)
        assert 'href="/wallet"' in page.text

    def test_that_was_made_up_leads_nowhere(
        self, stranger: FlaskClient, database: Database, shop: Shop
    ) -> None:
        link = _offer_link(database, shop)
        assert stranger.get(f"{link}A").status_code == 404
        wrong = link.replace("/o/", "/u/")
        assert stranger.get(wrong).status_code == 404


class TestUnsubscribing:
    def test_looking_changes_nothing(
        self, stranger: FlaskClient, database: Database, shop: Shop
    ) -> None:
        page = stranger.get(_unsubscribe_link(shop))
        assert "No more offers by e-mail?" in words(page)
        assert Channel.EMAIL in _marketing(database, shop)

    def test_the_button_stops_that_channel_alone(
        self, stranger: FlaskClient, database: Database, shop: Shop
    ) -> None:
        page = send(stranger, _unsubscribe_link(shop), page=DOOR)
        assert "No more offers reach you by e-mail" in words(page)
        assert _marketing(database, shop) == {Channel.INBOX}

    def test_takes_a_mail_programs_one_click(
        self, stranger: FlaskClient, database: Database, shop: Shop
    ) -> None:
        for _time in range(2):
            answer = stranger.post(_unsubscribe_link(shop), data=ONE_CLICK)
            assert answer.status_code == 200
        assert _marketing(database, shop) == {Channel.INBOX}

    def test_says_what_still_comes_and_can_be_undone(
        self, stranger: FlaskClient, database: Database, shop: Shop
    ) -> None:
        link = _unsubscribe_link(shop)
        page = send(stranger, link, page=DOOR)
        assert "What still comes is what you need" in words(page)
        assert stranger.post(f"{link}/undo").status_code == 400
        assert _marketing(database, shop) == {Channel.INBOX}
        again = send(stranger, f"{link}/undo", page=DOOR)
        assert "Offers reach you by e-mail again." in words(again)
        assert _marketing(database, shop) == {Channel.EMAIL, Channel.INBOX}

    def test_cannot_undo_what_was_stopped_elsewhere(
        self, stranger: FlaskClient, database: Database, shop: Shop
    ) -> None:
        with database.transaction() as session:
            withdraw_marketing(
                session,
                customer_id=shop.anna,
                channels=[Channel.EMAIL],
                speaker=Speaker(actor=f"customer:{shop.anna}", source="page"),
                now=utc_now(),
            )
        page = send(stranger, f"{_unsubscribe_link(shop)}/undo", page=DOOR)
        assert "only be taken back in your preferences" in words(page)
        assert _marketing(database, shop) == {Channel.INBOX}

    @pytest.mark.parametrize("channel", ["sms", "push", "telegram", "letter", "till"])
    def test_works_for_every_channel(
        self, stranger: FlaskClient, database: Database, shop: Shop, channel: str
    ) -> None:
        _agree(database, shop, Channel(channel))
        link = _unsubscribe_link(shop, channel=channel)
        assert stranger.get(link).status_code == 200
        assert Channel(channel) in _marketing(database, shop)
        assert stranger.post(link, data=ONE_CLICK).status_code == 200
        assert _marketing(database, shop) == {Channel.EMAIL, Channel.INBOX}

    def test_counts_for_the_record_that_stands_for_a_merged_one(
        self, stranger: FlaskClient, database: Database, shop: Shop
    ) -> None:
        with database.transaction() as session:
            merged = add_customer(
                session,
                person=Person(language="en", time_zone="UTC"),
                actor="system",
                now=utc_now(),
            )
            session.execute(
                update(CustomerRow)
                .where(CustomerRow.id == merged)
                .values(status=CustomerStatus.MERGED, merged_into=shop.anna)
            )
        link = _unsubscribe_link(shop, customer=merged)
        assert stranger.post(link, data=ONE_CLICK).status_code == 200
        assert _marketing(database, shop) == {Channel.INBOX}

    def test_is_refused_when_it_has_ended(
        self, stranger: FlaskClient, database: Database, shop: Shop
    ) -> None:
        link = _unsubscribe_link(shop, days=-1)
        assert stranger.get(link).status_code == 410
        assert stranger.post(link, data=ONE_CLICK).status_code == 410
        assert Channel.EMAIL in _marketing(database, shop)

    def test_of_a_channel_that_is_none_is_refused(
        self, stranger: FlaskClient, database: Database, shop: Shop
    ) -> None:
        link = _unsubscribe_link(shop, channel="pigeon")
        assert stranger.post(link, data=ONE_CLICK).status_code == 404
        assert Channel.EMAIL in _marketing(database, shop)

    def test_stops_what_is_queued(
        self, stranger: FlaskClient, database: Database, shop: Shop
    ) -> None:
        with database.transaction() as session:
            address = session.scalars(select(ContactRow)).one()
            address.verified_at = utc_now()
            noon = utc_now().replace(hour=12)
            message = marketing(shop.anna, not_after=noon + timedelta(days=9))
            planned = delivery.plan_message(
                session, message=message, policy=ANY_HOUR, now=utc_now()
            )
            assert planned.channel is Channel.EMAIL
        for channel in ("email", "inbox"):
            link = _unsubscribe_link(shop, channel=channel)
            stranger.post(link, data=ONE_CLICK)
        with database.transaction() as session:
            claims = delivery.claim_due(
                session,
                channel=Channel.EMAIL,
                at_most=10,
                worker="one",
                now=planned.due_at,
                machine_now=machine_now(),
            )
            ready = delivery.prepare(
                session, claims=claims, policy=ANY_HOUR, now=planned.due_at
            )
            assert planned.id not in {one.id for one in ready}
            row = session.scalars(
                select(MessageRow).where(MessageRow.id == planned.id)
            ).one()
            session.refresh(row)
            assert (row.state, row.reason) == ("suppressed", "no_consent")

    def test_refuses_a_link_made_up(
        self, stranger: FlaskClient, database: Database, shop: Shop
    ) -> None:
        answer = stranger.post(f"{_unsubscribe_link(shop)}A", data=ONE_CLICK)
        assert answer.status_code == 404
        assert Channel.EMAIL in _marketing(database, shop)


class TestConfirmingAnAddress:
    def test_confirms_and_opens_the_wallet_once(
        self, stranger: FlaskClient, database: Database, shop: Shop
    ) -> None:
        link = _confirm_link(database, shop)
        assert "Confirm your address" in words(stranger.get(link))
        assert _verified(database) == 0
        page = send(stranger, link, page=DOOR)
        assert "Hello Anna" in words(page)
        assert _verified(database) == 1
        stranger.delete_cookie("wallet")
        again = send(stranger, link, page=DOOR)
        assert "Send me a link" in words(again)

    def test_refuses_an_address_that_is_no_longer_theirs(
        self, stranger: FlaskClient, database: Database, shop: Shop
    ) -> None:
        link = _confirm_link(database, shop, contact=999)
        assert stranger.get(link).status_code == 404
        assert send(stranger, link, page=DOOR).status_code == 404


def _offer_link(database: Database, shop: Shop, days: int = 1) -> str:
    with database.transaction() as session:
        offer = session.scalar(text("select min(id) from offer"))
        message = send_offer(
            session, customer_id=shop.anna, offer_id=int(offer or 0), now=utc_now()
        )
    ends = utc_now() + timedelta(days=days)
    return f"/o/{sign_short(Vault(SECRET), 'offer', message, ends)}"


def _unsubscribe_link(
    shop: Shop, *, channel: str = "email", customer: int = 0, days: int = 1
) -> str:
    payload: dict[str, int | str] = {"c": customer or shop.anna, "h": channel, "m": 1}
    ends = machine_now() + timedelta(days=days)
    return f"/u/{sign_link(Vault(SECRET), 'unsubscribe', payload, ends)}"


def _agree(database: Database, shop: Shop, channel: Channel) -> None:
    with database.transaction() as session:
        yes = Consent(
            purpose=Purpose.MARKETING,
            channel=channel,
            given=True,
            wording="yes",
            wording_version="1",
            source="page",
            actor="customer:1",
            at=utc_now(),
        )
        state_consent(session, customer_id=shop.anna, consent=yes)


def _confirm_link(database: Database, shop: Shop, contact: int = 0) -> str:
    with database.transaction() as session:
        own = session.scalar(text("select min(id) from customer_contact"))
    token = confirm_token(
        Vault(SECRET),
        customer_id=shop.anna,
        contact_id=ContactID(contact or int(own or 0)),
        now=utc_now(),
    )
    return f"/v/{token}"


def _marketing(database: Database, shop: Shop) -> frozenset[Channel]:
    with database.transaction() as session:
        return get_profile(session, customer_id=shop.anna).marketing_channels


def _verified(database: Database) -> int:
    count = "select count(*) from customer_contact where verified_at is not null"
    with database.transaction() as session:
        return int(session.scalar(text(count)) or 0)
