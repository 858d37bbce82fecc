"""
The demo's clock: the machine's, moved ahead by as much as a small file says.

Every process of the demo reads the file; whoever moves the clock replaces it whole,
so that a reader sees the old or the new offset and never a half of one. The clock
runs on after a move, and no move takes it back.
"""

import fcntl
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile

from loyalty.core.clock import machine_now, use_source

_ZERO = timedelta()


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
    offset, seen = _ZERO, None

    def now() -> datetime:
        nonlocal offset, seen
        stamp = _stamp(path)
        if stamp != seen:
            offset, seen = read_offset(path), stamp
        return machine() + offset

    return now


def use_demo_clock(data_dir: Path) -> None:
    """Let this process live in the demo's time; called when it starts."""
    use_source(demo_clock(clock_file(data_dir)))


def advance(
    path: Path, to: datetime, *, machine: Callable[[], datetime] = machine_now
) -> datetime:
    """
    Move the clock to a moment, unless it shows a later one already.

    :returns: what it shows now
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with _alone(path):
        offset, real = read_offset(path), machine()
        if to > real + offset:
            offset = to - real
            _write(path, offset)
        return real + offset


def read_offset(path: Path) -> timedelta:
    """Return how far the clock is ahead of the machine's; nothing without a file."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return _ZERO
    return timedelta(microseconds=int(json.loads(text)["ahead_microseconds"]))


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_mtime_ns, found.st_ino


def _write(path: Path, offset: timedelta) -> None:
    ahead = offset // timedelta(microseconds=1)
    with NamedTemporaryFile(
        "w", dir=path.parent, prefix=path.name, delete=False, encoding="utf-8"
    ) as new:
        json.dump({"ahead_microseconds": ahead}, new)
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
