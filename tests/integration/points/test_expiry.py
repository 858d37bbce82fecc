"""Points expire after two warnings, on no day on which the service was down."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from loyalty.core.database import Database
from loyalty.customers.values import Channel, CustomerID
from loyalty.delivery.models import MessageRow
from loyalty.delivery.values import DeliveryPolicy
from loyalty.points import service
from loyalty.points.queries import next_expiry
from loyalty.points.values import WarningKind
from loyalty.stores.values import Lifetime
from loyalty.usecases.warn_of_expiry import warn_of_expiry
from tests.factories import NOW, WARSAW
from tests.integration.points.ledger import (
    days,
    earned,
    lots,
    points_of,
    spent,
    with_rule,
)

POLICY = DeliveryPolicy(providers=frozenset({Channel.EMAIL, Channel.INBOX}))
LATER = NOW + days(1)
END = datetime(2026, 12, 22, tzinfo=WARSAW)
"""When points of 31 days that were earned on 20 November expire."""


@pytest.fixture(autouse=True)
def short_lived(database: Database) -> None:
    with_rule(database, lifetime_days=31)


@pytest.fixture
def live(database: Database) -> Callable[..., int]:
    """Return what lets the service live through some days, its jobs run at noon."""
    clock = [NOW]

    def go_on(number: int, *, warn: bool = True, up: bool = True) -> int:
        messages = 0
        for _ in range(number):
            clock[0] += days(1)
            now = clock[0]
            if up:
                with database.transaction() as session:
                    service.note_uptime(session, now=now, machine_now=NOW)
            if warn:
                messages += warned(database, now)
            with database.transaction() as session:
                service.expire(session, now=now)
        return messages

    with database.transaction() as session:
        service.note_uptime(session, now=NOW - days(1), machine_now=NOW)
    return go_on


def warned(database: Database, now: datetime) -> int:
    count = 0
    for kind in WarningKind:
        with database.transaction() as session:
            count += warn_of_expiry(session, kind=kind, policy=POLICY, now=now)
    return count


class TestWarnings:
    def test_are_two_messages(
        self, database: Database, ada: CustomerID, live: Callable[..., int]
    ) -> None:
        earned(database, ada, 40)

        counts = [live(1), live(22), live(1), live(5)]

        assert counts == [1, 0, 1, 0]
        with database.transaction() as session:
            messages = session.scalars(
                select(MessageRow)
                .where(MessageRow.template == "expiring")
                .order_by(MessageRow.due_at)
            ).all()
        assert [message.subject for message in messages] == [
            "points:first-warning",
            "points:last-warning",
        ]
        assert messages[0].parameters["points"] == 40
        assert messages[0].parameters["expiries"] == [
            {"last_day": "2026-12-21", "points": "40"}
        ]

    def test_name_what_expires_within_the_week_after(
        self, database: Database, ada: CustomerID, live: Callable[..., int]
    ) -> None:
        earned(database, ada, 40)
        earned(database, ada, 5, now=LATER + timedelta(hours=1))

        assert live(5) == 1

    def test_that_come_late_make_the_points_last_longer(
        self, database: Database, ada: CustomerID
    ) -> None:
        earned(database, ada, 40)
        late = NOW + days(29)

        assert warned(database, late) == 1

        with database.transaction() as session:
            expiry = next_expiry(session, customer_id=ada, now=late)
        assert expiry is not None
        assert expiry.at == datetime(2027, 1, 19, tzinfo=WARSAW)


class TestExpire:
    def test_takes_what_is_left_after_the_last_day(
        self, database: Database, ada: CustomerID, live: Callable[..., int]
    ) -> None:
        earned(database, ada, 40)
        earned(database, ada, 7, now=NOW + days(20))
        spent(database, ada, 15)

        live(31)
        assert points_of(database, ada) == (32, 0, 0)
        live(1)

        assert points_of(database, ada) == (7, 0, 0)
        assert lots(database, ada) == [(40, 0), (7, 7)]

    def test_spares_points_of_which_nobody_was_warned(
        self, database: Database, ada: CustomerID, live: Callable[..., int]
    ) -> None:
        earned(database, ada, 40)

        live(40, warn=False)

        assert points_of(database, ada) == (40, 0, 0)

    def test_waits_while_a_quote_holds_points(
        self, database: Database, ada: CustomerID, live: Callable[..., int]
    ) -> None:
        earned(database, ada, 40)
        live(31)
        now = NOW + days(32)
        with database.transaction() as session:
            service.hold(
                session,
                customer_id=ada,
                points=10,
                key="quote:1",
                until=now + timedelta(minutes=15),
                now=now - timedelta(minutes=1),
            )

        live(1)
        assert points_of(database, ada, now) == (40, 0, 10)
        live(1)

        assert points_of(database, ada, now + days(1)) == (0, 0, 0)

    def test_moves_on_from_a_day_with_an_outage(
        self, database: Database, ada: CustomerID, live: Callable[..., int]
    ) -> None:
        earned(database, ada, 40)
        live(29)
        noon = NOW + days(31)
        silence = NOW + days(2)  # by the machine's clock: the service was away
        for moment in (noon, noon + days(1)):
            with database.transaction() as session:
                service.note_uptime(session, now=moment, machine_now=silence)
        with database.transaction() as session:
            service.expire(session, now=noon + days(1))

        assert points_of(database, ada) == (40, 0, 0)
        with database.transaction() as session:
            expiry = next_expiry(session, customer_id=ada, now=noon + days(1))
        assert expiry is not None
        assert expiry.at == END + days(1)


class TestInactivity:
    def test_is_ended_by_any_activity(
        self, database: Database, ada: CustomerID, live: Callable[..., int]
    ) -> None:
        with_rule(database, lifetime=Lifetime.INACTIVITY)
        earned(database, ada, 40)
        live(20)

        spent(database, ada, 10, now=NOW + days(20))
        live(20)

        assert points_of(database, ada) == (30, 0, 0)
        live(12)
        assert points_of(database, ada) == (0, 0, 0)
