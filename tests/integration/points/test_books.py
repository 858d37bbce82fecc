"""The check of the books: silent on a sound ledger, and exact about an altered one."""

from collections.abc import Sequence

import pytest
from sqlalchemy import text

from loyalty.core.database import Database
from loyalty.customers.values import CustomerID
from loyalty.points import service
from loyalty.points.queries.books import Audit, Wrong
from loyalty.usecases.verify_ledger import verify_ledger
from tests.factories import NOW
from tests.integration.points.ledger import asks, bought, days, earned, spent

TABLES = (
    "audit_entry",
    "points_lot_use",
    "points_seal",
    "points_sealed",
    "points_transfer",
)


@pytest.fixture
def ledger(database: Database, ada: CustomerID, bob: CustomerID) -> Database:
    """Give a ledger with movements of several kinds, all of them sealed."""
    with database.transaction() as session:
        purchase = bought(session, ada, 4_000)
    earned(database, ada, 40, purchase_id=purchase)
    earned(database, bob, 10)
    version = spent(database, ada, 15).version
    with database.transaction() as session:
        service.undo(session, customer_id=ada, version=version, request=asks(), now=NOW)
        service.move(
            session, giver=ada, receiver=bob, points=5, request=asks(), now=NOW
        )
        service.take_back(
            session,
            customer_id=ada,
            purchase_id=purchase,
            points=40,
            request=asks(),
            now=NOW,
        )
        service.seal_transfers(session, now=NOW)
    return database


def check(database: Database) -> Audit:
    with database.transaction() as session:
        return verify_ledger(session)


def alter(database: Database, *statements: str) -> None:
    """Change rows as somebody could who owns the tables."""
    with database.transaction() as session:
        for table in TABLES:
            session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER append_only"))
        for statement in statements:
            session.execute(text(statement))


def numbers(wrong: Sequence[Wrong]) -> set[int]:
    return {found.invariant for found in wrong}


class TestVerify:
    def test_finds_nothing_on_a_sound_ledger(self, ledger: Database) -> None:
        assert check(ledger) == Audit(members=2, transfers=7, wrong=())

    @pytest.mark.parametrize(
        ("statement", "invariant"),
        [
            ("UPDATE points_transfer SET credit = 'expired' WHERE kind = 'spend'", 1),
            ("UPDATE points_transfer SET version = 9 WHERE balance_after = 10", 2),
            ("UPDATE points_account SET available = available + 1", 2),
            ("UPDATE points_account SET version = version + 1", 2),
            ("UPDATE points_lot SET remaining = remaining - 1 WHERE remaining > 0", 3),
            ("DELETE FROM points_lot_use WHERE points < 0", 3),
            ("UPDATE points_lot_use SET points = points + 1 WHERE version = 2", 3),
            ("UPDATE points_lot SET expires_at = '2026-12-01'", 6),
            ("UPDATE points_transfer SET amount = 11 WHERE amount = 10", 7),
            ("UPDATE purchase SET gross = 5000, net = 5000", 8),
            ("UPDATE points_transfer SET balance_after = 39 WHERE version = 1", 9),
            ("UPDATE points_transfer SET actor = 'staff:2'", 10),
            ("UPDATE points_transfer SET reply = '{}' WHERE version = 2", 10),
            ("UPDATE points_seal SET digest = sha256('x')", 10),
            ("DELETE FROM points_seal", 10),
            ("UPDATE audit_entry SET actor = 'staff:9'", 10),
            ("UPDATE audit_entry SET before = null, after = before", 10),
        ],
    )
    def test_finds_what_was_altered(
        self, ledger: Database, statement: str, invariant: int
    ) -> None:
        if "version = 9" in statement:
            alter(
                ledger,
                "ALTER TABLE points_lot DROP CONSTRAINT fk_points_lot_transfer",
                "ALTER TABLE points_lot_use DROP CONSTRAINT fk_points_lot_use_transfer",
            )
        alter(ledger, statement)

        assert invariant in numbers(check(ledger).wrong)

    def test_says_where_in_plain_words(self, ledger: Database, bob: CustomerID) -> None:
        alter(ledger, "UPDATE points_account SET available = 99 WHERE version = 2")

        wrong = check(ledger).wrong

        said = f"Member {bob} has 99 points and 0 pending, the movements add up to"
        assert wrong[0].where == (f"{said} 15 and 0",)

    def test_finds_a_row_that_was_taken_out(self, ledger: Database) -> None:
        alter(
            ledger,
            "DELETE FROM points_lot_use WHERE version = 5",
            "DELETE FROM points_transfer WHERE kind = 'take_back'",
            "UPDATE points_account SET version = 4, available = 35 WHERE version = 5",
            "UPDATE points_lot SET remaining = 35 WHERE points = 40",
        )

        # All sums agree; the seal is what tells.
        assert numbers(check(ledger).wrong) == {10}

    def test_finds_points_that_expired_too_early(
        self, database: Database, ada: CustomerID
    ) -> None:
        earned(database, ada, 40)
        alter(
            database,
            "UPDATE points_lot SET expires_at = '2026-11-21',"
            " warned_first_at = '2026-10-01', warned_last_at = '2026-11-01'",
        )
        for later in (days(0), days(2)):
            with database.transaction() as session:
                service.note_uptime(session, now=NOW + later, machine_now=NOW)
        with database.transaction() as session:
            service.expire(session, now=NOW + days(2))

        assert 6 in numbers(check(database).wrong)


class TestSeal:
    def test_covers_each_movement_once(self, ledger: Database, ada: CustomerID) -> None:
        earned(ledger, ada, 12)

        with ledger.transaction() as session:
            first = service.seal_transfers(session, now=NOW)
        with ledger.transaction() as session:
            second = service.seal_transfers(session, now=NOW)

        assert first is not None
        assert (first.number, first.transfers, first.notes) == (2, 1, 0)
        assert second is None
        assert check(ledger).wrong == ()
