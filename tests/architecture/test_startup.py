"""What a process must not load."""

import subprocess
import sys

import pytest


class TestTheWebProcess:
    @pytest.mark.parametrize(
        "module", ["numpy", "scipy", "lightfm", "recommender", "pyarrow"]
    )
    def test_never_loads_the_recommender(self, module: str) -> None:
        code = (
            "import sys, loyalty.app, jobs.queues, loyalty.demo.clock;"
            f"sys.exit({module!r} in sys.modules)"
        )

        done = subprocess.run([sys.executable, "-c", code], check=False)

        assert done.returncode == 0
