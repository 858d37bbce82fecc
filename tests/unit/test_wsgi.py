"""The web process as its server starts it."""

import json
import subprocess
import sys

from tests.unit.loyalty.test_settings import NEEDED

PRINT = """
import json, wsgi
from loyalty.web.context import parts
with wsgi.app.app_context():
    given = parts()
limits = given.staff_limits
print(json.dumps([given.trusted_proxies, limits.idle, limits.absolute]))
"""


class TestTheApplication:
    def test_has_the_proxies_and_sign_in_times_of_the_settings(self) -> None:
        done = subprocess.run(
            [sys.executable, "-c", PRINT],
            env={
                **NEEDED,
                "LOYALTY_TRUSTED_PROXIES": "1",
                "LOYALTY_STAFF_IDLE_MINUTES": "15",
                "LOYALTY_STAFF_SESSION_HOURS": "8",
            },
            check=True,
            capture_output=True,
            text=True,
        )

        assert json.loads(done.stdout) == [1, 15 * 60, 8 * 3600]
