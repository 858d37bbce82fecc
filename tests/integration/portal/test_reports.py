"""What providers report back: proved, taken once, and effective at once."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text, update

from loyalty.core.clock import utc_now
from loyalty.core.database import Database
from loyalty.customers.models import ConsentRow, InboundRow
from loyalty.customers.queries import get_profile
from loyalty.customers.rules import parse_address
from loyalty.customers.rules.stopping import means
from loyalty.customers.service.consents import state_consent
from loyalty.customers.service.people import add_contact, verify_contact
from loyalty.customers.values import Channel, Consent, ContactKind, Purpose
from loyalty.delivery.models import MessageRow
from loyalty.delivery.values import MessageState
from loyalty.usecases.connect_messenger import chat_link
from tests.integration.portal.providers import (
    TELEGRAM,
    by_event,
    by_sms,
    by_telegram,
)
from tests.integration.till.shop import Shop

PHONE = "+48601234567"


@pytest.fixture
def key(database: Database, shop: Shop) -> str:
    """Send a text message to Anna, who wants offers there; return its key."""
    with database.transaction() as session:
        number = parse_address(PHONE, region="PL")
        now = utc_now()
        contact = add_contact(session, customer_id=shop.anna, address=number, now=now)
        verify_contact(session, contact_id=contact, now=now)
        yes = Consent(
            purpose=Purpose.MARKETING,
            channel=Channel.SMS,
            given=True,
            wording="yes",
            wording_version="1",
            source="page",
            actor="customer:1",
            at=now,
        )
        state_consent(session, customer_id=shop.anna, consent=yes)
        session.execute(
            update(MessageRow).values(
                state=MessageState.SENT,
                channel=Channel.SMS,
                attempts=1,
                planned_at=utc_now(),
            )
        )
        return session.scalars(select(MessageRow.handover_key)).one()


def state(database: Database) -> MessageState:
    with database.transaction() as session:
        return session.scalars(select(MessageRow.state)).one()


def suppressed(database: Database, shop: Shop, kind: ContactKind) -> str | None:
    with database.transaction() as session:
        contact = get_profile(session, customer_id=shop.anna).contact(kind)
        return None if contact is None else contact.suppressed_why


def wants_texts(database: Database, shop: Shop) -> bool:
    with database.transaction() as session:
        profile = get_profile(session, customer_id=shop.anna)
        return Channel.SMS in profile.marketing_channels


def everything(database: Database) -> list[object]:
    with database.transaction() as session:
        counts = "select (select count(*) from {}), (select count(*) from {})"
        tables = [ConsentRow.__tablename__, InboundRow.__tablename__]
        numbers = session.execute(text(counts.format(*tables))).one()
        return [*numbers, session.scalars(select(MessageRow.state)).one()]


class TestReportsOfTextMessages:
    def test_move_the_message_on(
        self, stranger: FlaskClient, database: Database, key: str
    ) -> None:
        path = f"/reports/sms/{key}"
        for status in ("sent", "delivered", "delivered", "sent"):
            answer = by_sms(stranger, path, MessageStatus=status, To=PHONE)
            assert answer.status_code == 204
        assert state(database) is MessageState.DELIVERED

    def test_spare_a_number_that_does_not_exist(
        self, stranger: FlaskClient, database: Database, shop: Shop, key: str
    ) -> None:
        by_sms(
            stranger,
            f"/reports/sms/{key}",
            MessageStatus="undelivered",
            ErrorCode="30005",
            To=PHONE,
        )
        assert state(database) is MessageState.BOUNCED
        assert suppressed(database, shop, ContactKind.PHONE) == "bounced"
        assert suppressed(database, shop, ContactKind.EMAIL) is None

    @pytest.mark.parametrize("signature", [None, "", "bm8=", "ключ"])
    def test_that_are_not_signed_change_nothing(
        self,
        stranger: FlaskClient,
        database: Database,
        key: str,
        signature: str | None,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        before = everything(database)
        headers = {} if signature is None else {"X-Twilio-Signature": signature}
        for path, form in (
            (f"/reports/sms/{key}", {"MessageStatus": "delivered"}),
            ("/reports/sms", {"Body": "STOP", "From": PHONE, "MessageSid": "1"}),
        ):
            answer = stranger.post(path, data=form, headers=headers)
            assert answer.status_code == 403
        assert everything(database) == before
        assert "is not signed" in caplog.text
        assert PHONE not in caplog.text


class TestStopByText:
    def test_ends_offers_there_and_start_begins_them_again(
        self, stranger: FlaskClient, database: Database, shop: Shop, key: str
    ) -> None:
        assert key
        for sid, body, wanted in (
            ("1", " Stop. ", False),
            ("2", "START", True),
            ("1", " Stop. ", True),  # an old one, sent again by somebody
            ("3", "СТОП", False),
        ):
            answer = by_sms(
                stranger, "/reports/sms", Body=body, From=PHONE, MessageSid=sid
            )
            assert answer.status_code == 204
            assert wants_texts(database, shop) is wanted
        with database.transaction() as session:
            rows = session.scalars(select(ConsentRow).order_by(ConsentRow.id)).all()
            assert [row.source for row in rows[-3:]] == ["sms"] * 3

    def test_start_gives_nothing_that_was_not_given(
        self, stranger: FlaskClient, database: Database, shop: Shop, key: str
    ) -> None:
        """Neither to who never agreed nor to who said no somewhere else."""
        assert key
        with database.transaction() as session:
            no = Consent(
                purpose=Purpose.MARKETING,
                channel=Channel.SMS,
                given=False,
                wording="no",
                wording_version="1",
                source="page",
                actor="customer:1",
                at=utc_now(),
            )
            state_consent(session, customer_id=shop.anna, consent=no)
        by_sms(stranger, "/reports/sms", Body="START", From=PHONE, MessageSid="1")
        assert not wants_texts(database, shop)

    def test_of_a_number_that_nobody_has_changes_nothing(
        self, stranger: FlaskClient, database: Database, key: str
    ) -> None:
        assert key
        before = everything(database)
        for number in ("+48601234568", "nonsense", ""):
            answer = by_sms(
                stranger, "/reports/sms", Body="STOP", From=number, MessageSid="1"
            )
            assert answer.status_code == 204
        assert everything(database) == before

    @pytest.mark.parametrize(
        ("words", "meaning"),
        [
            ("stop", False),
            ("STOP!", False),
            ("Koniec", False),
            ("Rezygnuję", False),
            ("отписка", False),
            ("Odjava", False),
            ("لغو", False),
            ("start", True),
            ("Wznów", True),
            ("старт", True),
            ("začni", True),
            ("شروع", True),
            ("please stop", None),
            ("stop it", None),
            ("", None),
            ("👍", None),
        ],
    )
    def test_is_a_word_in_any_of_the_languages(
        self, words: str, *, meaning: bool | None
    ) -> None:
        assert means(words) is meaning


class TestTelegram:
    def connect(self, client: FlaskClient, link: str, number: int, chat: int) -> None:
        token = link.partition("?start=")[2]
        assert len(token) <= 64
        by_telegram(
            client,
            update_id=number,
            message={
                "chat": {"id": chat, "type": "private"},
                "text": f"/start {token}",
            },
        )

    def test_is_connected_blocked_and_unblocked_by_the_customer(
        self, stranger: FlaskClient, database: Database, shop: Shop
    ) -> None:
        with database.transaction() as session:
            link = chat_link(
                session, bot="shopbot", customer_id=shop.anna, now=utc_now()
            )
        self.connect(stranger, link, 1, 77)
        with database.transaction() as session:
            profile = get_profile(session, customer_id=shop.anna)
            contact = profile.contact(ContactKind.TELEGRAM)
            assert contact is not None
            assert contact.value == "77"
            assert contact.verified_at is not None
            assert Channel.TELEGRAM not in profile.marketing_channels
        for number, status, why in (
            (2, "kicked", "blocked"),
            (3, "member", None),
            (2, "kicked", None),  # again: it was heard before
        ):
            by_telegram(
                stranger,
                update_id=number,
                my_chat_member={
                    "chat": {"id": 77},
                    "new_chat_member": {"status": status},
                },
            )
            assert suppressed(database, shop, ContactKind.TELEGRAM) == why

    @pytest.mark.parametrize(
        "update",
        [
            [],
            {},
            {"update_id": "1"},
            {"update_id": 1, "message": "x"},
            {"update_id": 1, "message": {"text": "/start x", "chat": None}},
            {
                "update_id": 1,
                "message": {
                    "text": "/start made-up",
                    "chat": {"id": 1, "type": "private"},
                },
            },
            {"update_id": 1, "my_chat_member": {"chat": {"id": 1}}},
        ],
    )
    def test_that_says_nothing_of_use_connects_nobody(
        self, stranger: FlaskClient, database: Database, shop: Shop, update: object
    ) -> None:
        answer = stranger.post(
            "/reports/telegram",
            json=update,
            headers={"X-Telegram-Bot-Api-Secret-Token": TELEGRAM},
        )
        assert answer.status_code == 204
        with database.transaction() as session:
            profile = get_profile(session, customer_id=shop.anna)
            assert profile.contact(ContactKind.TELEGRAM) is None

    def test_without_its_token_is_not_believed(
        self, stranger: FlaskClient, database: Database, shop: Shop
    ) -> None:
        with database.transaction() as session:
            link = chat_link(
                session, bot="shopbot", customer_id=shop.anna, now=utc_now()
            )
        message = {
            "chat": {"id": 7, "type": "private"},
            "text": f"/start {link.partition('?start=')[2]}",
        }
        answer = stranger.post(
            "/reports/telegram",
            json={"update_id": 1, "message": message},
            headers={"X-Telegram-Bot-Api-Secret-Token": TELEGRAM[:-1] + "x"},
        )
        assert answer.status_code == 403
        with database.transaction() as session:
            profile = get_profile(session, customer_id=shop.anna)
            assert profile.contact(ContactKind.TELEGRAM) is None


class TestSignedEvents:
    def test_move_the_message_on_once(
        self, stranger: FlaskClient, database: Database, shop: Shop, key: str
    ) -> None:
        for _time in range(2):
            answer = by_event(
                stranger, "evt_1", message=key, event="bounced", hard=True, more="x"
            )
            assert answer.status_code == 204
        assert state(database) is MessageState.BOUNCED
        assert suppressed(database, shop, ContactKind.PHONE) == "bounced"

    def test_that_are_nonsense_name_the_field(
        self, stranger: FlaskClient, database: Database, key: str
    ) -> None:
        before = everything(database)
        for event in (
            {"message": key},
            {"event": "bounced"},
            {"message": key, "event": "eaten"},
            {"message": "x" * 65, "event": "bounced"},
            {"message": key, "event": "bounced", "at": "yesterday"},
        ):
            assert by_event(stranger, "evt_2", **event).status_code == 422
        unknown = by_event(stranger, "evt_3", message="0" * 32, event="bounced")
        assert unknown.status_code == 404
        assert everything(database) == before

    def test_that_are_old_or_not_signed_change_nothing(
        self, stranger: FlaskClient, database: Database, key: str
    ) -> None:
        before = everything(database)
        body = {"message": key, "event": "complained"}
        for headers in (
            {},
            {
                "webhook-id": "1",
                "webhook-timestamp": "1",
                "webhook-signature": "v1,bm8=",
            },
            {"webhook-id": "1", "webhook-timestamp": "x", "webhook-signature": ""},
        ):
            answer = stranger.post("/reports/events", json=body, headers=headers)
            assert answer.status_code == 403
        assert everything(database) == before
