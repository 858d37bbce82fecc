"""Each measurement in a process of its own, so that its memory can be told."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parent.parent.parent
_SECONDS: Final = 3_600
_CHOICES: Final = ("OPENBLAS_", "GOTO_", "MKL_", "OMP_", "BLIS_")
"""Variables by which a machine makes BLAS choose otherwise than it would."""


def run(program: list[str], asked: Mapping[str, object]) -> dict[str, Any]:
    """
    Run a program with a JSON object on standard input; return the one it prints.

    :param program: what comes after the name of a Python, which is the first
    """
    plain = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(_CHOICES)
    }
    done = subprocess.run(  # noqa: S603  # our own
        program,
        input=json.dumps(asked),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        cwd=ROOT,
        env=plain,
        timeout=_SECONDS,
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def ours(module: str, asked: Mapping[str, object]) -> dict[str, Any]:
    """Run one of our own modules."""
    return run([sys.executable, "-m", f"benchmarks._recommender.{module}"], asked)


def say(doing: str) -> None:
    """Tell the person at the terminal what is being done."""
    sys.stderr.write(f"measuring {doing}\n")
