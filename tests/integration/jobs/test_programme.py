"""The command that changes the points rule."""

import pytest
from click.testing import CliRunner, Result

from jobs.cli import commands
from loyalty.core.database import Database
from loyalty.core.errors import Invalid
from loyalty.customers.values import CustomerID
from loyalty.stores.queries import get_points_rule, get_programme
from loyalty.stores.values import Lifetime
from tests.factories import enrol
from tests.integration.points.ledger import earned, points_of


@pytest.fixture
def ada(shared_database: Database) -> CustomerID:
    with shared_database.transaction() as session:
        return enrol(session).profile.id


class TestPoints:
    @pytest.fixture(autouse=True)
    def _at(
        self, shared_database: Database, fresh_postgres_url: str, redis_url: str
    ) -> None:
        self.database = shared_database
        self.environ = {
            "LOYALTY_DATABASE_URL": fresh_postgres_url,
            "LOYALTY_REDIS_URL": redis_url,
            "LOYALTY_SECRET_KEY": "s" * 40,
        }

    def call(self, *arguments: str) -> Result:
        command = ["programme", "points", *arguments]
        return CliRunner().invoke(commands, command, env=self.environ)

    def version(self) -> int:
        with self.database.transaction() as session:
            return get_programme(session).points_rule.version

    def test_prints_the_rule_in_force(self) -> None:
        done = self.call()

        assert done.exit_code == 0
        assert "lifetime_days  365" in done.stdout
        assert self.version() == 1

    def test_makes_a_new_version_and_keeps_the_old(self, ada: CustomerID) -> None:
        earned(self.database, ada, 10)

        done = self.call("--delay-days", "14", "--lifetime", "fixed_date")
        earned(self.database, ada, 10)

        assert done.exit_code == 0
        assert "version        2" in done.stdout
        with self.database.transaction() as session:
            old, new = (get_points_rule(session, version=v) for v in (1, 2))
        assert (old.delay_days, old.lifetime) == (0, Lifetime.ROLLING)
        assert (new.delay_days, new.lifetime) == (14, Lifetime.FIXED_DATE)
        assert points_of(self.database, ada) == (10, 10, 0)

    def test_changes_nothing_for_the_same_rule(self) -> None:
        self.call("--value", "0.01")

        assert self.version() == 1

    def test_refuses_a_rule_that_points_can_not_live_by(self) -> None:
        done = self.call("--lifetime-days", "30")

        assert isinstance(done.exception, Invalid)
        assert "/points_rule/lifetime_days" in str(done.exception)
        assert self.version() == 1

    def test_refuses_what_is_no_amount(self) -> None:
        done = self.call("--value", "a cent")

        assert done.exit_code == 2
        assert "is not an amount such as 0.01" in done.stderr
