"""Bounces, complaints and other receipts: what they do to message, address, consent."""

import asyncio
import smtplib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from queue import Queue

import pytest
from sqlalchemy import select, update

from jobs.returns import Returns, listen, take_mail
from loyalty.core.audit import AuditEntry
from loyalty.core.database import Database
from loyalty.core.errors import Invalid
from loyalty.customers.models import ConsentRow, ContactRow
from loyalty.customers.queries import get_profile
from loyalty.customers.service.suppression import ContactNotFound, restore
from loyalty.customers.values import Channel, Contact, CustomerID
from loyalty.delivery import service as delivery
from loyalty.delivery.models import MessageRow
from loyalty.delivery.queries.habits import reading_hours
from loyalty.delivery.values import MessageState, ProviderReceipt, ReceiptEvent
from loyalty.usecases.take_receipt import take_receipt
from tests.integration.delivery.shop import NOON, POLICY, add_members, marketing
from tests.unit.loyalty.delivery.rules.test_reports import COMPLAINT, KEY, POSTFIX, crlf

BASE = "bounces@example.org"
ADA = "member1@example.org"


def sent(database: Database, count: int = 1) -> list[str]:
    """Send so many messages to member 1, and return their keys."""
    with database.transaction() as session:
        [member] = add_members(session, 1)
        delivery.plan_messages(
            session,
            messages=[marketing(member, occasion=str(n)) for n in range(count)],
            policy=POLICY,
            now=NOON,
        )
        session.execute(
            update(MessageRow).values(
                state=MessageState.SENT, attempts=1, channel=Channel.EMAIL
            )
        )
        keys = select(MessageRow.handover_key).order_by(MessageRow.id)
        return list(session.scalars(keys))


def report(text: str, key: str, address: str = ADA) -> bytes:
    return crlf(text.replace(KEY, key).replace("ada@example.org", address))


def contact(database: Database) -> Contact:
    with database.transaction() as session:
        return get_profile(session, customer_id=CustomerID(1)).contacts[0]


def states(database: Database) -> list[MessageState]:
    with database.transaction() as session:
        return list(session.scalars(select(MessageRow.state).order_by(MessageRow.id)))


def consents(database: Database) -> list[tuple[bool, str]]:
    with database.transaction() as session:
        rows = session.scalars(select(ConsentRow).order_by(ConsentRow.id))
        return [(row.given, row.source) for row in rows]


class TestAHardBounce:
    def test_ends_the_use_of_the_address_once(self, database: Database) -> None:
        [key] = sent(database)
        data = report(POSTFIX, key)
        said = take_mail(
            database, data, base=BASE, recipients=[f"bounces+{key}@example.org"]
        )
        assert said == "taken"
        first = contact(database)
        assert states(database) == [MessageState.BOUNCED]
        assert first.suppressed_why == "bounced"
        assert consents(database) == [(True, "till")]
        take_mail(database, data, base=BASE, recipients=[])
        assert contact(database) == first

    def test_of_an_address_they_do_not_have_blames_the_one_they_have(
        self, database: Database
    ) -> None:
        """They forward their mail, or the server wrote the address another way."""
        [key] = sent(database)
        data = report(POSTFIX, key, "elsewhere@example.net")
        take_mail(database, data, base=BASE, recipients=[])
        assert contact(database).suppressed_why == "bounced"

    def test_does_not_touch_an_address_that_came_later(
        self, database: Database
    ) -> None:
        [key] = sent(database)
        with database.transaction() as session:
            later = NOON + timedelta(days=1)
            session.execute(update(ContactRow).values(added_at=later))
        take_mail(
            database, report(POSTFIX, key, "old@example.org"), base=BASE, recipients=[]
        )
        assert states(database) == [MessageState.BOUNCED]
        assert contact(database).suppressed_at is None

    def test_of_no_message_of_ours_changes_nothing(self, database: Database) -> None:
        sent(database)
        said = take_mail(database, report(POSTFIX, "0" * 32), base=BASE, recipients=[])
        assert said == "unknown"
        assert states(database) == [MessageState.SENT]
        assert contact(database).suppressed_at is None

    def test_is_known_by_where_it_arrives_rather_than_by_what_it_quotes(
        self, database: Database
    ) -> None:
        first, second = sent(database, 2)
        take_mail(
            database,
            report(POSTFIX, first),
            base=BASE,
            recipients=[f"bounces+{second}@example.org"],
        )
        assert states(database) == [MessageState.SENT, MessageState.BOUNCED]


class TestSoftBounces:
    def soft(self, database: Database, key: str, days: int) -> None:
        now = NOON + timedelta(days=days)
        receipt = ProviderReceipt(
            provider="smtp", handover_key=key, event=ReceiptEvent.BOUNCED, at=now
        )
        with database.transaction() as session:
            take_receipt(session, receipt=receipt, now=now)

    def test_end_the_use_of_an_address_at_the_third_message(
        self, database: Database
    ) -> None:
        keys = sent(database, 3)
        for day, key in enumerate([keys[0], keys[0], keys[1]]):
            self.soft(database, key, day)
        assert contact(database).suppressed_at is None
        self.soft(database, keys[2], 4)
        assert contact(database).suppressed_why == "soft_bounces"

    def test_long_ago_are_forgotten(self, database: Database) -> None:
        keys = sent(database, 3)
        for day, key in zip((0, 1, 31), keys, strict=True):
            self.soft(database, key, day)
        assert contact(database).suppressed_at is None

    def test_before_something_arrived_are_forgotten(self, database: Database) -> None:
        keys = sent(database, 4)
        self.soft(database, keys[0], 0)
        self.soft(database, keys[1], 1)
        receipt = ProviderReceipt(
            provider="smtp", handover_key=keys[2], event=ReceiptEvent.OPENED, at=NOON
        )
        with database.transaction() as session:
            take_receipt(session, receipt=receipt, now=NOON)
        self.soft(database, keys[3], 2)
        assert contact(database).suppressed_at is None


class TestAComplaint:
    def test_ends_the_address_and_withdraws_the_consent(
        self, database: Database
    ) -> None:
        [key] = sent(database)
        for _time in range(2):
            take_mail(database, report(COMPLAINT, key), base=BASE, recipients=[])
        assert states(database) == [MessageState.COMPLAINED]
        assert contact(database).suppressed_why == "complained"
        assert consents(database) == [(True, "till"), (False, "complaint")]


class TestReadingHours:
    def test_count_each_message_once_on_the_customers_clock(
        self, database: Database
    ) -> None:
        [key] = sent(database)
        for minute, event in enumerate((ReceiptEvent.OPENED, ReceiptEvent.CLICKED)):
            at = NOON + timedelta(minutes=minute)
            receipt = ProviderReceipt(
                provider="smtp", handover_key=key, event=event, at=at
            )
            with database.transaction() as session:
                take_receipt(session, receipt=receipt, now=at)
        with database.transaction() as session:
            [week] = reading_hours(session, since=NOON - timedelta(days=1)).values()
        assert {place: n for place, n in enumerate(week) if n} == {24 + 12: 1}


class TestRestoring:
    def test_needs_a_reason_and_is_audited(self, database: Database) -> None:
        [key] = sent(database)
        take_mail(database, report(COMPLAINT, key), base=BASE, recipients=[])
        before = contact(database)
        with database.transaction() as session, pytest.raises(Invalid):
            restore(
                session,
                customer_id=CustomerID(1),
                contact_id=before.id,
                reason=" ",
                actor="staff:1",
                now=NOON,
            )
        assert contact(database) == before
        with database.transaction() as session:
            restore(
                session,
                customer_id=CustomerID(1),
                contact_id=before.id,
                reason="It was a full mailbox",
                actor="staff:1",
                now=NOON,
            )
        assert contact(database).suppressed_at is None
        assert consents(database)[-1] == (False, "complaint")
        with database.transaction() as session:
            rows = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
            assert [row.action for row in rows] == [
                "contact.suppress",
                "contact.restore",
            ]
            assert rows[1].after == {
                "contact": before.id,
                "reason": "It was a full mailbox",
            }

    def test_refuses_an_address_of_somebody_else(self, database: Database) -> None:
        [key] = sent(database)
        with database.transaction() as session:
            add_members(session, 1, first=2)
        take_mail(database, report(POSTFIX, key), base=BASE, recipients=[])
        before = contact(database)
        with database.transaction() as session, pytest.raises(ContactNotFound):
            restore(
                session,
                customer_id=CustomerID(2),
                contact_id=before.id,
                reason="it is mine",
                actor="staff:1",
                now=NOON,
            )
        assert contact(database) == before


@contextmanager
def listening(database: Database) -> Iterator[int]:
    ports: Queue[int] = Queue()
    running: list[tuple[asyncio.AbstractEventLoop, asyncio.Task[None]]] = []

    async def run() -> None:
        returns = Returns(database, BASE, ["complaints@example.org"])
        task = asyncio.create_task(
            listen(returns, host="127.0.0.1", port=0, ready=ports.put)
        )
        running.append((asyncio.get_running_loop(), task))
        await asyncio.wait([task])

    thread = threading.Thread(target=asyncio.run, args=(run(),))
    thread.start()
    yield ports.get(timeout=10)
    loop, task = running[0]
    loop.call_soon_threadsafe(task.cancel)
    thread.join()


class TestListening:
    def test_takes_what_comes_back_and_nothing_else(
        self, shared_database: Database
    ) -> None:
        [key] = sent(shared_database)
        with (
            listening(shared_database) as port,
            smtplib.SMTP("127.0.0.1", port) as smtp,
        ):
            data = report(POSTFIX, key)
            to = f"bounces+{key}@example.org"
            assert smtp.sendmail("", [to], data) == {}
            with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
                smtp.sendmail("", ["ada@example.org"], data)
            assert refused.value.recipients["ada@example.org"][0] == 550
            with pytest.raises(smtplib.SMTPException):
                smtp.sendmail("", [to], b"x" * 600_000)
        assert states(shared_database) == [MessageState.BOUNCED]
        assert contact(shared_database).suppressed_why == "bounced"

    def test_asks_for_it_again_while_the_database_is_away(
        self, shared_database: Database
    ) -> None:
        [key] = sent(shared_database)
        away = Database(shared_database.engine, None, None)  # type: ignore[arg-type]  # broken on purpose
        with listening(away) as port, smtplib.SMTP("127.0.0.1", port) as smtp:
            with pytest.raises(smtplib.SMTPDataError) as later:
                smtp.sendmail("", ["complaints@example.org"], report(COMPLAINT, key))
            assert later.value.smtp_code == 451
        assert states(shared_database) == [MessageState.SENT]
