"""What comes back about messages, and what follows from it."""

from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from loyalty.core.database import Database
from loyalty.customers.models import ConsentRow
from loyalty.customers.values import Channel
from loyalty.delivery import service as delivery
from loyalty.delivery.models import MessageEventRow, MessageRow, WeeklyUseRow
from loyalty.delivery.queries.monitor import verify
from loyalty.delivery.rules.sending import ASK_FOR, after_permanent, after_unknown
from loyalty.delivery.service.replaying import NotReplayable
from loyalty.delivery.values import (
    Answer,
    Claimed,
    MessageState,
    ProviderReceipt,
    Reason,
    Receipt,
    ReceiptEvent,
)
from tests.integration.delivery.shop import (
    NOON,
    POLICY,
    add_members,
    consent_row,
    marketing,
    service,
)
from tests.integration.delivery.test_sending import LATER, MACHINE, plan_for, sending


def sent(session: Session) -> Claimed:
    """Send one marketing mail to customer 1."""
    plan_for(session)
    return hand_over(session)


def hand_over(session: Session) -> Claimed:
    (claim,) = sending(session)
    receipt = Receipt(provider_ref="SM1", parts=2, cost=75_000)
    delivery.mark_sent(session, handed=[(claim, receipt)], provider="smtp", now=LATER)
    return claim


def tell(
    session: Session, event: ReceiptEvent, *, minute: int = 0, **named: str
) -> MessageState | None:
    at = LATER + timedelta(minutes=minute)
    receipt = ProviderReceipt(
        provider="smtp",
        handover_key=named.get("handover_key"),
        provider_ref=named.get("provider_ref"),
        event=event,
        hard=event is ReceiptEvent.BOUNCED,
        at=at,
        detail="250 ok",
    )
    found = delivery.record_receipt(session, receipt=receipt, now=at)
    return None if found is None else found.state


def row(session: Session) -> MessageRow:
    session.expire_all()
    return session.scalars(select(MessageRow)).one()


def events(session: Session) -> list[MessageState]:
    return list(
        session.scalars(select(MessageEventRow.state).order_by(MessageEventRow.id))
    )


class TestMarkSent:
    def test_keeps_what_the_provider_said(self, database: Database) -> None:
        with database.transaction() as session:
            sent(session)

            kept = row(session)
            assert kept.state is MessageState.SENT
            assert (kept.provider, kept.provider_ref) == ("smtp", "SM1")
            assert (kept.parts, kept.cost, kept.attempts) == (2, 75_000, 1)

    def test_what_arrives_at_once_is_delivered(self, database: Database) -> None:
        with database.transaction() as session:
            plan_for(session)
            (claim,) = sending(session)
            done = [(claim, Receipt(final=True))]
            delivery.mark_sent(session, handed=done, provider="inbox", now=LATER)

            assert row(session).state is MessageState.DELIVERED
            assert events(session)[-2:] == [MessageState.SENT, MessageState.DELIVERED]
            assert verify(session).problems == ()


class TestRecordReceipt:
    def test_moves_a_message_on_once(self, database: Database) -> None:
        with database.transaction() as session:
            key = sent(session).handover_key
            for _ in range(2):
                state = tell(session, ReceiptEvent.DELIVERED, handover_key=key)
                assert state is MessageState.DELIVERED

            assert events(session)[-2:] == [MessageState.SENT, MessageState.DELIVERED]
            assert verify(session).problems == ()

    def test_knows_a_message_by_the_providers_own_name(
        self, database: Database
    ) -> None:
        with database.transaction() as session:
            sent(session)

            told = tell(session, ReceiptEvent.DELIVERED, provider_ref="SM1")
            assert told is MessageState.DELIVERED
            assert tell(session, ReceiptEvent.DELIVERED, provider_ref="SM2") is None
            assert tell(session, ReceiptEvent.DELIVERED, handover_key="x") is None

    def test_what_comes_late_is_noted_and_changes_nothing(
        self, database: Database
    ) -> None:
        with database.transaction() as session:
            key = sent(session).handover_key
            tell(session, ReceiptEvent.COMPLAINED, handover_key=key)
            state = tell(session, ReceiptEvent.DELIVERED, handover_key=key)

            assert state is MessageState.COMPLAINED
            assert events(session)[-1] is MessageState.COMPLAINED
            assert verify(session).problems == ()

    def test_each_opening_is_noted_once(self, database: Database) -> None:
        with database.transaction() as session:
            key = sent(session).handover_key
            for minute in (1, 1, 2):
                tell(session, ReceiptEvent.OPENED, minute=minute, handover_key=key)

            opened = select(func.count()).where(
                MessageEventRow.receipt == ReceiptEvent.OPENED
            )
            assert session.scalar(opened) == 2
            assert verify(session).problems == ()

    def test_a_receipt_may_be_faster_than_our_own_note(
        self, database: Database
    ) -> None:
        with database.transaction() as session:
            plan_for(session)
            (claim,) = sending(session)
            tell(session, ReceiptEvent.DELIVERED, handover_key=claim.handover_key)
            delivery.mark_sent(
                session,
                handed=[(claim, Receipt(provider_ref="SM1", cost=9))],
                provider="smtp",
                now=LATER,
            )

            kept = row(session)
            assert kept.state is MessageState.DELIVERED
            assert (kept.provider_ref, kept.cost) == ("SM1", 9)
            assert verify(session).problems == ()

    def test_proves_that_a_message_in_doubt_arrived(self, database: Database) -> None:
        with database.transaction() as session:
            plan_for(session)
            (claim,) = sending(session)
            doubt = after_unknown(claim, "gone", askable=False, now=LATER)
            delivery.mark_not_sent(session, results=[doubt], now=LATER)
            state = tell(
                session, ReceiptEvent.DELIVERED, handover_key=claim.handover_key
            )

            assert state is MessageState.DELIVERED

    def test_is_not_about_what_was_never_handed_over(self, database: Database) -> None:
        with database.transaction() as session:
            plan_for(session)
            key = row(session).handover_key

            assert tell(session, ReceiptEvent.BOUNCED, handover_key=key) is None
            assert row(session).state is MessageState.PLANNED

    def test_must_name_a_message(self, database: Database) -> None:
        with (
            database.transaction() as session,
            pytest.raises(ValueError, match="names neither"),
        ):
            tell(session, ReceiptEvent.DELIVERED)


class TestFallBack:
    def test_a_bounce_leads_to_the_next_channel_once(self, database: Database) -> None:
        with database.transaction() as session:
            key = sent(session).handover_key
            tell(session, ReceiptEvent.BOUNCED, handover_key=key)

            assert delivery.fall_back(session, policy=POLICY, now=LATER) == 1
            assert delivery.fall_back(session, policy=POLICY, now=LATER) == 0
            moved = row(session)
            assert (moved.state, moved.channel) == (MessageState.PLANNED, Channel.INBOX)
            assert moved.tried == ["email"]
            assert moved.handover_key != key
            assert (moved.attempts, moved.finished_at) == (0, None)
            assert session.scalars(select(WeeklyUseRow.used)).all() == [0]
            assert verify(session).problems == ()

    def test_ends_when_every_channel_has_failed(self, database: Database) -> None:
        with database.transaction() as session:
            sent(session)
            session.execute(
                update(MessageRow).values(
                    state=MessageState.BOUNCED, tried=["inbox"], fall_back_at=LATER
                )
            )
            delivery.fall_back(session, policy=POLICY, now=LATER)

            kept = row(session)
            assert (kept.state, kept.tried) == (MessageState.BOUNCED, ["inbox"])
            assert kept.fall_back_at is None

    def test_ends_with_the_offer(self, database: Database) -> None:
        with database.transaction() as session:
            key = sent(session).handover_key
            session.execute(update(MessageRow).values(offer_id=404))
            tell(session, ReceiptEvent.BOUNCED, handover_key=key)
            delivery.fall_back(session, policy=POLICY, now=LATER)

            assert row(session).state is MessageState.BOUNCED

    def test_a_refusal_for_good_leads_there_too(self, database: Database) -> None:
        with database.transaction() as session:
            plan_for(session)
            (claim,) = sending(session)
            refused = after_permanent(claim, "554 no")
            delivery.mark_not_sent(session, results=[refused], now=LATER)
            delivery.fall_back(session, policy=POLICY, now=LATER)

            assert row(session).channel is Channel.INBOX
            assert verify(session).problems == ()

    def test_nothing_in_doubt_falls_back(self, database: Database) -> None:
        with database.transaction() as session:
            plan_for(session)
            (claim,) = sending(session)
            doubt = after_unknown(claim, "gone", askable=False, now=LATER)
            delivery.mark_not_sent(session, results=[doubt], now=LATER)

            assert delivery.fall_back(session, policy=POLICY, now=LATER) == 0
            assert row(session).state is MessageState.UNKNOWN


class TestSettle:
    def in_doubt(self, session: Session) -> None:
        plan_for(session)
        (claim,) = sending(session)
        doubt = after_unknown(claim, "gone", askable=True, now=LATER)
        delivery.mark_not_sent(session, results=[doubt], now=LATER)

    def ask(self, session: Session, answer: Answer | None, *, hours: int = 0) -> None:
        now = LATER + timedelta(minutes=1, hours=hours)
        (question,) = delivery.take_questions(
            session, channels={Channel.EMAIL}, now=now
        )
        delivery.settle(session, question=question, answer=answer, now=now)

    def test_what_the_provider_has_is_sent(self, database: Database) -> None:
        with database.transaction() as session:
            self.in_doubt(session)
            self.ask(session, Answer(accepted=True, receipt=Receipt(cost=5)))

            kept = row(session)
            assert (kept.state, kept.cost) == (MessageState.SENT, 5)
            assert kept.ask_at is None
            assert session.scalars(select(WeeklyUseRow.used)).all() == [1]
            assert verify(session).problems == ()

    def test_what_it_never_got_goes_again(self, database: Database) -> None:
        with database.transaction() as session:
            self.in_doubt(session)
            self.ask(session, Answer(accepted=False))

            assert row(session).state is MessageState.PLANNED
            assert session.scalars(select(WeeklyUseRow.used)).all() == [0]
            assert verify(session).problems == ()

    def test_is_asked_again_until_the_policy_decides(self, database: Database) -> None:
        with database.transaction() as session:
            self.in_doubt(session)
            self.ask(session, None)
            assert row(session).ask_at is not None
            assert (
                delivery.take_questions(session, channels={Channel.EMAIL}, now=LATER)
                == ()
            )
            self.ask(session, None, hours=ASK_FOR // timedelta(hours=1))

            assert (row(session).state, row(session).ask_at) == (
                MessageState.UNKNOWN,
                None,
            )

    def test_a_lost_worker_leaves_a_question(self, database: Database) -> None:
        with database.transaction() as session:
            (ada,) = add_members(session, 1)
            delivery.plan_message(
                session, message=service(ada), policy=POLICY, now=NOON
            )
            sending(session)
            swept = delivery.expire_leases(
                session,
                now=LATER,
                machine_now=MACHINE + timedelta(seconds=61),
                askable={Channel.EMAIL},
            )
            assert swept == {MessageState.UNKNOWN: 1}
            # The channel can't be asked any more: its policy decides.
            later = LATER + timedelta(minutes=1)
            assert delivery.take_questions(session, channels=(), now=later) == ()
            assert row(session).state is MessageState.PLANNED


class TestReplay:
    def suppressed(self, session: Session) -> None:
        (ada,) = add_members(session, 1)
        session.execute(
            insert(ConsentRow), [consent_row(ada, Channel.EMAIL, given=False, at=NOON)]
        )
        delivery.plan_message(session, message=marketing(ada), policy=POLICY, now=NOON)

    def test_plans_what_did_not_go_once_more(self, database: Database) -> None:
        with database.transaction() as session:
            self.suppressed(session)
            kept = row(session)
            assert kept.state is MessageState.SUPPRESSED
            session.execute(
                insert(ConsentRow), [consent_row(kept.customer_id, Channel.EMAIL)]
            )
            delivery.replay(session, message_id=kept.id, actor="staff:1", now=NOON)

            (claim,) = delivery.claim_due(
                session,
                channel="inbox",
                at_most=5,
                worker="one",
                now=LATER,
                machine_now=MACHINE,
            )
            # The last look finds the channel that the customer wants now.
            assert (
                delivery.prepare(session, claims=[claim], policy=POLICY, now=LATER)
                == ()
            )
            assert row(session).channel is Channel.EMAIL
            assert row(session).state is MessageState.PLANNED
            assert verify(session).problems == ()

    def test_gives_nothing_to_who_agreed_to_nothing(self, database: Database) -> None:
        with database.transaction() as session:
            self.suppressed(session)
            delivery.replay(
                session, message_id=row(session).id, actor="staff:1", now=NOON
            )
            claims = delivery.claim_due(
                session,
                channel="inbox",
                at_most=5,
                worker="one",
                now=LATER,
                machine_now=MACHINE,
            )
            delivery.prepare(session, claims=claims, policy=POLICY, now=LATER)

            assert row(session).state is MessageState.SUPPRESSED
            assert row(session).reason is Reason.NO_CONSENT

    def test_refuses_an_offer_that_may_have_arrived(self, database: Database) -> None:
        with database.transaction() as session:
            sent(session)
            for state in (MessageState.SENT, MessageState.UNKNOWN):
                session.execute(update(MessageRow).values(state=state))
                with pytest.raises(NotReplayable):
                    delivery.replay(
                        session, message_id=row(session).id, actor="staff:1", now=LATER
                    )
                assert row(session).state is state
