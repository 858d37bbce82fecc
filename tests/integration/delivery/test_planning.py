"""Planning messages, down to the rows it leaves."""

from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from loyalty.core.database import Database
from loyalty.customers.models import ConsentRow, CustomerRow
from loyalty.customers.values import Channel, CustomerID, Purpose
from loyalty.delivery.models import HabitRow, MessageRow
from loyalty.delivery.queries.habits import purchase_hours
from loyalty.delivery.queries.messages import story
from loyalty.delivery.queries.monitor import verify
from loyalty.delivery.service import learn_habits, plan_message, plan_messages
from loyalty.delivery.service.planning import RecipientNotFound
from loyalty.delivery.values import MessageState, Reason
from loyalty.purchases.models import PurchaseRow
from loyalty.stores.models import StoreRow
from tests.integration.delivery.shop import (
    NOON,
    POLICY,
    add_members,
    consent_row,
    marketing,
    service,
)


def count_messages(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(MessageRow)) or 0


class TestPlanMessage:
    def test_plans_the_first_permitted_channel_in_the_customers_hours(
        self, database: Database
    ) -> None:
        with database.transaction() as session:
            (ada,) = add_members(session, 1)
            planned = plan_message(
                session, message=marketing(ada), policy=POLICY, now=NOON
            )

            told = story(session, message_id=planned.id)

        assert planned.state is MessageState.PLANNED
        assert planned.channel is Channel.EMAIL
        assert NOON <= planned.due_at < NOON + timedelta(hours=2)
        assert [event.state for event in told.events] == [MessageState.PLANNED]
        assert told.delivery.planned_why["window"] == "programme"

    def test_plans_the_same_occasion_once(self, database: Database) -> None:
        with database.transaction() as session:
            (ada,) = add_members(session, 1)
            first = plan_message(
                session, message=marketing(ada), policy=POLICY, now=NOON
            )
        with database.transaction() as session:
            second = plan_message(
                session, message=marketing(ada), policy=POLICY, now=NOON
            )

            assert count_messages(session) == 1
            assert verify(session).problems == ()
        assert (first.created, second.created) == (True, False)
        assert first.id == second.id

    def test_keeps_a_refused_message_with_its_reason(self, database: Database) -> None:
        with database.transaction() as session:
            (ada,) = add_members(session, 1, channels=())
            planned = plan_message(
                session, message=marketing(ada), policy=POLICY, now=NOON
            )

            books = verify(session)

        assert planned.state is MessageState.SUPPRESSED
        assert planned.reason is Reason.NO_CONSENT
        assert planned.channel is None
        assert books.by_state == {MessageState.SUPPRESSED: 1}
        assert books.problems == ()

    def test_uses_learned_hours_when_none_are_declared(
        self, database: Database
    ) -> None:
        mornings = [0] * 168
        mornings[2 * 24 + 9] = 50  # Wednesday at nine
        with database.transaction() as session:
            ada, bob = add_members(session, 2)
            learn_habits(
                session,
                histograms={ada: mornings, bob: [0] * 168},
                looks={},
                now=NOON,
            )

            planned = plan_messages(
                session,
                messages=[marketing(ada), marketing(bob)],
                policy=POLICY,
                now=NOON,
            )

        assert planned[0].due_at.weekday() == 2
        assert planned[0].due_at.hour == 9
        assert planned[1].due_at.date() == NOON.date()

    def test_refuses_an_unknown_customer_and_leaves_no_trace(
        self, database: Database
    ) -> None:
        with database.transaction() as session:
            (ada,) = add_members(session, 1)

        with database.transaction() as session, pytest.raises(RecipientNotFound):
            plan_messages(
                session,
                messages=[marketing(ada), marketing(CustomerID(404))],
                policy=POLICY,
                now=NOON,
            )

        with database.transaction() as session:
            assert count_messages(session) == 0

    def test_keeps_the_cap_within_one_call(self, database: Database) -> None:
        with database.transaction() as session:
            (ada,) = add_members(session, 1)
            session.execute(update(CustomerRow).values(max_per_week=2))
            planned = plan_messages(
                session,
                messages=[marketing(ada, occasion=str(n)) for n in range(5)],
                policy=POLICY,
                now=NOON,
            )

        # 24 November 2026 is a Tuesday and the offer ends a week later.
        weeks = [message.due_at.isocalendar().week for message in planned[:4]]
        assert weeks == [48, 48, 49, 49]
        assert planned[4].state is MessageState.SUPPRESSED
        assert planned[4].reason is Reason.WEEKLY_CAP

    def test_sends_a_service_message_at_once_without_consent(
        self, database: Database
    ) -> None:
        with database.transaction() as session:
            (ada,) = add_members(session, 1, channels=())
            night = NOON.replace(hour=3)
            planned = plan_message(
                session, message=service(ada), policy=POLICY, now=night
            )

        assert planned.channel is Channel.EMAIL
        assert planned.due_at == night


class TestPurchaseHours:
    def test_counts_local_hours_of_those_who_agreed(self, database: Database) -> None:
        with database.transaction() as session:
            ada, bob = add_members(session, 2)
            session.execute(update(CustomerRow).values(time_zone="Europe/Berlin"))
            session.execute(
                insert(ConsentRow),
                [{**consent_row(ada, Channel.EMAIL), **PERSONALISATION}],
            )
            add_purchases(session, ada, count=6)
            add_purchases(session, bob, count=6)

            hours = purchase_hours(session, since=NOON - timedelta(days=90))
            known = learn_habits(session, histograms=hours, looks={}, now=NOON)
            none = learn_habits(
                session, histograms={}, looks={}, now=NOON + timedelta(days=1)
            )
            habits = session.scalars(select(HabitRow)).all()

        # Noon in UTC is 13:00 in Berlin; before 25 October it was 14:00.
        assert list(hours) == [ada]
        assert hours[ada][1 * 24 + 13 : 1 * 24 + 15] == (5, 1)
        assert sum(hours[ada]) == 6
        assert (known, none, habits) == (1, 0, [])


PERSONALISATION = {"purpose": Purpose.PERSONALISATION, "channel": None}


def add_purchases(session: Session, customer_id: CustomerID, *, count: int) -> None:
    store = session.scalar(
        insert(StoreRow)
        .values(
            code=f"store-{customer_id}",
            name="Store",
            address="",
            phone="",
            opening_hours="",
        )
        .returning(StoreRow.id)
    )
    session.execute(
        insert(PurchaseRow),
        [
            {
                "customer_id": customer_id,
                "store_id": store,
                "sales_channel": "till",
                "receipt": f"{customer_id}-{week}",
                "at": NOON - timedelta(weeks=week),
                "currency": "EUR",
                "gross": 100,
                "discount": 0,
                "net": 100,
                "delivery": 0,
                "simulated": False,
                "recorded_at": NOON,
                "recorded_by": "system",
                "request_key": f"{customer_id}-{week}",
            }
            for week in range(count)
        ],
    )
