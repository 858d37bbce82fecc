"""The programme's settings of the checkout, from the command line."""

import pytest
from click.testing import CliRunner, Result

from jobs.cli import commands
from loyalty.core.database import Database
from loyalty.stores.queries import get_programme
from loyalty.usecases.checkout import Asking, ask_quote
from tests.factories import NOW, basket

KEPT = "reservation_minutes 15\nrecheck_thresholds  false\n"


@pytest.fixture
def environ(shared_database: Database) -> dict[str, str]:
    url = shared_database.engine.url.render_as_string(hide_password=False)
    return {
        "LOYALTY_DATABASE_URL": url,
        "LOYALTY_REDIS_URL": "redis://localhost:1/0",
        "LOYALTY_SECRET_KEY": "long enough to be an installation's secret",
    }


def run(environ: dict[str, str], *options: str) -> Result:
    return CliRunner().invoke(
        commands, ["programme", "checkout", *options], env=environ
    )


class TestProgrammeCheckout:
    def test_prints_what_holds(self, environ: dict[str, str]) -> None:
        assert run(environ).output == KEPT

    def test_changes_how_long_a_reservation_holds(
        self, shared_database: Database, environ: dict[str, str]
    ) -> None:
        done = run(environ, "--reservation-minutes", "20", "--recheck-thresholds")

        asking = Asking(actor="key:1", reserve=True)
        with shared_database.transaction() as session:
            request = basket(None, TEA=1)
            _priced, kept = ask_quote(session, request=request, asking=asking, now=NOW)
            rechecks = get_programme(session).recheck_thresholds
        assert done.output == "reservation_minutes 20\nrecheck_thresholds  true\n"
        assert kept.reserved_until is not None
        assert (kept.reserved_until - NOW).total_seconds() == 20 * 60
        assert rechecks

    def test_refuses_what_is_no_time(self, environ: dict[str, str]) -> None:
        refused = run(environ, "--reservation-minutes", "0")

        assert refused.exit_code == 2
        assert run(environ).output == KEPT
