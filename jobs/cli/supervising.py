"""Keeping child processes running: started, watched, started again, stopped."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from loyalty.embedded.processes import Running, birth

_STEADY_SECONDS = 30.0
"""A child that lived so long may die again without being waited for longer."""

_LONGEST_PAUSE = 30.0
_STOP_SECONDS = 15.0
_POLL_SECONDS = 0.05


@dataclass(slots=True)
class Child:
    """One process that should always run."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause: float = 0.0
    """Seconds until it is started again; doubles with each early death."""


@dataclass(slots=True)
class Supervisor:
    """The children of one folder, by its record also found after a kill."""

    folder: Path
    environment: Mapping[str, str]
    children: list[Child] = field(default_factory=list)

    def start(self, name: str, command: Sequence[str]) -> None:
        """Start a process that shall run until ``stop``."""
        child = Child(name=name, command=command)
        self.children.append(child)
        self._spawn(child)

    def watch(self) -> list[str]:
        """
        Start again what has died, later each time it dies early.

        :returns: the names of the children that were started again
        """
        again = []
        for child in self.children:
            if child.process is None or child.process.poll() is None:
                continue
            lived = time.monotonic() - child.started
            if lived > _STEADY_SECONDS:
                child.pause = 0.0
            if lived < child.pause:
                continue
            child.pause = min(max(1.0, child.pause * 2), _LONGEST_PAUSE)
            self._spawn(child)
            again.append(child.name)
        return again

    def running(self, name: str) -> bool:
        """Test whether the child of this name lives."""
        return any(
            child.name == name
            and child.process is not None
            and child.process.poll() is None
            for child in self.children
        )

    def stop(self) -> None:
        """End all children: asked first, made to when they take too long."""
        deadline = time.monotonic() + _STOP_SECONDS
        for child in reversed(self.children):
            _signal(child, signal.SIGTERM)
        for child in self.children:
            while child.process is not None and child.process.poll() is None:
                if time.monotonic() > deadline:
                    _signal(child, signal.SIGKILL)
                time.sleep(_POLL_SECONDS)
        self._record.unlink(missing_ok=True)

    def end_leftovers(self) -> int:
        """End what a killed supervisor of this folder left; return how many."""
        try:
            found = json.loads(self._record.read_text())
        except FileNotFoundError:
            return 0
        left = [Running(pid=one["pid"], born=one["born"]) for one in found]
        left = [process for process in left if process.alive]
        for process in left:
            # Each child leads a group of its own, with what it started itself.
            os.killpg(process.pid, signal.SIGTERM)
        for process in left:
            process.stop((signal.SIGTERM, _STOP_SECONDS), (signal.SIGKILL, 1.0))
        self._record.unlink(missing_ok=True)
        return len(left)

    @property
    def _record(self) -> Path:
        return self.folder / "processes.json"

    def _spawn(self, child: Child) -> None:
        logs = self.folder / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        with (logs / f"{child.name}.log").open("ab") as log:
            child.process = subprocess.Popen(  # noqa: S603  # our own programs
                list(child.command),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=dict(self.environment),
                # Of its own session: Ctrl-C reaches us, and we stop it in order.
                start_new_session=True,
            )
        child.started = time.monotonic()
        pids = [one.process.pid for one in self.children if one.process is not None]
        record = [{"pid": pid, "born": birth(pid) or ""} for pid in pids]
        self._record.write_text(json.dumps(record))


def _signal(child: Child, number: signal.Signals) -> None:
    if child.process is not None and child.process.poll() is None:
        os.killpg(child.process.pid, number)
