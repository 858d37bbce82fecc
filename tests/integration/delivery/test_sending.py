"""From due to sent, on a real database: claims, checks, results, crashes."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from loyalty.core.database import Database
from loyalty.customers.models import ConsentRow, ContactRow, CustomerRow
from loyalty.customers.values import Channel, CustomerID
from loyalty.delivery import service as delivery
from loyalty.delivery.models import MessageRow, WeeklyUseRow
from loyalty.delivery.queries.messages import inbox, story
from loyalty.delivery.queries.monitor import count_due, oldest_due, verify
from loyalty.delivery.rules.sending import after_permanent, after_temporary
from loyalty.delivery.service.controlling import TooLateToCancel
from loyalty.delivery.values import Claimed, MessageKind, MessageState, Reason, Receipt
from tests.integration.delivery.shop import (
    NOON,
    POLICY,
    add_members,
    consent_row,
    marketing,
    service,
)

LATER = NOON + timedelta(hours=3)
MACHINE = NOON + timedelta(days=300)
"""Another clock than the shop's: only leases are read by it."""


def claim(
    session: Session, *, at_most: int = 10, now: datetime = LATER, worker: str = "one"
) -> tuple[Claimed, ...]:
    return delivery.claim_due(
        session,
        channel=Channel.EMAIL,
        at_most=at_most,
        worker=worker,
        now=now,
        machine_now=MACHINE,
    )


def prepared(session: Session, *, now: datetime = LATER) -> tuple[Claimed, ...]:
    return delivery.prepare(
        session, claims=claim(session, now=now), policy=POLICY, now=now
    )


def sending(session: Session) -> tuple[Claimed, ...]:
    return delivery.mark_sending(
        session, claims=prepared(session), now=LATER, machine_now=MACHINE
    )


def plan_for(session: Session, count: int = 1) -> list[CustomerID]:
    ids = add_members(session, count)
    delivery.plan_messages(
        session, messages=[marketing(id_) for id_ in ids], policy=POLICY, now=NOON
    )
    return ids


def states(session: Session) -> list[MessageState]:
    return list(session.scalars(select(MessageRow.state).order_by(MessageRow.id)))


def used(session: Session) -> list[int]:
    return list(session.scalars(select(WeeklyUseRow.used)))


class TestClaimDue:
    def test_takes_each_message_once(self, shared_database: Database) -> None:
        with shared_database.transaction() as session:
            plan_for(session, 5)

        with (
            shared_database.transaction() as one,
            shared_database.transaction() as two,
        ):
            first = {message.id for message in claim(one, at_most=3)}
            second = {message.id for message in claim(two, at_most=3, worker="two")}

        assert (len(first), len(second)) == (3, 2)
        assert not first & second

    def test_leaves_alone_what_is_not_due(self, database: Database) -> None:
        with database.transaction() as session:
            plan_for(session)
            before = NOON - timedelta(seconds=1)

            assert claim(session, now=before) == ()
            assert count_due(session, now=before) == {}
            assert count_due(session, now=LATER) == {Channel.EMAIL: 1}
            assert oldest_due(session, now=LATER) is not None

    @pytest.mark.parametrize("scope", ["all", "channel:email", "campaign:7"])
    def test_leaves_alone_what_is_paused(self, database: Database, scope: str) -> None:
        with database.transaction() as session:
            plan_for(session)
            session.execute(update(MessageRow).values(campaign_id=7))
            delivery.pause(session, scope=scope, actor="staff:1", now=NOON)

            assert claim(session) == ()
            delivery.resume(session, scope=scope, actor="staff:1", now=NOON)
            assert len(claim(session)) == 1

    def test_a_code_does_not_wait_behind_a_campaign(self, database: Database) -> None:
        with database.transaction() as session:
            ids = plan_for(session, 3)
            delivery.plan_message(
                session, message=service(ids[0]), policy=POLICY, now=LATER
            )

            kinds = [one.kind for one in claim(session, at_most=3)]

            assert kinds == [MessageKind.SERVICE, *[MessageKind.MARKETING] * 2]

    def test_a_pause_of_something_else_changes_nothing(
        self, database: Database
    ) -> None:
        with database.transaction() as session:
            plan_for(session)
            delivery.pause(session, scope="campaign:8", actor="staff:1", now=NOON)
            delivery.pause(session, scope="channel:sms", actor="staff:1", now=NOON)

            assert len(claim(session)) == 1


class TestPrepare:
    def test_lets_go_what_may_go_and_counts_it(self, database: Database) -> None:
        with database.transaction() as session:
            plan_for(session, 2)

            assert len(prepared(session)) == 2
            assert used(session) == [1, 1]

    def test_stops_what_was_withdrawn_since(self, database: Database) -> None:
        with database.transaction() as session:
            (ada,) = plan_for(session)
            session.execute(
                insert(ConsentRow),
                [consent_row(ada, Channel.EMAIL, given=False, at=NOON)],
            )

            assert prepared(session) == ()
            row = session.scalars(select(MessageRow)).one()
            assert (row.state, row.reason) == (
                MessageState.SUPPRESSED,
                Reason.NO_CONSENT,
            )
            assert used(session) == []

    def test_moves_a_late_message_to_the_next_hours(self, database: Database) -> None:
        night = NOON.replace(hour=23)
        with database.transaction() as session:
            plan_for(session)

            assert prepared(session, now=night) == ()
            row = session.scalars(select(MessageRow)).one()
            assert row.state is MessageState.PLANNED
            assert row.due_at.date() == (NOON + timedelta(days=1)).date()
            assert 10 <= row.due_at.hour < 12

    def test_expires_what_lost_its_point(self, database: Database) -> None:
        with database.transaction() as session:
            plan_for(session)

            assert prepared(session, now=NOON + timedelta(days=7)) == ()
            assert states(session) == [MessageState.EXPIRED]

    def test_an_offer_that_is_gone_cancels_its_message(
        self, database: Database
    ) -> None:
        with database.transaction() as session:
            plan_for(session)
            session.execute(update(MessageRow).values(offer_id=404))

            assert prepared(session) == ()
            row = session.scalars(select(MessageRow)).one()
            assert (row.state, row.reason) == (
                MessageState.CANCELLED,
                Reason.OFFER_WITHDRAWN,
            )

    def test_keeps_the_cap_when_plans_broke_it(self, database: Database) -> None:
        with database.transaction() as session:
            (ada,) = add_members(session, 1)
            delivery.plan_messages(
                session,
                messages=[marketing(ada, occasion=str(n)) for n in range(3)],
                policy=POLICY,
                now=NOON,
            )
            session.execute(update(CustomerRow).values(max_per_week=1))

            assert len(prepared(session)) == 1
            assert used(session) == [1]
            moved = session.scalars(
                select(MessageRow).where(MessageRow.state == MessageState.PLANNED)
            ).all()
            assert {row.due_at.isocalendar().week for row in moved} == {49}


class TestMarkSending:
    def test_holds_back_what_was_paused_since(self, database: Database) -> None:
        with database.transaction() as session:
            plan_for(session)
            ready = prepared(session)
            delivery.pause(session, scope="all", actor="staff:1", now=NOON)

            assert (
                delivery.mark_sending(
                    session, claims=ready, now=LATER, machine_now=MACHINE
                )
                == ()
            )
            delivery.release(session, claims=ready, now=LATER)
            assert states(session) == [MessageState.PLANNED]
            assert used(session) == [0]

    def test_refuses_a_claim_that_was_taken_over(self, database: Database) -> None:
        with database.transaction() as session:
            plan_for(session)
            old = prepared(session)
            delivery.expire_leases(
                session, now=LATER, machine_now=MACHINE + timedelta(seconds=61)
            )
            new = prepared(session)

            first = delivery.mark_sending(
                session, claims=old, now=LATER, machine_now=MACHINE
            )
            second = delivery.mark_sending(
                session, claims=new, now=LATER, machine_now=MACHINE
            )

        assert first == ()
        assert second == new


class TestResults:
    def test_a_sent_message_tells_its_story(self, database: Database) -> None:
        with database.transaction() as session:
            (ada,) = plan_for(session)
            (message,) = sending(session)
            delivery.mark_sent(
                session, handed=[(message, Receipt())], provider="smtp", now=LATER
            )

            told = story(session, message_id=message.id)
            shown = inbox(session, customer_id=ada, language="en", zone="UTC", now=NOON)
            assert verify(session).problems == ()
        assert [event.state for event in told.events] == [
            MessageState.PLANNED,
            MessageState.SENDING,
            MessageState.SENT,
        ]
        assert told.events[-1].details == {"provider": "smtp"}
        assert [item.letter.subject for item in shown.items] == [
            "Lab market: an offer for you"
        ]

    def test_a_temporary_failure_is_tried_again_later(self, database: Database) -> None:
        with database.transaction() as session:
            plan_for(session)
            (message,) = sending(session)
            later = after_temporary(message, "451 later", now=LATER)
            delivery.mark_not_sent(session, results=[later], now=LATER)

            row = session.scalars(select(MessageRow)).one()
            assert row.state is MessageState.PLANNED
            assert timedelta(minutes=1) <= row.due_at - LATER <= timedelta(minutes=1.25)
            assert used(session) == [0]
            assert verify(session).problems == ()

    def test_the_last_temporary_failure_gives_up(self, database: Database) -> None:
        with database.transaction() as session:
            plan_for(session)
            session.execute(update(MessageRow).values(attempts=5))
            (message,) = sending(session)
            later = after_temporary(message, "451 later", now=LATER)
            delivery.mark_not_sent(session, results=[later], now=LATER)

            row = session.scalars(select(MessageRow)).one()
            assert (row.state, row.reason) == (MessageState.FAILED, Reason.GAVE_UP)
            assert verify(session).problems == ()

    def test_a_bad_address_is_never_used_again(self, database: Database) -> None:
        with database.transaction() as session:
            ada, bob = plan_for(session, 2)
            message, _ = sending(session)
            gone = after_permanent(
                message, "550 no such user", bad_address=f"member{ada}@example.org"
            )
            delivery.mark_not_sent(session, results=[gone], now=LATER)

            suppressed = session.scalars(
                select(ContactRow.customer_id).where(
                    ContactRow.suppressed_at.is_not(None)
                )
            ).all()
            assert suppressed == [ada]
            again = delivery.plan_messages(
                session,
                messages=[
                    marketing(ada, occasion="second"),
                    marketing(bob, occasion="second"),
                    service(ada),
                ],
                policy=POLICY,
                now=LATER,
            )
        assert [planned.channel for planned in again] == [
            Channel.INBOX,
            Channel.EMAIL,
            Channel.INBOX,
        ]

    def test_an_address_that_is_not_to_blame_stays(self, database: Database) -> None:
        with database.transaction() as session:
            plan_for(session)
            (message,) = sending(session)
            refused = after_permanent(message, "554 spam")
            delivery.mark_not_sent(session, results=[refused], now=LATER)

            assert states(session) == [MessageState.FAILED]
            assert session.scalars(select(ContactRow.suppressed_at)).all() == [None]


class TestExpireLeases:
    def test_leaves_living_workers_alone(self, database: Database) -> None:
        with database.transaction() as session:
            plan_for(session)
            sending(session)

            swept = delivery.expire_leases(
                session, now=LATER, machine_now=MACHINE + timedelta(seconds=59)
            )

            assert swept == {}
            assert states(session) == [MessageState.SENDING]

    def test_marketing_in_doubt_is_never_sent_again(self, database: Database) -> None:
        with database.transaction() as session:
            plan_for(session)
            sending(session)

            swept = delivery.expire_leases(
                session, now=LATER, machine_now=MACHINE + timedelta(seconds=61)
            )

            assert swept == {MessageState.UNKNOWN: 1}
            assert claim(session) == ()
            assert used(session) == [1]
            assert verify(session).problems == ()

    def test_a_service_mail_in_doubt_is_sent_again(self, database: Database) -> None:
        with database.transaction() as session:
            (ada,) = add_members(session, 1)
            delivery.plan_message(
                session, message=service(ada), policy=POLICY, now=NOON
            )
            sending(session)

            swept = delivery.expire_leases(
                session, now=LATER, machine_now=MACHINE + timedelta(seconds=61)
            )

            assert swept == {MessageState.PLANNED: 1}
            assert len(claim(session)) == 1

    def test_a_slow_worker_that_got_through_is_believed(
        self, database: Database
    ) -> None:
        with database.transaction() as session:
            plan_for(session)
            slow = sending(session)
            delivery.expire_leases(
                session, now=LATER, machine_now=MACHINE + timedelta(seconds=61)
            )
            delivery.mark_sent(
                session,
                handed=[(claim, Receipt()) for claim in slow],
                provider="smtp",
                now=LATER,
            )

            assert states(session) == [MessageState.SENT]
            assert verify(session).problems == ()


class TestCancel:
    def test_ends_a_waiting_message(self, database: Database) -> None:
        with database.transaction() as session:
            plan_for(session)
            row = session.scalars(select(MessageRow)).one()
            delivery.cancel(session, message_id=row.id, actor="staff:1", now=NOON)

            assert states(session) == [MessageState.CANCELLED]
            assert claim(session) == ()
            assert verify(session).problems == ()

    def test_refuses_one_that_is_being_sent(self, database: Database) -> None:
        with database.transaction() as session:
            plan_for(session)
            (message,) = sending(session)

            with pytest.raises(TooLateToCancel):
                delivery.cancel(
                    session, message_id=message.id, actor="staff:1", now=NOON
                )

            assert states(session) == [MessageState.SENDING]
