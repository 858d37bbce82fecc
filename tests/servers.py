"""
One PostgreSQL and one Valkey for a whole test run, shared by its workers.

Every worker of pytest-xdist has its own database, copied from one migrated template,
and its own numbered Valkey database. The servers do without ``fsync``: they live as
long as the run does.
"""

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
from alembic import command
from alembic.config import Config
from psycopg import sql

from loyalty import embedded

PROJECT = Path(__file__).parent.parent
TEMPLATE = "loyalty_template"
_PREFIX = f"loyalty-tests-{os.getuid()}-"
_YOUNG_SECONDS = 600.0


@contextmanager
def running_servers() -> Iterator[embedded.Servers]:
    """Use the servers of this test run; the last worker to leave removes them."""
    _sweep()
    # Not below pytest's own folder: that is private, and PostgreSQL, which never
    # runs as root, could not reach it.
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", uuid4().hex)
    root = Path(tempfile.gettempdir()) / f"{_PREFIX}{run}"
    servers = embedded.start(root, durable=False)
    try:
        with _locked(root / "template.lock"):
            _provide_template(servers)
        yield servers
    finally:
        if servers.stop():
            shutil.rmtree(root, ignore_errors=True)


def worker_number() -> int:
    """Return 0 without pytest-xdist, else 1 for its first worker, and so on."""
    name = os.environ.get("PYTEST_XDIST_WORKER", "")
    return int(name.removeprefix("gw")) + 1 if name else 0


@contextmanager
def new_database(servers: embedded.Servers, name: str) -> Iterator[str]:
    """Copy the migrated template; give its address, and drop it afterwards."""
    database, template = sql.Identifier(name), sql.Identifier(TEMPLATE)
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(database)
    create = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
    with _connection(servers) as connection:
        connection.execute(drop)
        connection.execute(create.format(database, template))
    try:
        yield servers.database_url.rpartition("/")[0] + f"/{name}"
    finally:
        # Only the superuser may drop a database while autovacuum works on it.
        with _connection(servers, admin=True) as connection:
            connection.execute(drop)


def migrate(url: str) -> None:
    """Bring a database to the newest migration, where there are any."""
    if not (PROJECT / "migrations" / "env.py").exists():
        return
    config = Config()
    config.set_main_option("script_location", str(PROJECT / "migrations"))
    config.set_main_option("sqlalchemy.url", url)
    command.upgrade(config, "head")


def _provide_template(servers: embedded.Servers) -> None:
    with _connection(servers) as connection:
        found = connection.execute(
            "SELECT 1 FROM pg_database WHERE datname = %s", [TEMPLATE]
        ).fetchone()
        if found:
            return
        unfinished = sql.Identifier(f"{TEMPLATE}_new")
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(unfinished))
        connection.execute(sql.SQL("CREATE DATABASE {}").format(unfinished))
        migrate(servers.database_url.rpartition("/")[0] + f"/{TEMPLATE}_new")
        connection.execute(
            sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
                unfinished, sql.Identifier(TEMPLATE)
            )
        )


def _connection(
    servers: embedded.Servers, *, admin: bool = False
) -> psycopg.Connection[tuple[object, ...]]:
    address = servers.admin_url if admin else servers.database_url
    url = address.replace("+psycopg", "", 1)
    return psycopg.connect(url, autocommit=True)


def _sweep() -> None:
    """Remove what the servers of killed test runs left behind."""
    for root in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        users = root / "servers.users"
        try:
            if time.time() - root.stat().st_mtime < _YOUNG_SECONDS:
                continue
            with users.open() as handle:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                embedded.remove(root)
        except BlockingIOError:
            continue
        except FileNotFoundError:
            pass
        shutil.rmtree(root, ignore_errors=True)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
