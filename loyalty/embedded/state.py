"""What is remembered of the servers of one folder, in one private file."""

import hashlib
import json
import os
import secrets
import socket
import time
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from loyalty.embedded.errors import EmbeddedError
from loyalty.embedded.processes import Running

_PORTS = range(15_000, 32_768)
"""Below those that the system gives to outgoing connections, which would otherwise
now and then hold a server's port just when it starts again."""

_PATIENCE_SECONDS = 2.0


class StateLost(EmbeddedError):
    """The file with the servers' passwords is gone or unreadable."""


def _password() -> str:
    return secrets.token_urlsafe(24)


@dataclass(frozen=True, kw_only=True, slots=True)
class ServerState:
    """One server: its port and passwords, and its process when it has one."""

    port: int = 0
    """0 until it first started."""
    password: str = field(default_factory=_password)
    admin_password: str = field(default_factory=_password)
    process: Running | None = None

    @property
    def service_password(self) -> str:
        """The password of the role that the service runs as."""
        words = f"service {self.admin_password}".encode()
        return hashlib.sha256(words).hexdigest()

    @property
    def alive(self) -> bool:
        """Whether its process runs."""
        return self.process is not None and self.process.alive

    def with_port(self) -> "ServerState":
        """Keep the port that it had, or give it another when that one is taken."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while self.port:
            if _is_free(self.port):
                return self
            if time.monotonic() > deadline:
                break
            # A server that was just killed may not have let go of it yet.
            time.sleep(0.05)
        return replace(self, port=_free_port())


@dataclass(frozen=True, kw_only=True, slots=True)
class State:
    """Both servers of a folder."""

    identity: str
    """A random name, so that data kept elsewhere is known to be this folder's."""
    root: str
    """The folder it was written for; it may have been copied since."""
    postgres: ServerState
    valkey: ServerState


def read(path: Path) -> State:
    """
    Read the file, or begin a new state where there is none.

    :raises StateLost: it is there, but unreadable or not ours
    """
    root = str(path.parent.resolve())
    try:
        stored = json.loads(path.read_text())
        state = State(
            identity=str(stored["identity"]),
            root=str(stored["root"]),
            postgres=_server(stored["postgres"]),
            valkey=_server(stored["valkey"]),
        )
    except FileNotFoundError:
        return State(
            identity=secrets.token_hex(8),
            root=root,
            postgres=ServerState(),
            valkey=ServerState(),
        )
    except PermissionError:
        message = f"{path} belongs to another user: start the servers as that user"
        raise StateLost(message) from None
    except (ValueError, KeyError, TypeError):
        message = f"{path} is damaged: it holds the servers' ports and passwords"
        raise StateLost(message) from None
    if state.root == root:
        return state
    # A copy of another folder, whose servers are none of ours.
    return State(
        identity=state.identity,
        root=root,
        postgres=replace(state.postgres, port=0, process=None),
        valkey=replace(state.valkey, port=0, process=None),
    )


def write(path: Path, state: State) -> None:
    """Replace the file, readable by its owner alone."""
    unfinished = path.with_suffix(".new")
    unfinished.unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    with os.fdopen(os.open(unfinished, flags, 0o600), "w") as file:
        json.dump(asdict(state), file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def _server(stored: dict[str, object]) -> ServerState:
    process = stored["process"]
    return ServerState(
        port=int(str(stored["port"])),
        password=str(stored["password"]),
        admin_password=str(stored["admin_password"]),
        process=Running(pid=int(process["pid"]), born=str(process["born"]))
        if isinstance(process, dict)
        else None,
    )


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _free_port() -> int:
    while True:
        port = _PORTS.start + secrets.randbelow(len(_PORTS))
        if _is_free(port):
            return port
