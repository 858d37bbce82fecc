"""Starting, recognising and stopping server processes."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from loyalty.embedded.accounts import Account
from loyalty.embedded.errors import EmbeddedError

_PAUSE = 0.02
_LOG_LIMIT = 5_000_000
_LOG_TAIL = 2_000

_children: dict[int, subprocess.Popen[bytes]] = {}
"""Servers that this very process started: it alone can reap them."""


class ServerDied(EmbeddedError):
    """A server did not come up, or not in time; the message ends with its log."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Running:
    """A process, told apart from a later one that was given the same number."""

    pid: int
    born: str
    """When it started, in the words of the operating system."""

    @property
    def alive(self) -> bool:
        """Whether this very process still runs."""
        child = _children.get(self.pid)
        if child is not None and child.poll() is not None:
            del _children[self.pid]
        return birth(self.pid) == self.born

    def stop(self, *signals: tuple[signal.Signals, float]) -> None:
        """
        Send each signal in turn, until the process is gone.

        :param signals: what to send, and how many seconds to wait after it
        """
        for number, seconds in signals:
            deadline = time.monotonic() + seconds
            if self.alive:
                os.kill(self.pid, number)
            while time.monotonic() < deadline:
                if not self.alive:
                    return
                time.sleep(_PAUSE)


def birth(pid: int) -> str | None:
    """Say when a process started; nothing when there is none, or only its corpse."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    # The name in brackets may hold spaces, so count from the last bracket on.
    fields = text.rpartition(")")[2].split()
    return None if fields[0] in "ZX" else fields[19]


def command_line(pid: int) -> str:
    """Return a process's command line, empty when there is no such process."""
    try:
        raw = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return ""
    return raw.replace(b"\0", b" ").decode(errors="replace").strip()


def spawn(
    command: Sequence[str | Path], *, account: Account, log: Path, given: str = ""
) -> Running:
    """
    Start a server as our direct child.

    :param account: the operating system's user that it runs as
    :param log: the file that gets everything it says
    :param given: what it reads on its standard input
    """
    if log.exists() and log.stat().st_size > _LOG_LIMIT:
        log.replace(log.with_suffix(".log.1"))
    with log.open("ab") as output:
        child = subprocess.Popen(  # noqa: S603 (our own programs and options)
            [str(part) for part in command],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd="/",
            # Of its own session, so that Ctrl-C reaches us and not the servers.
            start_new_session=True,
            **account.arguments,
        )
    if child.stdin is not None:
        child.stdin.write(given.encode())
        child.stdin.close()
    _children[child.pid] = child
    return Running(pid=child.pid, born=birth(child.pid) or "")


def run(command: Sequence[str | Path], *, account: Account) -> str:
    """
    Run a program to its end, and return what it printed.

    :raises ServerDied: it failed; the message is what it said
    """
    done = subprocess.run(  # noqa: S603 (our own programs and options)
        [str(part) for part in command],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        **account.arguments,
    )
    if done.returncode != 0:
        message = f"{Path(command[0]).name} failed:\n{done.stdout}{done.stderr}"
        raise ServerDied(message)
    return done.stdout


def wait_until(
    ready: Callable[[], bool], *, process: Running, log: Path, seconds: float
) -> None:
    """
    Wait until a server answers.

    :raises ServerDied: it ended, or did not answer in so many seconds
    """
    deadline = time.monotonic() + seconds
    while not ready():
        if not process.alive:
            message = f"the server ended while starting:\n{tail(log)}"
            raise ServerDied(message)
        if time.monotonic() > deadline:
            message = f"no answer from the server in {seconds:.0f} s:\n{tail(log)}"
            raise ServerDied(message)
        time.sleep(_PAUSE)


def tail(log: Path) -> str:
    """Return the end of a log, for a message."""
    try:
        return log.read_bytes()[-_LOG_TAIL:].decode(errors="replace").strip()
    except OSError:
        return ""
