"""An installation of its own whose processes and servers are killed and started again.

Only what it started itself is ever killed. Processes are the real commands of the
console script; the servers are the embedded ones, with the durability of production.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from loyalty import embedded
from loyalty.core.database import Database
from loyalty.demo.clock import advance, clock_file, demo_clock
from tests.faults.sink import Fault
from tests.integration.delivery.shop import SECRET, open_database

ROOT = Path(__file__).parents[2]
_PATIENCE_SECONDS = 120.0
_POLL_SECONDS = 0.05
_GRACE_SECONDS = 5.0
_AGAIN_SECONDS = 0.5
"""A process that ended by itself is started again, but not faster than this."""


@dataclass
class Crew:
    """One process that should always run."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0


@dataclass
class Fleet:
    """The servers, the processes and the mail server of one installation."""

    folder: Path
    servers: embedded.Servers
    environment: dict[str, str]
    log: Path
    crews: list[Crew] = field(default_factory=list)
    ended: Counter[str] = field(default_factory=Counter)
    """How often a process ended that nobody had killed, by its name."""

    killed: Counter[str] = field(default_factory=Counter)
    _counted: int = 0
    _read_to: int = 0

    def start(self, name: str, *arguments: str) -> None:
        """Start a command of the console script, and keep it running."""
        command = [sys.executable, "-m", "jobs.cli", *arguments]
        crew = Crew(name=name, command=command)
        self.crews.append(crew)
        self._spawn(crew)

    def watch(self) -> None:
        """Start again what is not running."""
        self.servers.check()
        for crew in self.crews:
            if crew.process is not None and crew.process.poll() is not None:
                self.ended[crew.name] += 1
                crew.process = None
            pause = crew.started + _AGAIN_SECONDS - time.monotonic()
            if crew.process is None and pause <= 0:
                self._spawn(crew)

    def kill(self, name: str) -> None:
        """Send SIGKILL to a process of ours, or to a server and all its children."""
        self.killed[name.partition("-")[0]] += 1
        if name in ("postgres", "valkey"):
            state = json.loads((self.folder / "servers.json").read_text())
            _kill_tree(state[name]["process"]["pid"])
            return
        crew = next(one for one in self.crews if one.name == name)
        if crew.process is not None and crew.process.poll() is None:
            _kill_tree(crew.process.pid)
            crew.process.wait()
        crew.process = None
        crew.started = time.monotonic()

    def name_of(self, pids: Collection[str]) -> str | None:
        """Return the name of a running process of ours with one of these numbers."""
        for crew in self.crews:
            process = crew.process
            if process and process.poll() is None and str(process.pid) in pids:
                return crew.name
        return None

    def start_web(self) -> None:
        """Start the web at the address that the links in mails begin with."""
        host, port = (
            self.environment["LOYALTY_PUBLIC_URL"].removeprefix("http://").split(":")
        )
        self.start("web", "web", "--host", host, "--port", port, "--workers", "1")

    def stop(self, kind: str = "") -> None:
        """End the processes whose name begins so, and be sure of it."""
        leaving = [crew for crew in self.crews if crew.name.startswith(kind)]
        running = [crew.process for crew in leaving if crew.process is not None]
        self.crews = [crew for crew in self.crews if crew not in leaving]
        for process in running:
            process.terminate()
        for process in running:
            try:
                process.wait(timeout=_GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                _kill_tree(process.pid)
                process.wait()

    def wait_until(self, condition: Callable[[], bool], *, what: str) -> None:
        """Look again and again until something is so; fail after two minutes."""
        end = time.monotonic() + _PATIENCE_SECONDS
        while not condition():
            assert time.monotonic() < end, f"in vain: {what}"
            self.watch()
            time.sleep(_POLL_SECONDS)

    def accepted(self) -> int:
        """Return how many mails the mail server has accepted."""
        with self.log.open("rb") as log:
            log.seek(self._read_to)
            new = log.read()
        whole = new.rfind(b"\n") + 1
        self._counted += new.count(b"\taccepted\t", 0, whole)
        self._read_to += whole
        return self._counted

    @property
    def now(self) -> datetime:
        """What the installation's clock shows."""
        return demo_clock(clock_file(self.folder))()

    def move_clock(self, to: datetime) -> None:
        """Let the installation's clock jump to a later moment and run on."""
        advance(clock_file(self.folder), to)

    def _spawn(self, crew: Crew) -> None:
        with (self.folder / f"{crew.name}.log").open("ab") as output:
            crew.process = subprocess.Popen(
                list(crew.command),
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        crew.started = time.monotonic()


@contextmanager
def running_fleet(
    *, begins: datetime, faults: dict[int, Fault] | None = None
) -> Iterator[Fleet]:
    """
    Give an installation with a migrated, empty database and a mail server.

    :param begins: what its clock shows at first; leases go by the machine's
    :param faults: what the mail server does wrong, by the number of the mail
    """
    # Not below pytest's folder: PostgreSQL, which never runs as root, can't reach it.
    folder = Path(tempfile.gettempdir()) / f"loyalty-faults-{uuid4().hex}"
    folder.mkdir(mode=0o755)
    servers = embedded.start(folder)
    try:
        advance(clock_file(folder), begins)
        with _mail_server(folder, faults or {}) as (port, log):
            environment = _environment(folder, servers, port)
            _migrate(environment, servers)
            fleet = Fleet(folder, servers, environment, log)
            try:
                yield fleet
            finally:
                fleet.stop()
    finally:
        servers.stop()
        embedded.remove(folder)
        if "LOYALTY_TEST_KEEP" not in os.environ:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def opened(fleet: Fleet) -> Iterator[Database]:
    """Open the fleet's database as its service does."""
    database = open_database(fleet.servers.service_url)
    try:
        yield database
    finally:
        database.engine.dispose()


def _environment(folder: Path, servers: embedded.Servers, port: int) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("LOYALTY_")}
    return {
        **kept,
        "LOYALTY_DATABASE_URL": servers.service_url,
        "LOYALTY_REDIS_URL": servers.redis_url,
        "LOYALTY_SECRET_KEY": SECRET,
        "LOYALTY_SMTP_URL": f"smtp://127.0.0.1:{port}",
        "LOYALTY_PUBLIC_URL": f"http://127.0.0.1:{_free_port()}",
        "LOYALTY_DATA_DIR": str(folder),
        "LOYALTY_DEMO": "true",  # for its clock, which can be moved
        "PYTHONUNBUFFERED": "1",
    }


def _migrate(environment: dict[str, str], servers: embedded.Servers) -> None:
    owner = {"LOYALTY_OWNER_DATABASE_URL": servers.database_url}
    command = [sys.executable, "-m", "jobs.cli", "migrate"]
    subprocess.run(
        command, cwd=ROOT, env={**environment, **owner}, check=True, capture_output=True
    )


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    return port


@contextmanager
def _mail_server(folder: Path, faults: dict[int, Fault]) -> Iterator[tuple[int, Path]]:
    log, plan = folder / "accepted.log", folder / "faults.json"
    log.touch()
    plan.write_text(json.dumps(faults))
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.sink", str(log), str(plan)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert server.stdout is not None
    try:
        yield int(server.stdout.readline()), log
    finally:
        server.terminate()
        server.wait(timeout=10)
        server.stdout.close()


def _kill_tree(pid: int) -> None:
    """Kill a process and what it started: the parent first, so that none is renewed."""
    doomed = [pid, *_children(pid)]
    for each in doomed:
        try:
            os.kill(each, signal.SIGKILL)
        except ProcessLookupError:
            continue


def _children(pid: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            child = int(stat.parent.name)
            found += [child, *_children(child)]
    return found
