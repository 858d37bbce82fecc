"""The channel learned by what was opened, from a real database."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from loyalty.core.database import Database
from loyalty.customers.models import ChannelRow, ConsentRow
from loyalty.customers.values import Channel, CustomerID, Purpose
from loyalty.delivery.models import HabitRow, MessageEventRow, MessageRow
from loyalty.delivery.queries.habits import looks
from loyalty.delivery.rules.learning import Looks
from loyalty.delivery.service import learn_habits, plan_message, plan_messages
from loyalty.delivery.values import MessageState, ReceiptEvent
from tests.integration.delivery.shop import (
    NOON,
    POLICY,
    add_members,
    consent_row,
    marketing,
)

SINCE = NOON - timedelta(days=365)
LATER = NOON + timedelta(days=14)
BOTH = (Channel.EMAIL, Channel.INBOX)


def add_readers(session: Session) -> tuple[CustomerID, CustomerID]:
    """Add Ada, who lets openings be counted, and Bob; none has an order."""
    ada, bob = add_members(session, 2, channels=BOTH)
    session.execute(delete(ChannelRow))
    measured = consent_row(ada, Channel.EMAIL)
    measured |= {"purpose": Purpose.MEASUREMENT, "channel": None}
    session.execute(insert(ConsentRow).values(measured))
    return ada, bob


def send(
    session: Session,
    customer_id: CustomerID,
    channel: Channel,
    *,
    count: int = 6,
    looked: int = 0,
    at: datetime = NOON,
) -> None:
    """Add offers that were sent, and some that were opened and followed."""
    planned = plan_messages(
        session,
        messages=[
            marketing(customer_id, occasion=f"{channel}-{at}-{number}")
            for number in range(count)
        ],
        policy=POLICY,
        now=at,
    )
    ids = [one.id for one in planned]
    session.execute(
        update(MessageRow)
        .where(MessageRow.id.in_(ids))
        .values(state=MessageState.SENT, channel=channel, finished_at=at)
    )
    for id_ in ids[:looked]:
        for receipt in (ReceiptEvent.OPENED, ReceiptEvent.CLICKED):
            session.add(
                MessageEventRow(
                    message_id=id_,
                    customer_id=customer_id,
                    at=at,
                    state=MessageState.DELIVERED,
                    receipt=receipt,
                    details={},
                )
            )
    session.flush()


def learn(session: Session, *, now: datetime) -> int:
    counted = looks(session, since=SINCE)
    return learn_habits(session, histograms={}, looks=counted, now=now)


class TestLooks:
    def test_count_each_message_once_of_those_who_agreed(
        self, database: Database
    ) -> None:
        with database.transaction() as session:
            ada, bob = add_readers(session)
            for customer_id in (ada, bob):
                send(session, customer_id, Channel.EMAIL, count=3, looked=2)

            assert looks(session, since=SINCE) == {ada: {Channel.EMAIL: Looks(2, 3)}}

    @pytest.mark.parametrize("days", [31, 366])
    def test_leave_out_what_was_sent_before_the_yes_or_too_long_ago(
        self, database: Database, days: int
    ) -> None:
        with database.transaction() as session:
            ada, _bob = add_readers(session)
            send(session, ada, Channel.EMAIL, at=NOON - timedelta(days=days))

            assert looks(session, since=SINCE) == {}


class TestLearnedChannel:
    def test_changes_the_plan_of_who_declared_no_order(
        self, database: Database
    ) -> None:
        with database.transaction() as session:
            ada, bob = add_readers(session)
            for customer_id in (ada, bob):
                send(session, customer_id, Channel.EMAIL)
                send(session, customer_id, Channel.INBOX, looked=5)
            known = learn(session, now=LATER)
            planned = plan_messages(
                session,
                messages=[
                    marketing(one, occasion="later", not_after=None)
                    for one in (ada, bob)
                ],
                policy=POLICY,
                now=LATER,
            )
            why = dict(
                session.execute(
                    select(MessageRow.customer_id, MessageRow.planned_why).where(
                        MessageRow.occasion == "later"
                    )
                ).all()
            )

        assert known == 1
        assert [one.channel for one in planned] == [Channel.INBOX, Channel.EMAIL]
        assert (why[ada]["order"], why[bob]["order"]) == ("learned", "programme")

    def test_yields_to_the_declared_order(self, database: Database) -> None:
        with database.transaction() as session:
            ada, _bob = add_readers(session)
            send(session, ada, Channel.EMAIL)
            send(session, ada, Channel.INBOX, looked=5)
            learn(session, now=LATER)
            declared = {"customer_id": ada, "position": 0, "channel": Channel.EMAIL}
            session.execute(insert(ChannelRow).values(declared))
            planned = plan_message(
                session,
                message=marketing(ada, occasion="later", not_after=None),
                policy=POLICY,
                now=LATER,
            )

        assert planned.channel is Channel.EMAIL

    def test_is_forgotten_with_the_consent(self, database: Database) -> None:
        with database.transaction() as session:
            ada, _bob = add_readers(session)
            send(session, ada, Channel.INBOX, looked=5)
            assert learn(session, now=LATER) == 1
            withdrawn = consent_row(ada, Channel.EMAIL, given=False, at=LATER)
            withdrawn |= {"purpose": Purpose.MEASUREMENT, "channel": None}
            session.execute(insert(ConsentRow).values(withdrawn))

            assert learn(session, now=LATER + timedelta(days=1)) == 0
            assert session.scalars(select(HabitRow)).all() == []
