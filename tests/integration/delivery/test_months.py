"""Messages by month: made ahead, moved, set aside; and claimed through an index."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import select, text, update
from sqlalchemy.event import listen
from sqlalchemy.orm import Session

import migrations
from jobs.transactions import again
from loyalty.core.database import Database
from loyalty.delivery import service as delivery
from loyalty.delivery.models import DetachedMonthRow, MessageRow
from loyalty.delivery.queries.monitor import verify
from loyalty.delivery.values import MessageState
from tests.integration.delivery.shop import (
    NOON,
    POLICY,
    add_members,
    marketing,
    open_database,
)
from tests.integration.delivery.test_sending import claim, plan_for

YEARS_LATER = datetime(2031, 5, 17, 12, 0, tzinfo=UTC)


def places(session: Session) -> list[str]:
    """Return the tables that the messages stand in."""
    rows = text("SELECT DISTINCT tableoid::regclass::text FROM message ORDER BY 1")
    return list(session.scalars(rows))


def due(session: Session, moment: datetime) -> None:
    session.execute(update(MessageRow).values(due_at=moment))


class TestMakeMonths:
    def test_a_month_that_nobody_made_is_no_trouble(self, database: Database) -> None:
        with database.transaction() as session:
            plan_for(session, 2)
            due(session, YEARS_LATER)
            assert places(session) == ["months.message_rest"]

            made = delivery.make_months(session, now=YEARS_LATER)

            assert len(made) == 8
            assert made[:2] == ("message 2031-05", "message_event 2031-05")
            assert places(session) == ["months.message_2031_05"]
            assert delivery.make_months(session, now=YEARS_LATER) == ()
            assert len(claim(session, now=YEARS_LATER)) == 2

    def test_a_message_moves_with_its_moment(self, database: Database) -> None:
        with database.transaction() as session:
            delivery.make_months(session, now=NOON)
            plan_for(session)
            before = session.scalars(select(MessageRow.id)).one()
            due(session, NOON + timedelta(days=14))

            assert places(session) == ["months.message_2026_12"]
            assert session.get_one(MessageRow, before).state is MessageState.PLANNED

    def test_who_claims_it_meanwhile_tries_again(
        self, shared_database: Database
    ) -> None:
        with shared_database.transaction() as session:
            delivery.make_months(session, now=NOON)
            plan_for(session, 2)
        tries = 0

        def take(session: Session) -> int:
            nonlocal tries
            tries += 1
            if tries == 1:
                # As this snapshot sees it, the message is due in November.
                session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
                session.execute(select(MessageRow.id)).all()
                with shared_database.transaction() as other:
                    due(other, NOON + timedelta(days=14))
            return len(claim(session, now=NOON + timedelta(days=14)))

        assert again(shared_database, take) == 2
        assert tries == 2


class TestDetachMonths:
    def test_sets_old_months_aside_and_keeps_the_books(
        self, database: Database
    ) -> None:
        with database.transaction() as session:
            delivery.make_months(session, now=NOON)
            plan_for(session, 2)
            # At the end of the offer both expire.
            delivery.prepare(
                session,
                claims=claim(session),
                policy=POLICY,
                now=NOON + timedelta(days=7),
            )
            later = NOON.replace(year=2029)

            detached = delivery.detach_months(session, kept_months=25, now=later)

            assert "message 2026-11" in detached
            assert places(session) == []
            kept = session.get_one(DetachedMonthRow, date(2026, 11, 1))
            assert kept.states == {"expired": 2}
            assert verify(session).problems == ()
            count = text("SELECT count(*) FROM months.message_2026_11")
            assert session.scalar(count) == 2

    def test_waits_for_what_is_still_to_come(self, database: Database) -> None:
        with database.transaction() as session:
            delivery.make_months(session, now=NOON)
            plan_for(session, 1)
            detached = delivery.detach_months(
                session, kept_months=25, now=NOON.replace(year=2029)
            )

            assert "message 2026-11" not in detached
            assert len(places(session)) == 1

    def test_keeps_what_is_not_old(self, database: Database) -> None:
        with database.transaction() as session:
            delivery.make_months(session, now=NOON)

            assert delivery.detach_months(session, kept_months=25, now=NOON) == ()

    def test_no_other_table_can_be_made_or_set_aside(self, database: Database) -> None:
        with database.transaction() as session:
            aside = text("SELECT detach_month('customer', '2026-11-01')")
            assert session.scalar(aside) is False
        with (
            pytest.raises(Exception, match="no month of customer"),
            database.transaction() as session,
        ):
            session.execute(text("SELECT make_month('customer', '2026-11-01')"))


class TestMigration:
    def test_carries_messages_over_both_ways(self, fresh_postgres_url: str) -> None:
        database = open_database(fresh_postgres_url)
        with database.transaction() as session:
            plan_for(session, 3)
            due(session, datetime(2024, 2, 29, 23, tzinfo=UTC))
        config = Config()
        folder = Path(migrations.__file__).parent
        config.set_main_option("script_location", str(folder))
        config.set_main_option("sqlalchemy.url", fresh_postgres_url)
        database.engine.dispose()

        command.downgrade(config, "message_months-1")
        command.upgrade(config, "head")

        with database.transaction() as session:
            assert places(session) == ["months.message_2024_02"]
            assert verify(session).problems == ()
            (new,) = delivery.plan_messages(
                session,
                messages=[marketing(add_members(session, 1, first=9)[0])],
                policy=POLICY,
                now=NOON,
            )
            assert new.id == 4
        database.engine.dispose()


class TestClaimPlan:
    def test_walks_the_index_and_stops(self, shared_database: Database) -> None:
        """20,000 planned messages in three months: a claim reads what it takes."""
        with shared_database.transaction() as session:
            delivery.make_months(session, now=NOON)
            plan_for(session, 1)
            columns = [
                column.name
                for column in MessageRow.__table__.columns
                if column.name not in {"id", "due_at"}
            ]
            names = ", ".join(columns)
            session.execute(
                text(
                    f"INSERT INTO message (due_at, {names})"  # noqa: S608  # own names
                    f" SELECT :start + n * interval '6 minutes', {names}"
                    " FROM message, generate_series(1, 20000) AS n"
                ),
                {"start": NOON - timedelta(days=40)},
            )
            session.execute(text("ANALYZE message"))
        with shared_database.transaction() as session:
            asked: list[tuple[str, Any]] = []
            listen(session.connection(), "before_cursor_execute", remembering(asked))
            assert len(claim(session, at_most=50)) == 50
            # The first one asks for service messages, and finds none.
            statement, values = [one for one in asked if "SKIP LOCKED" in one[0]][-1]
            explained = session.connection().exec_driver_sql(
                f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", values
            )
            nodes = [
                node
                for node in walk(explained.scalar_one()[0]["Plan"])
                if node["Actual Loops"] and "Relation Name" in node
            ]
        kinds = {node["Node Type"] for node in nodes}
        assert kinds == {"Index Scan", "ModifyTable"}
        read = [n for n in nodes if n.get("Index Name", "").endswith("due_at_idx")]
        assert sum(node["Actual Rows"] * node["Actual Loops"] for node in read) <= 52


def remembering(asked: list[tuple[str, Any]]) -> Callable[..., None]:
    def remember(*told: object) -> None:
        asked.append((str(told[2]), told[3]))

    return remember


def walk(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for inner in node.get("Plans", ()):
        yield from walk(inner)
