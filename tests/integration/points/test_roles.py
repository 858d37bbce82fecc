"""The service's role in PostgreSQL: it adds to the ledger, and can't alter it."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError, ProgrammingError

from loyalty import embedded
from loyalty.core.database import Database, open_engine
from loyalty.core.jobs import NoQueue
from loyalty.points import service
from loyalty.usecases.verify_ledger import verify_ledger
from migrations.roles import RoleMissing, let_in
from tests.factories import NOW, enrol, make_shop, small_vault
from tests.integration.points.ledger import earned, points_of, spent

APPEND_ONLY = (
    "audit_entry",
    "audit_sealed",
    "customer_consent",
    "points_lot_use",
    "points_rule",
    "points_seal",
    "points_sealed",
    "points_transfer",
)


@pytest.fixture
def owner(fresh_postgres_url: str) -> Iterator[Engine]:
    engine = open_engine(fresh_postgres_url)
    yield engine
    engine.dispose()


@pytest.fixture
def service_url(
    owner: Engine, fresh_postgres_url: str, servers: embedded.Servers
) -> str:
    name = fresh_postgres_url.rpartition("/")[2]
    url = f"{servers.service_url.rpartition('/')[0]}/{name}"
    with owner.begin() as connection:
        let_in(connection, service_url=url)
    return url


@pytest.fixture
def restricted(service_url: str) -> Iterator[Database]:
    """Give the database as the service sees it, with some movements."""
    engine = open_engine(service_url)
    database = Database(engine, NoQueue(), small_vault())
    with database.transaction() as session:
        make_shop(session)
        ada = enrol(session).profile.id
    earned(database, ada, 40)
    spent(database, ada, 15)
    with database.transaction() as session:
        service.seal_transfers(session, now=NOW)
    assert points_of(database, ada) == (25, 0, 0)
    yield database
    engine.dispose()


class TestServiceRole:
    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE {} SET {column} = {column}",
            "DELETE FROM {}",
            "TRUNCATE {}",
            "ALTER TABLE {} DISABLE TRIGGER append_only",
            "DROP TABLE {}",
        ],
    )
    def test_is_refused_to_alter_what_is_only_added_to(
        self, restricted: Database, owner: Engine, statement: str
    ) -> None:
        for table in APPEND_ONLY:
            with owner.connect() as connection:
                column = connection.scalar(
                    text(
                        "SELECT column_name FROM information_schema.columns"
                        " WHERE table_name = :table LIMIT 1"
                    ),
                    {"table": table},
                )
            refused = pytest.raises(
                ProgrammingError, match=r"permission denied|must be owner"
            )
            with refused, restricted.transaction() as session:
                session.execute(text(statement.format(table, column=column)))

        with restricted.transaction() as session:
            audit = verify_ledger(session)
        assert (audit.transfers, audit.wrong) == (2, ())

    @pytest.mark.usefixtures("restricted")
    def test_has_every_table_with_the_trigger_kept_from_it(self, owner: Engine) -> None:
        with owner.connect() as connection:
            loose = connection.scalars(
                text(
                    "SELECT tgrelid::regclass::text FROM pg_trigger"
                    " WHERE tgname = 'append_only' AND has_table_privilege("
                    "'loyalty_service', tgrelid, 'UPDATE, DELETE, TRUNCATE')"
                )
            ).all()
        assert loose == []

    def test_can_not_make_tables_or_change_the_schemas_version(
        self, restricted: Database
    ) -> None:
        for statement in (
            "CREATE TABLE mine ()",
            "UPDATE alembic_version SET version_num = 'x'",
        ):
            with (
                pytest.raises(ProgrammingError, match="permission denied"),
                restricted.transaction() as session,
            ):
                session.execute(text(statement))


class TestOwner:
    @pytest.mark.parametrize(
        "statement",
        ["UPDATE points_transfer SET amount = 1", "DELETE FROM points_lot_use"],
    )
    def test_is_refused_by_the_trigger(
        self, restricted: Database, owner: Engine, statement: str
    ) -> None:
        with (
            pytest.raises(DBAPIError, match="only ever added"),
            owner.begin() as connection,
        ):
            connection.execute(text(statement))

        with restricted.transaction() as session:
            assert verify_ledger(session).wrong == ()

    def test_may_be_the_service_as_well(
        self, owner: Engine, fresh_postgres_url: str
    ) -> None:
        with owner.begin() as connection:
            let_in(connection, service_url=fresh_postgres_url)

    def test_is_told_who_can_make_a_role_that_is_missing(
        self, owner: Engine, fresh_postgres_url: str
    ) -> None:
        url = fresh_postgres_url.replace("//loyalty:", "//nobody_here:")

        with (
            pytest.raises(RoleMissing, match="CREATE ROLE nobody_here"),
            owner.begin() as connection,
        ):
            let_in(connection, service_url=url)
