"""implicit and faiss, in an environment of their own under ``var/``."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

from benchmarks._recommender.children import ROOT

FOLDER: Final = ROOT / "var" / "benchmark-recommender"
PACKAGES: Final = (
    "faiss-cpu>=1.15,<2",
    "implicit>=0.7.3,<1",
    "numpy>=2.4,<3",
    "threadpoolctl>=3.6,<4",
)
PROGRAM: Final = Path(__file__).with_name("_peer.py")


def install() -> Path:
    """Make the environment if it is not there; return its Python."""
    python = FOLDER / "bin" / "python"
    stamp = FOLDER / ".installed"
    wanted = "\n".join(PACKAGES)
    if stamp.exists() and stamp.read_text() == wanted:
        return python
    uv = Path(sys.executable).parent / "uv"
    environ = {**os.environ, "UV_PYTHON_DOWNLOADS": "never", "UV_SYSTEM_CERTS": "1"}
    for arguments in (
        ["venv", "--quiet", "--clear", "--python", sys.executable, str(FOLDER)],
        ["pip", "install", "--quiet", "--python", str(python), *PACKAGES],
    ):
        subprocess.run(  # noqa: S603  # our own
            [str(uv), *arguments], check=True, env=environ
        )
    stamp.write_text(wanted)
    return python
