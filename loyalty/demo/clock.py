"""
The demo's clock: the machine's, moved ahead by as much as a small file says.

Every process of the demo reads the file; whoever moves the clock replaces it whole,
so that a reader sees the old or the new state and never a half of one. After a move
the clock runs on, or stands still while a fast-forward lets everything happen that is
due at that moment; when the fast-forward dies, it begins to run by itself. No move
takes it back.
"""

import fcntl
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile

from loyalty.core.clock import machine_now, use_source

_ZERO = timedelta()


@dataclass(frozen=True, kw_only=True, slots=True)
class _State:
    """The clock shows ``shows`` until the machine's is at ``runs_from``, then runs."""

    shows: datetime
    runs_from: datetime

    def at(self, real: datetime) -> datetime:
        return self.shows + max(real - self.runs_from, _ZERO)


def clock_file(data_dir: Path) -> Path:
    """Return where a demo below this folder keeps its clock."""
    return data_dir / "demo" / "clock.json"


def demo_clock(
    path: Path, *, machine: Callable[[], datetime] = machine_now
) -> Callable[[], datetime]:
    """
    Return a clock that follows the file; without one it is the machine's.

    It looks whether the file was replaced at each reading, which costs microseconds,
    and reads it only then.
    """
    # The stamp before the state: a change in between is then seen the next time.
    seen = _stamp(path)
    state = _read(path)

    def now() -> datetime:
        nonlocal state, seen
        stamp = _stamp(path)
        if stamp != seen:
            state, seen = _read(path), stamp
        real = machine()
        return real if state is None else state.at(real)

    return now


def use_demo_clock(data_dir: Path) -> None:
    """Let this process live in the demo's time; called when it starts."""
    use_source(demo_clock(clock_file(data_dir)))


def advance(
    path: Path,
    to: datetime,
    *,
    standing: timedelta = _ZERO,
    machine: Callable[[], datetime] = machine_now,
) -> datetime:
    """
    Move the clock to a moment, unless it shows a later one already.

    :param standing: for how long, by the machine's clock, it then stands still
    :returns: what it shows now
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with _alone(path):
        state, real = _read(path), machine()
        shows = max(to, real if state is None else state.at(real))
        _write(path, _State(shows=shows, runs_from=real + standing))
        return shows


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_mtime_ns, found.st_ino


def _read(path: Path) -> _State | None:
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return _State(
        shows=datetime.fromisoformat(values["shows"]),
        runs_from=datetime.fromisoformat(values["runs_from"]),
    )


def _write(path: Path, state: _State) -> None:
    values = {
        "shows": state.shows.isoformat(),
        "runs_from": state.runs_from.isoformat(),
    }
    with NamedTemporaryFile(
        "w", dir=path.parent, prefix=path.name, delete=False, encoding="utf-8"
    ) as new:
        json.dump(values, new)
        new.flush()
        os.fsync(new.fileno())
    Path(new.name).replace(path)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Keep other movers out: two at once could take the clock back."""
    handle = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
