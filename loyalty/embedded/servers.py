"""
Starting the pair, sharing it between processes, stopping it with the last one.

Two lock files in the folder do it. ``servers.lock`` is held while anybody starts or
stops servers. ``servers.users`` is held *shared* by every process that uses them; the
one that gets it *alone* when leaving is the last, and stops them. The operating
system lets go of a killed process's locks, so nothing is left to tidy up.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from loyalty.embedded import postgres as postgres_server
from loyalty.embedded import valkey as valkey_server
from loyalty.embedded.accounts import OUTSIDE, account_for, data_folder
from loyalty.embedded.postgres import Postgres
from loyalty.embedded.state import State, StateLost, read, write
from loyalty.embedded.valkey import Valkey

_STATE = "servers.json"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Wanted:
    """What one caller asked for."""

    postgres: bool
    valkey: bool
    durable: bool


class Servers:
    """The running servers of a folder, for as long as this object is not stopped."""

    def __init__(self, root: Path, wanted: _Wanted, users: int) -> None:
        self._root = root
        self._wanted = wanted
        self._users: int | None = users
        self._pair = _Pair.of(root, durable=wanted.durable)

    @property
    def database_url(self) -> str:
        """Where the database is for the owner of its tables; empty when unasked."""
        if not self._wanted.postgres:
            return ""
        return self._pair.postgres.url(self._pair.state.postgres)

    @property
    def service_url(self) -> str:
        """Where the same database is for the service, which owns nothing; likewise."""
        if not self._wanted.postgres:
            return ""
        return self._pair.postgres.service_url(self._pair.state.postgres)

    @property
    def admin_url(self) -> str:
        """Where the same database is for PostgreSQL's superuser; empty likewise."""
        if not self._wanted.postgres:
            return ""
        return self._pair.postgres.admin_url(self._pair.state.postgres)

    @property
    def redis_url(self) -> str:
        """Where database 0 of Valkey is; empty when it was not asked for."""
        if not self._wanted.valkey:
            return ""
        return self._pair.valkey.url(self._pair.state.valkey)

    def check(self) -> list[str]:
        """
        Start again what has died, at its old port; cheap when all is well.

        :returns: what was started again: ``"postgres"``, ``"valkey"``
        """
        with _locked(self._root):
            self._pair, started = _bring_up(self._root, self._wanted)
        return started

    def stop(self) -> bool:
        """
        Leave the servers; stop them when no other process uses them.

        :returns: whether they were stopped
        """
        if self._users is None:
            return False
        with _locked(self._root):
            alone = _try_lock(self._users, fcntl.LOCK_EX)
            os.close(self._users)
            self._users = None
            if alone:
                _bring_down(self._root)
        return alone

    def __enter__(self) -> Self:
        """Do nothing: the servers run already."""
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the servers."""
        self.stop()


def start(
    root: Path, *, postgres: bool = True, valkey: bool = True, durable: bool = True
) -> Servers:
    """
    Use the servers of a folder, starting those that do not run.

    :param root: the folder that holds all they own, such as ``var``; made if missing
    :param postgres: whether PostgreSQL is wanted
    :param valkey: whether Valkey is wanted
    :param durable: whether what they acknowledge outlives a crash of the machine;
        only tests may do without
    :raises BinaryMissing: a program is neither in a wheel nor on the machine
    :raises ServerDied: a server did not come up; the message has its log
    :raises StateLost: the passwords to existing data are gone
    """
    root.mkdir(parents=True, exist_ok=True)
    wanted = _Wanted(postgres=postgres, valkey=valkey, durable=durable)
    with _locked(root):
        _bring_up(root, wanted)
        return Servers(root, wanted, _join(root))


def attach(root: Path) -> Servers | None:
    """Use the servers of a folder if both run; start nothing."""
    if not (root / _STATE).exists():
        return None
    with _locked(root):
        state = read(root / _STATE)
        if not (state.postgres.alive and state.valkey.alive):
            return None
        wanted = _Wanted(postgres=True, valkey=True, durable=True)
        return Servers(root, wanted, _join(root))


def stop(root: Path) -> None:
    """Stop the servers of a folder, whoever uses them."""
    if (root / _STATE).exists():
        with _locked(root):
            _bring_down(root)


def remove(root: Path) -> None:
    """Stop the servers of a folder and delete all their data."""
    if not (root / _STATE).exists():
        return
    with _locked(root):
        _bring_down(root)
        pair = _Pair.of(root, durable=True)
        shutil.rmtree(pair.postgres.data.parent, ignore_errors=True)
        for name in (_STATE, "postgres.log", "valkey.log"):
            (root / name).unlink(missing_ok=True)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Pair:
    """Both servers of a folder with what is remembered of them."""

    state: State
    postgres: Postgres
    valkey: Valkey

    @classmethod
    def of(cls, root: Path, *, durable: bool) -> Self:
        root = root.resolve()
        state = read(root / _STATE)
        folder = data_folder(root, state.identity)
        account = account_for(folder)
        return cls(
            state=state,
            postgres=Postgres(
                data=folder / "postgres",
                log=root / "postgres.log",
                account=account,
                durable=durable,
            ),
            valkey=Valkey(
                data=folder / "valkey",
                log=root / "valkey.log",
                account=account,
                durable=durable,
            ),
        )


def _bring_up(root: Path, wanted: _Wanted) -> tuple[_Pair, list[str]]:
    pair = _Pair.of(root, durable=wanted.durable)
    _make_folder(root, pair)
    state, started = pair.state, []
    if wanted.postgres and not state.postgres.alive:
        state = replace(state, postgres=state.postgres.with_port())
        # Before the server is set up: an interruption must not lose its password.
        write(root / _STATE, state)
        process = pair.postgres.start(state.postgres)
        state = replace(state, postgres=replace(state.postgres, process=process))
        write(root / _STATE, state)
        started.append("postgres")
    if wanted.valkey and not state.valkey.alive:
        state = replace(state, valkey=state.valkey.with_port())
        write(root / _STATE, state)
        process = pair.valkey.start(state.valkey)
        state = replace(state, valkey=replace(state.valkey, process=process))
        write(root / _STATE, state)
        started.append("valkey")
    return replace(pair, state=state), started


def _make_folder(root: Path, pair: _Pair) -> None:
    if pair.postgres.is_set_up and not (root / _STATE).exists():
        message = (
            f"{pair.postgres.data} holds a database, but {root / _STATE} with its "
            "password is gone: bring it back, or remove the folder to begin anew"
        )
        raise StateLost(message)
    folder = pair.postgres.data.parent
    if folder.parent == OUTSIDE:
        OUTSIDE.mkdir(mode=0o755, parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    pair.postgres.account.own(folder)


def _bring_down(root: Path) -> None:
    state = read(root / _STATE)
    if state.valkey.process is not None:
        state.valkey.process.stop(*valkey_server.STOP)
    if state.postgres.process is not None:
        state.postgres.process.stop(*postgres_server.STOP)
    write(
        root / _STATE,
        replace(
            state,
            postgres=replace(state.postgres, process=None),
            valkey=replace(state.valkey, process=None),
        ),
    )


@contextmanager
def _locked(root: Path) -> Iterator[None]:
    handle = os.open(root / "servers.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _join(root: Path) -> int:
    handle = os.open(root / "servers.users", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(handle, fcntl.LOCK_SH)
    return handle


def _try_lock(handle: int, kind: int) -> bool:
    try:
        fcntl.flock(handle, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
