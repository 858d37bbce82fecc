"""Running PostgreSQL as our child: first-time set-up, start, stop, recovery."""

import os
import re
import shutil
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import LiteralString

import psycopg
from psycopg import sql

from loyalty.embedded.accounts import Account, reachable
from loyalty.embedded.binaries import postgres_program
from loyalty.embedded.processes import (
    Running,
    ServerDied,
    birth,
    command_line,
    run,
    spawn,
    tail,
    wait_until,
)
from loyalty.embedded.state import ServerState

DATABASE = "loyalty"
SERVICE = "loyalty_service"
ADMIN = "postgres"
_RECOVERY_SECONDS = 120.0
_ORPHANS_SECONDS = 20.0
_BUILTIN_LOCALES_SINCE = 17
_ORPHANS = "still in use"
"""What PostgreSQL says while children of a killed server have not ended yet."""

STOP = (
    (signal.SIGINT, 30.0),  # "fast": end the sessions, write everything, end
    (signal.SIGQUIT, 5.0),
    (signal.SIGKILL, 5.0),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Postgres:
    """The PostgreSQL of one folder."""

    data: Path
    log: Path
    account: Account
    durable: bool = True
    """Whether a commit waits for the disk; off is for tests alone."""

    def url(self, state: ServerState, database: str = DATABASE) -> str:
        """Return the address for migrations: it owns the database, no more."""
        return _url(DATABASE, state.password, state.port, database)

    def service_url(self, state: ServerState, database: str = DATABASE) -> str:
        """Return the address for the service: it has the rights that it is given."""
        return _url(SERVICE, state.service_password, state.port, database)

    def admin_url(self, state: ServerState, database: str = DATABASE) -> str:
        """Return the address for the superuser."""
        return _url(ADMIN, state.admin_password, state.port, database)

    @property
    def is_set_up(self) -> bool:
        """Whether there is a database already."""
        return (self.data / "PG_VERSION").exists()

    def start(self, state: ServerState) -> Running:
        """
        Start the server, setting it up the first time, and wait for its answer.

        :raises BinaryMissing: there is no PostgreSQL to run
        :raises ServerDied: it did not come up
        """
        program = reachable(postgres_program(), self.account)
        if not self.is_set_up:
            self._set_up(program.with_name("initdb"), state)
        disown_stale_pid(self.data)
        process = self._spawn(program, state)
        _provide_database(self.admin_url(state, "postgres"), state)
        return process

    def _spawn(self, program: Path, state: ServerState) -> Running:
        options = {
            "port": state.port,
            "listen_addresses": "127.0.0.1",
            # No socket file: its path may be at most 107 bytes long.
            "unix_socket_directories": "",
            "max_connections": 200,
            "timezone": "UTC",
            "log_timezone": "UTC",
        }
        if not self.durable:
            options |= {
                "fsync": "off",
                "synchronous_commit": "off",
                "full_page_writes": "off",
            }
        command: list[str | Path] = [program, "-D", self.data]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        deadline = time.monotonic() + _ORPHANS_SECONDS
        while True:
            process = spawn(command, account=self.account, log=self.log)
            try:
                wait_until(
                    lambda: _answers(self.admin_url(state, "postgres")),
                    process=process,
                    log=self.log,
                    seconds=_RECOVERY_SECONDS,
                )
            except ServerDied:
                if _ORPHANS not in tail(self.log) or time.monotonic() > deadline:
                    process.stop(*STOP)
                    raise
                time.sleep(0.2)
            else:
                return process

    def _set_up(self, initdb: Path, state: ServerState) -> None:
        # Made beside its place and moved there, so that an interrupted
        # set-up leaves nothing that looks finished.
        unfinished = self.data.with_name("postgres.new")
        password = self.data.with_name("postgres.password")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        self.account.own(unfinished)
        password.touch(mode=0o600)
        password.write_text(state.admin_password)
        self.account.own(password)
        try:
            run(
                [
                    initdb,
                    f"--pgdata={unfinished}",
                    f"--username={ADMIN}",
                    f"--pwfile={password}",
                    "--auth=scram-sha-256",
                    "--encoding=UTF8",
                    *self._locale(initdb),
                    *([] if self.durable else ["--no-sync"]),
                ],
                account=self.account,
            )
        finally:
            password.unlink()
        unfinished.replace(self.data)

    def _locale(self, initdb: Path) -> list[str]:
        """Sort and compare by code point everywhere, whatever the machine has."""
        version = re.search(r"\d+", run([initdb, "--version"], account=self.account))
        if version and int(version.group()) >= _BUILTIN_LOCALES_SINCE:
            return [
                "--locale=C",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
            ]
        return ["--locale=C.UTF-8"]


def disown_stale_pid(data: Path) -> None:
    """
    Keep a ``postmaster.pid`` of a dead server from stopping a new one.

    PostgreSQL itself sees that a process is gone, unless its number was given to
    another one, as happens in containers. The file is not removed, since it also
    leads PostgreSQL to orphans that still hold the shared memory: it is made to
    name us, the parent, whom PostgreSQL never takes for a rival.
    """
    path = data / "postmaster.pid"
    try:
        first, rest = path.read_text().split("\n", maxsplit=1)
        pid = int(first)
    except (FileNotFoundError, ValueError):
        return
    if birth(pid) is not None and str(data) not in command_line(pid):
        owner = path.stat()
        path.write_text(f"{os.getpid()}\n{rest}")
        if os.geteuid() == 0:
            os.chown(path, owner.st_uid, owner.st_gid)


def _provide_database(admin_url: str, state: ServerState) -> None:
    """Make the owner, the service's role and the database where they are missing."""
    role = sql.Identifier(DATABASE)
    with psycopg.connect(_plain(admin_url), autocommit=True) as connection:
        _provide_role(connection, "{} LOGIN CREATEDB", DATABASE, state.password)
        _provide_role(connection, "{} LOGIN", SERVICE, state.service_password)
        found = connection.execute(
            "SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]
        ).fetchone()
        if found is None:
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {}").format(role, role)
            )


def _provide_role(
    connection: psycopg.Connection[tuple[object, ...]],
    rights: LiteralString,
    name: str,
    password: str,
) -> None:
    found = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name])
    if found.fetchone() is None:
        role = sql.SQL(rights).format(sql.Identifier(name))
        connection.execute(
            sql.SQL("CREATE ROLE {} PASSWORD {}").format(role, sql.Literal(password))
        )


def _answers(url: str) -> bool:
    try:
        psycopg.connect(_plain(url), connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def _url(user: str, password: str, port: int, database: str) -> str:
    return f"postgresql+psycopg://{user}:{password}@127.0.0.1:{port}/{database}"


def _plain(url: str) -> str:
    """Take SQLAlchemy's driver name out of an address."""
    return url.replace("postgresql+psycopg://", "postgresql://", 1)
