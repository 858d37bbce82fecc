"""Confirming addresses, and the yes that waits for it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import cast

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from loyalty.core.database import Database
from loyalty.core.jobs import NoQueue
from loyalty.core.links import LinkExpired, LinkInvalid
from loyalty.customers.models import CodeRow, ContactRow
from loyalty.customers.queries import get_profile, list_consents
from loyalty.customers.rules import parse_address
from loyalty.customers.rules.confirming import CODE_KEY, code_text, waiting
from loyalty.customers.service.codes import TooManyCodes
from loyalty.customers.service.people import add_contact
from loyalty.customers.values import Channel, ContactID, CustomerID, Speaker
from loyalty.delivery import service as delivery
from loyalty.delivery.models import MessageRow
from loyalty.delivery.queries.messages import inbox
from loyalty.delivery.queries.recipients import people
from loyalty.delivery.render import compose, confirm_token
from loyalty.delivery.service.confirming import send_confirmation
from loyalty.delivery.values import Claimed, DeliveryPolicy, OutgoingMessage
from loyalty.stores.queries import get_programme
from loyalty.stores.service import save_programme
from loyalty.usecases.change_preferences import Wishes, change_preferences
from loyalty.usecases.confirm_address import (
    Confirmed,
    confirm_address,
    confirm_with_code,
)
from tests.factories import NOW, enrol, make_shop, small_vault

POLICY = DeliveryPolicy(providers=frozenset(Channel))
PAGE = Speaker(actor="customer:1", source="page")
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def database(engine: Engine) -> Iterator[Database]:
    with engine.connect() as connection:
        outer = connection.begin()
        opened = Database(cast("Engine", connection), NoQueue(), small_vault())
        with opened.transaction() as session:
            make_shop(session)
            programme = get_programme(session)
            programme = replace(programme, double_opt_in=frozenset({"email", "sms"}))
            save_programme(session, programme=programme, actor="system", now=NOW)
        yield opened
        outer.rollback()


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.transaction() as opened:
        yield opened


def statements(
    session: Session, customer_id: CustomerID, channel: Channel
) -> list[tuple[bool, bool, str]]:
    return [
        (one.asked, one.given, one.source)
        for one in list_consents(session, customer_id=customer_id)
        if one.channel is channel
    ]


def wish(
    session: Session,
    customer_id: CustomerID,
    *channels: Channel,
    now: datetime = NOW,
) -> None:
    profile = get_profile(session, customer_id=customer_id)
    change_preferences(
        session,
        customer_id=customer_id,
        wishes=Wishes(
            language="en",
            channels=profile.preferences.channels,
            windows=(),
            topics=(),
            max_per_week=None,
            pause_until=None,
            personalised=True,
            marketing=frozenset(channels),
        ),
        speaker=PAGE,
        policy=POLICY,
        now=now,
    )


def messages(session: Session, template: str) -> list[MessageRow]:
    rows = select(MessageRow).where(MessageRow.template == template)
    return list(session.scalars(rows.order_by(MessageRow.id)))


def written(session: Session, row: MessageRow) -> OutgoingMessage:
    assert row.channel is not None
    claim = Claimed(
        id=row.id,
        customer_id=row.customer_id,
        kind=row.kind,
        channel=row.channel,
        template=row.template,
        parameters=row.parameters,
        language="en",
        offer_id=None,
        campaign_id=None,
        not_after=row.not_after,
        due_at=row.due_at,
        fence=1,
        handover_key=row.handover_key,
    )
    return compose(
        claim,
        people(session, customer_ids=[row.customer_id])[row.customer_id],
        vault=small_vault(),
        public_url="http://localhost",
        now=NOW,
    )


def token_in(message: OutgoingMessage) -> str:
    return message.text.partition("/v/")[2].split()[0]


def codes(session: Session) -> list[str]:
    key = small_vault().derive(CODE_KEY)
    rows = session.scalars(select(CodeRow).order_by(CodeRow.id))
    return [code_text(key, row.nonce) for row in rows]


class TestAskedAtTheTill:
    def test_counts_once_the_mails_button_was_pressed(self, session: Session) -> None:
        who = enrol(session).profile.id
        assert statements(session, who, Channel.EMAIL) == [(True, False, "till")]
        profile = get_profile(session, customer_id=who)
        assert profile.marketing_channels == {Channel.INBOX}
        [welcome] = messages(session, "welcome")
        mail = written(session, welcome)
        assert mail.address == "ada@example.org"
        assert "Send me offers by e-mail" in mail.text

        done = confirm_address(
            session, token=token_in(mail), now=LATER, machine_now=LATER
        )

        assert done.channel is Channel.EMAIL
        assert done.browser is not None
        assert statements(session, who, Channel.EMAIL) == [
            (True, False, "till"),
            (False, True, "link"),
        ]
        asked, given = list_consents(session, customer_id=who)[1::2]
        assert (given.confirms, given.wording) == (asked.id, asked.wording)
        assert given.at == LATER

    def test_counts_once_the_code_was_said(self, session: Session) -> None:
        who = enrol(session, "+48601234567", policy=POLICY).profile.id
        assert statements(session, who, Channel.SMS) == [(True, False, "till")]
        [row] = messages(session, "confirm")
        assert row.channel is Channel.SMS
        [code] = codes(session)
        assert code in written(session, row).text
        done = confirm_with_code(session, customer_id=who, typed=code, now=LATER)
        assert done == Confirmed(channel=Channel.SMS)
        profile = get_profile(session, customer_id=who)
        assert Channel.SMS in profile.marketing_channels
        assert profile.contacts[0].verified_at == LATER
        again = confirm_with_code(session, customer_id=who, typed=code, now=LATER)
        assert again is None

    def test_confirming_twice_states_it_once(self, session: Session) -> None:
        who = enrol(session).profile.id
        token = token_in(written(session, messages(session, "welcome")[0]))
        for _time in range(2):
            confirm_address(session, token=token, now=LATER, machine_now=LATER)
        assert len(statements(session, who, Channel.EMAIL)) == 2

    def test_what_was_taken_back_is_not_confirmed_by_an_old_link(
        self, session: Session
    ) -> None:
        who = enrol(session).profile.id
        token = token_in(written(session, messages(session, "welcome")[0]))
        wish(session, who)
        done = confirm_address(session, token=token, now=LATER, machine_now=LATER)
        assert done.channel is None
        assert statements(session, who, Channel.EMAIL) == [
            (True, False, "till"),
            (False, False, "page"),
        ]

    def test_waits_a_week_and_reminds_nobody(self, session: Session) -> None:
        who = enrol(session).profile.id
        token = token_in(written(session, messages(session, "welcome")[0]))
        profile = get_profile(session, customer_id=who)
        week = timedelta(days=7)
        just = NOW + week - timedelta(seconds=1)
        assert waiting(profile, now=just) == {Channel.EMAIL}
        assert waiting(profile, now=NOW + week) == frozenset()
        with pytest.raises(LinkExpired):
            confirm_address(session, token=token, now=NOW + week, machine_now=NOW)
        assert len(statements(session, who, Channel.EMAIL)) == 1
        assert len(messages(session, "welcome") + messages(session, "confirm")) == 1


class TestAskedOnThePage:
    def test_sends_one_message_and_asks_once(self, session: Session) -> None:
        who = enrol(session, agrees=False).profile.id
        for _time in range(2):
            wish(session, who, Channel.EMAIL)
        assert statements(session, who, Channel.EMAIL) == [(True, False, "page")]
        [row] = messages(session, "confirm")
        mail = written(session, row)
        assert codes(session)[0] in mail.text
        confirm_address(session, token=token_in(mail), now=LATER, machine_now=LATER)
        wish(session, who, Channel.EMAIL)
        profile = get_profile(session, customer_id=who)
        assert profile.marketing_channels == {Channel.EMAIL}
        assert len(statements(session, who, Channel.EMAIL)) == 2

    def test_a_fourth_message_in_a_day_is_refused(self, session: Session) -> None:
        who = enrol(session, agrees=False).profile.id
        for _time in range(3):
            wish(session, who, Channel.EMAIL)
            wish(session, who)
        before = list_consents(session, customer_id=who)
        with pytest.raises(TooManyCodes), session.begin_nested():
            wish(session, who, Channel.EMAIL)
        assert list_consents(session, customer_id=who) == before
        wish(session, who, Channel.EMAIL, now=NOW + timedelta(days=1))
        assert len(messages(session, "confirm")) == 4

    def test_an_inbox_needs_no_confirmation(self, session: Session) -> None:
        who = enrol(session, agrees=False).profile.id
        wish(session, who, Channel.INBOX)
        assert statements(session, who, Channel.INBOX) == [(False, True, "page")]


class TestTheMessage:
    def test_goes_to_the_address_that_it_proves_and_no_other(
        self, session: Session
    ) -> None:
        who = enrol(session).profile.id
        token = token_in(written(session, messages(session, "welcome")[0]))
        confirm_address(session, token=token, now=LATER, machine_now=LATER)
        new = parse_address("new@example.org", region="PL")
        contact = add_contact(session, customer_id=who, address=new, now=NOW)
        profile = get_profile(session, customer_id=who)
        send_confirmation(
            session,
            profile=profile,
            contact=profile.contacts[1],
            policy=POLICY,
            now=NOW,
        )
        [row] = messages(session, "confirm")
        mail = written(session, row)
        assert mail.address == "new@example.org"
        confirm_address(session, token=token_in(mail), now=LATER, machine_now=LATER)
        assert session.get_one(ContactRow, contact).verified_at == LATER

    def test_waits_for_its_channel_rather_than_go_by_another(
        self, session: Session
    ) -> None:
        enrol(session, "+48601234567", policy=POLICY)
        [row] = messages(session, "confirm")
        claims = delivery.claim_due(
            session,
            channel=Channel.SMS,
            at_most=10,
            worker="one",
            now=LATER,
            machine_now=LATER,
        )
        without = DeliveryPolicy(providers=frozenset({Channel.EMAIL, Channel.INBOX}))
        assert delivery.prepare(session, claims=claims, policy=without, now=LATER) == ()
        session.refresh(row)
        assert (row.state, row.channel) == ("suppressed", Channel.SMS)

    def test_shows_no_code_to_who_reads_it_in_the_wallet(
        self, session: Session
    ) -> None:
        who = enrol(session, "+48601234567", policy=POLICY).profile.id
        [row] = messages(session, "confirm")
        row.state = row.state.SENT
        session.flush()
        [item] = inbox(
            session, customer_id=who, language="en", zone="UTC", now=LATER
        ).items
        shown = " ".join((*item.letter.paragraphs, *item.letter.small_print))
        assert codes(session)[0] not in shown
        assert item.letter.url is None


class TestCodes:
    def test_die_after_five_wrong_guesses(self, session: Session) -> None:
        who = enrol(session, "+48601234567", policy=POLICY).profile.id
        [code] = codes(session)
        wrong = f"{(int(code) + 1) % 10**6:06}"
        for _time in range(5):
            guess = confirm_with_code(session, customer_id=who, typed=wrong, now=LATER)
            assert guess is None
        assert (
            confirm_with_code(session, customer_id=who, typed=code, now=LATER) is None
        )
        profile = get_profile(session, customer_id=who)
        assert profile.contacts[0].verified_at is None

    def test_of_somebody_else_confirm_nothing(self, session: Session) -> None:
        enrol(session, "+48601234567", policy=POLICY)
        other = enrol(session, "+48601234568", policy=POLICY).profile.id
        first, _second = codes(session)
        done = confirm_with_code(session, customer_id=other, typed=first, now=LATER)
        assert done is None
        profile = get_profile(session, customer_id=other)
        assert profile.contacts[0].verified_at is None

    def test_end_after_a_day(self, session: Session) -> None:
        who = enrol(session, "+48601234567", policy=POLICY).profile.id
        [code] = codes(session)
        late = NOW + timedelta(days=1)
        assert confirm_with_code(session, customer_id=who, typed=code, now=late) is None


class TestForgedLinks:
    def test_of_another_customers_address_confirm_nothing(
        self, session: Session
    ) -> None:
        ada = enrol(session)
        eve = enrol(session, "eve@example.org")
        theirs = ada.profile.contacts[0].id
        token = confirm_token(
            small_vault(),
            customer_id=eve.profile.id,
            contact_id=ContactID(theirs),
            now=NOW,
        )
        with pytest.raises(LinkInvalid):
            confirm_address(session, token=token, now=LATER, machine_now=LATER)

    def test_of_another_customers_statement_give_none(self, session: Session) -> None:
        ada = enrol(session)
        eve = enrol(session, "eve@example.org")
        theirs = list_consents(session, customer_id=ada.profile.id)[1].id
        token = confirm_token(
            small_vault(),
            customer_id=eve.profile.id,
            contact_id=eve.profile.contacts[0].id,
            statement=theirs,
            now=NOW,
        )
        done = confirm_address(session, token=token, now=LATER, machine_now=LATER)
        assert done.channel is None
        assert len(statements(session, ada.profile.id, Channel.EMAIL)) == 1
