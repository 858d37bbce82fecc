"""A template mailed to oneself: marked, and no message to anybody."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import func, select

from jobs.channels.base import Channel, Sender
from jobs.context import WorkerContext, worker
from jobs.tasks.template_tests import send_template_test
from loyalty.core.clock import machine_now
from loyalty.core.database import Database
from loyalty.customers.values import Channel as ChannelName
from loyalty.delivery.models import MessageRow
from loyalty.delivery.values import OutgoingMessage
from loyalty.staff.service import members
from loyalty.staff.values import Post, Role
from loyalty.templates.render import starting_words
from loyalty.templates.service import create_template
from loyalty.templates.values import TemplatePurpose
from tests.factories import NOW, small_vault


class Remembering(Channel, Sender):
    """A channel that takes everything and keeps it."""

    provider = "remembering"

    def __init__(self) -> None:
        self.sent: list[OutgoingMessage] = []

    @contextmanager
    def open(self) -> Iterator[Sender]:
        yield self

    def send(self, message: OutgoingMessage) -> None:
        self.sent.append(message)


class TestATest:
    def test_goes_to_who_asked_and_is_no_message(
        self, database: Database, tmp_path: Path
    ) -> None:
        with database.transaction() as session:
            member = members.add_member(
                session,
                name="Mara",
                email="mara@example.org",
                posts=[Post(role=Role.MARKETER)],
                actor="system",
                now=machine_now(),
            )
            create_template(
                session,
                code="spring",
                name="Spring",
                purpose=TemplatePurpose.OFFER,
                texts={"en": starting_words(TemplatePurpose.OFFER, "en")},
                actor="staff:1",
                now=NOW,
            )
        channel = Remembering()
        token = worker.set(
            WorkerContext(
                name="test",
                database=database,
                vault=small_vault(),
                channels={ChannelName.EMAIL: channel},
                public_url="http://localhost",
                data_dir=tmp_path,
            )
        )
        try:
            send_template_test(
                code="spring", number=1, language="en", staff_id=member.id
            )
        finally:
            worker.reset(token)
        [mail] = channel.sent
        assert mail.address == "mara@example.org"
        assert mail.subject.startswith("[Test] ")
        assert mail.unsubscribe_url is None
        assert "You get 20% off coffee." in mail.text
        with database.transaction() as session:
            assert session.scalar(select(func.count()).select_from(MessageRow)) == 0
