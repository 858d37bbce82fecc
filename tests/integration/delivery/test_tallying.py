"""What happened, counted from the events of a real database."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from loyalty.core.database import Database
from loyalty.delivery import service as delivery
from loyalty.delivery.models import MessageEventRow, MessageRow, TallyRow
from loyalty.delivery.queries.monitor import verify
from loyalty.delivery.queries.tallies import (
    counted_until,
    happened,
    last_books,
    lateness,
    over_time,
)
from loyalty.delivery.values import MessageState, Reason, ReceiptEvent, TallySpan
from tests.integration.delivery.shop import NOON, POLICY, add_members, marketing

MINUTE = timedelta(minutes=1)


def count(session: Session, *, now: datetime) -> None:
    while delivery.tally(session, now=now):
        pass


def figures(session: Session, since: datetime | None = None) -> dict[str, int]:
    """Return what happened how often, on all channels."""
    found: dict[str, int] = {}
    for one in happened(session, since=since):
        found[one.what] = found.get(one.what, 0) + one.count
    return found


def add_event(
    session: Session,
    at: datetime,
    state: MessageState = MessageState.SENT,
    *,
    receipt: ReceiptEvent | None = None,
    reason: Reason | None = None,
) -> None:
    """Let something happen to the first message there is."""
    row = session.scalars(select(MessageRow).order_by(MessageRow.id).limit(1)).one()
    provider = "smtp" if state is MessageState.SENT else None
    session.execute(
        insert(MessageEventRow).values(
            message_id=row.id,
            customer_id=row.customer_id,
            at=at,
            state=state,
            reason=reason,
            receipt=receipt,
            details={"provider": provider} if provider else {},
        )
    )


def plan(session: Session, members: int = 1) -> Sequence[MessageRow]:
    ids = add_members(session, members)
    messages = [marketing(one) for one in ids]
    delivery.plan_messages(session, messages=messages, policy=POLICY, now=NOON)
    return session.scalars(select(MessageRow).order_by(MessageRow.id)).all()


class TestTally:
    def test_counts_by_channel_provider_state_and_reason(
        self, database: Database
    ) -> None:
        with database.transaction() as session:
            due = plan(session, 2)[0].due_at
            sent = due + timedelta(seconds=40)
            add_event(session, sent, MessageState.SENDING)
            add_event(session, sent)
            add_event(session, sent, MessageState.FAILED, reason=Reason.PERMANENT)

            count(session, now=sent + MINUTE)

            found = [
                (one.channel, one.provider, one.what, one.reason, one.count)
                for one in happened(session)
            ]
        assert found == [
            ("email", "", "failed", "permanent", 1),
            ("email", "", "planned", "", 2),
            ("email", "", "sending", "", 1),
            ("email", "smtp", "sent", "", 1),
        ]

    def test_counts_a_receipt_as_itself_and_not_as_sent_once_more(
        self, database: Database
    ) -> None:
        with database.transaction() as session:
            plan(session)
            add_event(session, NOON)
            for told in (ReceiptEvent.OPENED, ReceiptEvent.CLICKED):
                add_event(session, NOON, receipt=told)

            count(session, now=NOON + MINUTE)

            assert figures(session) == {
                "clicked": 1,
                "opened": 1,
                "planned": 1,
                "sent": 1,
            }

    def test_counts_twice_what_stays_the_same(self, database: Database) -> None:
        with database.transaction() as session:
            plan(session)
            add_event(session, NOON)
            count(session, now=NOON + 2 * MINUTE)
            before = session.execute(select(TallyRow.starts_at, TallyRow.count)).all()

            count(session, now=NOON + 2 * MINUTE)

            after = session.execute(select(TallyRow.starts_at, TallyRow.count)).all()
        assert after == before

    def test_finds_what_was_committed_late(self, database: Database) -> None:
        with database.transaction() as session:
            plan(session)
            count(session, now=NOON + 2 * MINUTE)
            add_event(session, NOON + MINUTE)

            count(session, now=NOON + 3 * MINUTE)

            assert figures(session)["sent"] == 1

    def test_finds_at_the_hour_what_was_committed_much_later(
        self, database: Database
    ) -> None:
        with database.transaction() as session:
            plan(session)
            count(session, now=NOON + timedelta(hours=1))
            add_event(session, NOON + MINUTE)
            count(session, now=NOON + timedelta(hours=2))
            missed = figures(session)

            count(session, now=NOON + timedelta(hours=8))

            found = figures(session)
            told = select(TallyRow.span).where(TallyRow.what != "")
            spans = set(session.scalars(told))
        assert "sent" not in missed
        assert found["sent"] == 1
        assert spans == {TallySpan.HOUR}

    def test_keeps_days_of_what_is_old_and_loses_nothing(
        self, database: Database
    ) -> None:
        with database.transaction() as session:
            plan(session)
            for day in range(40):
                add_event(session, NOON + timedelta(days=day))

            count(session, now=NOON + timedelta(days=41))

            assert figures(session) == {"planned": 1, "sent": 40}
            spans = session.execute(
                select(TallyRow.span, TallyRow.starts_at).where(TallyRow.what != "")
            ).all()
        days = {starts for span, starts in spans if span is TallySpan.DAY}
        hours = {starts for span, starts in spans if span is TallySpan.HOUR}
        assert len(days) + len(hours) == 40
        assert max(days) < min(hours)
        assert all((one.hour, one.minute) == (0, 0) for one in days)

    def test_does_not_count_quiet_days_again_and_again(
        self, database: Database
    ) -> None:
        with database.transaction() as session:
            plan(session)
            now = NOON + timedelta(days=100)
            turns = 0
            while delivery.tally(session, now=now):
                turns += 1

            assert turns == 51
            assert not delivery.tally(session, now=now)

    def test_leaves_it_to_somebody_else_who_counts(
        self, shared_database: Database
    ) -> None:
        with shared_database.transaction() as session:
            plan(session)
        with shared_database.transaction() as first:
            delivery.tally(first, now=NOON + MINUTE)
            with shared_database.transaction() as second:
                again = delivery.tally(second, now=NOON + MINUTE)

        assert again is False

    def test_tells_how_late_messages_went_out(self, database: Database) -> None:
        with database.transaction() as session:
            due = plan(session)[0].due_at
            for late in (0.5, 10, 100, 100_000):
                add_event(session, due + timedelta(seconds=late))

            count(session, now=due + timedelta(days=3))

            found = lateness(session)
        assert [(one.channel, one.provider) for one in found] == [("email", "smtp")]
        assert found[0].count == 4
        assert found[0].seconds == pytest.approx(100_110.5)
        assert dict(found[0].within) == {
            1: 1,
            5: 1,
            15: 2,
            60: 2,
            300: 3,
            1800: 3,
            7200: 3,
            86_400: 3,
        }


class TestOverTime:
    def test_gives_each_step_the_quiet_ones_too(self, database: Database) -> None:
        with database.transaction() as session:
            plan(session)
            for minutes in (0, 0, 7):
                add_event(session, NOON + minutes * MINUTE)
            count(session, now=NOON + 20 * MINUTE)

            found = over_time(
                session, since=NOON, until=NOON + 15 * MINUTE, step=5 * MINUTE
            )

            assert counted_until(session) == NOON + 20 * MINUTE
        assert found == [
            (NOON, {"planned": 1, "sent": 2}),
            (NOON + 5 * MINUTE, {"sent": 1}),
            (NOON + 10 * MINUTE, {}),
        ]


class TestNoteBooks:
    def test_keeps_the_last_check(self, database: Database) -> None:
        with database.transaction() as session:
            assert last_books(session) is None
            plan(session, 3)
            for now in (NOON, NOON + MINUTE):
                delivery.note_books(session, books=verify(session), now=now)

            found = last_books(session)
        assert found is not None
        assert found.at == NOON + MINUTE
        assert found.books.balanced
        assert found.books.by_state == {MessageState.PLANNED: 3}
        assert found.books.planned == 3
