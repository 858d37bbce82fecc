"""What a customer changes on the page, and what it means for what is queued."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete, insert, select, update

from loyalty.core import clock
from loyalty.core.clock import machine_now
from loyalty.core.database import Database
from loyalty.core.vault import Vault
from loyalty.customers.models import ChannelRow, CodeRow, ConsentRow, ContactRow
from loyalty.customers.queries import get_profile
from loyalty.customers.rules.confirming import CODE_KEY, code_text
from loyalty.customers.values import Channel, CustomerID
from loyalty.delivery import service as delivery
from loyalty.delivery.models import HabitRow, MessageRow
from loyalty.delivery.rules.policy import policy_of
from loyalty.delivery.values import Planned
from loyalty.stores.queries import get_programme
from loyalty.stores.service import save_programme
from tests.integration.delivery.shop import consent_row, marketing
from tests.integration.till.pages import send, with_token, words
from tests.integration.till.shop import SECRET, Shop

PAGE = "/wallet/preferences"
NOON = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
"""A Tuesday, noon in Warsaw."""

STANDS: dict[str, str | list[str]] = {
    "language": "en",
    "time_zone": "Europe/Warsaw",
    "channel": ["email", "inbox"],
    "offers": ["email", "inbox"],
    "personalised": "yes",
}


@pytest.fixture(autouse=True)
def shop_clock() -> Iterator[None]:
    clock.use_source(lambda: NOON)
    yield
    clock.use_source(machine_now)


@pytest.fixture
def queued(database: Database, shop: Shop) -> Planned:
    """Queue an offer by mail to Anna, for this very hour."""
    with database.transaction() as session:
        session.execute(update(ContactRow).values(verified_at=NOON))
        message = marketing(shop.anna, not_after=NOON + timedelta(days=20))
        return delivery.plan_message(
            session,
            message=message,
            policy=policy_of(get_programme(session)),
            now=NOON,
        )


def save(client: FlaskClient, **changes: str | list[str]) -> int:
    form: dict[str, str | list[str]] = {**STANDS, **changes}
    token = with_token(client, {}, page=PAGE)
    return client.post(PAGE, data={**form, **token}).status_code


def handed_over(database: Database, planned: Planned) -> MessageRow:
    """Claim and check what is due, and return what became of the message."""
    with database.transaction() as session:
        claims = delivery.claim_due(
            session,
            channel=Channel.EMAIL,
            at_most=10,
            worker="one",
            now=planned.due_at,
            machine_now=machine_now(),
        )
        policy = policy_of(get_programme(session))
        delivery.prepare(session, claims=claims, policy=policy, now=planned.due_at)
        rows = select(MessageRow).where(MessageRow.id == planned.id)
        row = session.scalars(rows).one()
        session.refresh(row)
        session.expunge(row)
        return row


class TestWhatIsQueued:
    def test_goes_as_planned_when_nothing_changed(
        self, client: FlaskClient, database: Database, queued: Planned
    ) -> None:
        assert save(client) == 303
        row = handed_over(database, queued)
        assert (row.state, row.channel) == ("claimed", Channel.EMAIL)

    def test_moves_into_the_hours_that_were_chosen(
        self, client: FlaskClient, database: Database, queued: Planned
    ) -> None:
        assert save(client, hours=["3:1080-1200"]) == 303
        row = handed_over(database, queued)
        assert row.state == "planned"
        local = datetime.fromisoformat(str(row.planned_why["local"]))
        assert (local.weekday(), local.hour in {18, 19}) == (3, True)

    def test_waits_out_a_pause(
        self, client: FlaskClient, database: Database, queued: Planned
    ) -> None:
        send(client, f"{PAGE}/pause", page=PAGE)
        row = handed_over(database, queued)
        assert row.state in {"planned", "expired"}
        assert row.state == "expired" or row.due_at >= NOON + timedelta(days=30)

    def test_moves_to_another_channel(
        self, client: FlaskClient, database: Database, queued: Planned
    ) -> None:
        assert save(client, offers=["inbox"]) == 303
        row = handed_over(database, queued)
        assert (row.state, row.channel) == ("planned", Channel.INBOX)

    def test_ends_when_no_messages_are_wanted(
        self, client: FlaskClient, database: Database, queued: Planned
    ) -> None:
        assert save(client, max_per_week="0") == 303
        row = handed_over(database, queued)
        assert (row.state, row.reason) == ("suppressed", "weekly_cap")

    def test_ends_when_everything_is_stopped(
        self, client: FlaskClient, database: Database, queued: Planned
    ) -> None:
        send(client, f"{PAGE}/stop", page=PAGE)
        row = handed_over(database, queued)
        assert (row.state, row.reason) == ("suppressed", "no_consent")

    def test_is_looked_at_on_the_clock_of_another_zone(
        self, client: FlaskClient, database: Database, queued: Planned
    ) -> None:
        assert save(client, time_zone="Pacific/Auckland") == 303
        row = handed_over(database, queued)
        assert (row.state, row.planned_why["zone"]) == ("planned", "Pacific/Auckland")

    def test_stays_when_the_zone_is_none(
        self, client: FlaskClient, database: Database, shop: Shop
    ) -> None:
        assert save(client, time_zone="Mars/Olympus") == 422
        with database.transaction() as session:
            profile = get_profile(session, customer_id=shop.anna)
            assert profile.time_zone == "Europe/Warsaw"


class TestTheCapOverAllCampaigns:
    def test_counts_what_every_campaign_plans(
        self, client: FlaskClient, database: Database, shop: Shop
    ) -> None:
        assert save(client, max_per_week="1") == 303
        with database.transaction() as session:
            session.execute(update(ContactRow).values(verified_at=NOON))
            planned = delivery.plan_messages(
                session,
                messages=[
                    marketing(
                        shop.anna,
                        occasion=f"campaign:{n}",
                        not_after=NOON + timedelta(days=5),
                    )
                    for n in (1, 2)
                ],
                policy=policy_of(get_programme(session)),
                now=NOON,
            )
        assert [one.reason for one in planned] == [None, "weekly_cap"]


class TestDoubleOptIn:
    @pytest.fixture(autouse=True)
    def asked_for(self, database: Database, shop: Shop) -> None:
        assert shop.anna
        with database.transaction() as session:
            programme = replace(
                get_programme(session), double_opt_in=frozenset({"email"})
            )
            save_programme(session, programme=programme, actor="system", now=NOON)

    def test_waits_for_the_code_and_survives_another_save(
        self, client: FlaskClient, database: Database, shop: Shop
    ) -> None:
        save(client, offers=["inbox"])
        save(client)
        page = client.get(PAGE)
        assert "Waiting for your confirmation" in words(page)
        assert "waiting for confirmation" in words(page)
        assert save(client, max_per_week="2") == 303
        assert marketing_of(database, shop.anna) == {Channel.INBOX}
        with database.transaction() as session:
            [row] = session.scalars(select(CodeRow))
            code = code_text(Vault(SECRET).derive(CODE_KEY), row.nonce)
        wrong = send(client, f"{PAGE}/code", page=PAGE, code="x")
        assert "This is not the code" in words(wrong)
        right = send(client, f"{PAGE}/code", page=PAGE, code=code)
        assert "Confirmed: offers reach you by e-mail." in words(right)
        assert marketing_of(database, shop.anna) == {Channel.EMAIL, Channel.INBOX}
        history = words(client.get(f"{PAGE}/history"))
        assert "Offers by e-mail: yes, to be confirmed" in history

    def test_of_a_second_customer_is_no_business_of_the_first(
        self, client: FlaskClient, database: Database, shop: Shop
    ) -> None:
        with database.transaction() as session:
            theirs = session.scalars(select(ContactRow.id)).one()
            session.execute(update(ContactRow).values(verified_at=None))
        stranger_id = theirs + 1000
        send(client, f"{PAGE}/addresses/{stranger_id}/confirm", page=PAGE)
        send(client, f"{PAGE}/addresses/{stranger_id}/remove", page=PAGE)
        with database.transaction() as session:
            assert session.scalars(select(CodeRow)).all() == []
            assert len(get_profile(session, customer_id=shop.anna).contacts) == 1


class TestAddresses:
    def test_are_added_confirmed_and_taken_away(
        self, client: FlaskClient, database: Database, shop: Shop
    ) -> None:
        page = send(client, f"{PAGE}/addresses", page=PAGE, contact="a@new.example.org")
        assert "a•••@new.example.org" in words(page)
        assert "not confirmed yet" in words(page)
        with database.transaction() as session:
            old, new = get_profile(session, customer_id=shop.anna).contacts
            [row] = session.scalars(select(CodeRow))
            assert row.contact_id == new.id
            code = code_text(Vault(SECRET).derive(CODE_KEY), row.nonce)
        send(client, f"{PAGE}/code", page=PAGE, code=code)
        send(client, f"{PAGE}/addresses/{old.id}/remove", page=PAGE)
        last = send(client, f"{PAGE}/addresses/{new.id}/remove", page=PAGE)
        assert "This is your only address" in words(last)
        with database.transaction() as session:
            [left] = get_profile(session, customer_id=shop.anna).contacts
            assert (left.value, left.verified_at) == ("a@new.example.org", NOON)

    def test_of_others_are_told_of_as_if_nobody_had_them(
        self, client: FlaskClient, database: Database, shop: Shop
    ) -> None:
        said = [
            words(send(client, f"{PAGE}/addresses", page=PAGE, contact=one))
            for one in ("anna@shop.example.com", "nobody@shop.example.com")
        ]
        sentence = "If the address can be used, a message is on its way there."
        assert all(sentence in one for one in said)
        assert shop.anna
        with database.transaction() as session:
            assert len(session.scalars(select(CodeRow)).all()) == 1


class TestLearnedHours:
    def test_are_shown_and_overridden_by_one_tap(
        self, client: FlaskClient, database: Database, shop: Shop
    ) -> None:
        with database.transaction() as session:
            session.add(
                HabitRow(
                    customer_id=shop.anna,
                    windows=[{"day": 4, "from": 1020, "until": 1140}],
                    channels=[],
                    observations=9,
                    learned_at=NOON,
                )
            )
        page = words(client.get(PAGE))
        assert "Chosen because you usually shop or read then:" in page
        assert "Friday 17:00–19:00" in page
        send(client, f"{PAGE}/any-hour", page=PAGE)
        assert "Chosen because" not in words(client.get(PAGE))
        with database.transaction() as session:
            profile = get_profile(session, customer_id=shop.anna)
            assert {day for one in profile.preferences.windows for day in one.days} == {
                0,
                1,
                2,
                3,
                4,
                5,
                6,
            }


class TestLearnedChannel:
    @pytest.fixture(autouse=True)
    def learned(self, database: Database, shop: Shop) -> None:
        """Anna agreed to e-mail and the inbox, named no order and reads the inbox."""
        with database.transaction() as session:
            session.execute(
                delete(ChannelRow).where(ChannelRow.customer_id == shop.anna)
            )
            for channel in (Channel.EMAIL, Channel.INBOX):
                session.execute(
                    insert(ConsentRow).values(consent_row(shop.anna, channel))
                )
            session.add(
                HabitRow(
                    customer_id=shop.anna,
                    windows=[],
                    channels=["inbox", "email"],
                    observations=9,
                    learned_at=NOON,
                )
            )

    def test_is_told_and_overridden_by_one_tap(
        self, client: FlaskClient, database: Database, shop: Shop
    ) -> None:
        page = words(client.get(PAGE))
        assert (
            "Inbox in this wallet comes first: chosen because you usually open messages"
            " there." in page
        )
        assert "E-mail first instead" in page
        assert "Inbox in this wallet first instead" not in page

        page = words(send(client, f"{PAGE}/first", page=PAGE, first="email"))
        assert "Saved: E-mail comes first." in page
        assert "usually open" not in page
        assert order_of_channels(database, shop.anna) == (Channel.EMAIL, Channel.INBOX)

    def test_stays_a_guess_when_something_else_is_saved(
        self, client: FlaskClient, database: Database, shop: Shop
    ) -> None:
        shown = ["inbox", "email"]
        assert save(client, channel=shown, undeclared=shown, max_per_week="2") == 303
        assert order_of_channels(database, shop.anna) == ()
        assert save(client, channel=["email", "inbox"], undeclared=shown) == 303
        assert order_of_channels(database, shop.anna) == (Channel.EMAIL, Channel.INBOX)

    @pytest.mark.parametrize("name", ["sms", "pigeon", ""])
    def test_is_not_replaced_by_what_nobody_agreed_to(
        self, client: FlaskClient, database: Database, shop: Shop, name: str
    ) -> None:
        said = words(send(client, f"{PAGE}/first", page=PAGE, first=name))
        assert "Choose a channel to which you agreed." in said
        assert order_of_channels(database, shop.anna) == ()


def order_of_channels(
    database: Database, customer_id: CustomerID
) -> tuple[Channel, ...]:
    with database.transaction() as session:
        return get_profile(session, customer_id=customer_id).preferences.channels


def marketing_of(database: Database, customer_id: CustomerID) -> frozenset[Channel]:
    with database.transaction() as session:
        return get_profile(session, customer_id=customer_id).marketing_channels
