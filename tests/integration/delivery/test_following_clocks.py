"""Planned messages when the tz database changes."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from loyalty.core.database import Database
from loyalty.core.zones import tzdata_version
from loyalty.customers.models import CustomerRow
from loyalty.delivery import service as delivery
from loyalty.delivery.models import MessageRow
from loyalty.delivery.queries.monitor import verify
from tests.integration.delivery.shop import NOON, POLICY, add_members, marketing

BERLIN = ZoneInfo("Europe/Berlin")


def plan_one(session: Session) -> MessageRow:
    (ada,) = add_members(session, 1)
    session.execute(update(CustomerRow).values(time_zone="Europe/Berlin"))
    delivery.plan_messages(session, messages=[marketing(ada)], policy=POLICY, now=NOON)
    return session.scalars(select(MessageRow)).one()


def as_if_planned_with_summer_time(row: MessageRow) -> datetime:
    """Let the row be of a database in which Berlin is an hour further ahead."""
    right = row.due_at
    row.due_at -= timedelta(hours=1)
    row.planned_why = {**row.planned_why, "tzdata": "1999a"}
    return right


class TestFollowClocks:
    def test_notes_with_which_database_a_message_was_planned(
        self, database: Database
    ) -> None:
        with database.transaction() as session:
            row = plan_one(session)

            shown = row.due_at.astimezone(BERLIN).replace(tzinfo=None)
            assert row.planned_why["zone"] == "Europe/Berlin"
            assert row.planned_why["local"] == shown.isoformat()
            assert row.planned_why["tzdata"] == tzdata_version()
            assert delivery.follow_clocks(session, now=NOON) == (0, 0)

    def test_keeps_the_time_on_the_customers_wall(self, database: Database) -> None:
        with database.transaction() as session:
            row = plan_one(session)
            late_at = row.late_at
            right = as_if_planned_with_summer_time(row)
            session.flush()

            assert delivery.follow_clocks(session, now=NOON) == (1, 1)
            session.expire_all()
            row = session.scalars(select(MessageRow)).one()
            assert row.due_at == right
            assert late_at is not None
            assert row.late_at == late_at + timedelta(hours=1)
            assert row.planned_why["tzdata"] == tzdata_version()
            assert delivery.follow_clocks(session, now=NOON) == (0, 0)
            assert verify(session).problems == ()

    @pytest.mark.parametrize(
        "changes", [{"attempts": 1}, {"state": "cancelled", "finished_at": NOON}]
    )
    def test_leaves_alone_what_waits_for_no_hour(
        self, database: Database, changes: dict[str, object]
    ) -> None:
        with database.transaction() as session:
            row = plan_one(session)
            as_if_planned_with_summer_time(row)
            moment = row.due_at
            session.flush()
            session.execute(update(MessageRow).values(changes))

            _, moved = delivery.follow_clocks(session, now=NOON)

            session.expire_all()
            assert moved == 0
            assert session.scalars(select(MessageRow)).one().due_at == moment
