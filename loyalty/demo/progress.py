"""How far a fast-forward has come, in a file that the page looks at."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from tempfile import NamedTemporaryFile


class Stage(StrEnum):
    """Whether the clock is being moved."""

    WAITING = "waiting"
    """Asked for; no worker has begun."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    """Where the walk through time is, and what happened on the way."""

    stage: Stage
    start: datetime
    until: datetime
    at: datetime
    """What the shop's clock showed last."""

    messages: int = 0
    visits: int = 0
    redeemed: int = 0

    @property
    def share(self) -> float:
        """How much of the way is done, from 0 to 1."""
        whole = (self.until - self.start).total_seconds()
        done = (self.at - self.start).total_seconds()
        return min(max(done / whole, 0.0), 1.0) if whole > 0 else 1.0


def progress_file(data_dir: Path) -> Path:
    """Return where the progress of a demo below this folder stands."""
    return data_dir / "demo" / "progress.json"


def announce(path: Path, *, days: int, now: datetime) -> None:
    """Say that a walk was asked for, so that nobody reads the last one's end."""
    until = now + timedelta(days=days)
    asked = Progress(stage=Stage.WAITING, start=now, until=until, at=now)
    write_progress(path, asked)


def write_progress(path: Path, progress: Progress) -> None:
    """Replace what the file says."""
    path.parent.mkdir(parents=True, exist_ok=True)
    values = asdict(progress)
    for name in ("start", "until", "at"):
        values[name] = values[name].isoformat()
    with NamedTemporaryFile(
        "w", dir=path.parent, prefix=path.name, delete=False, encoding="utf-8"
    ) as new:
        json.dump(values, new)
    Path(new.name).replace(path)


def read_progress(path: Path) -> Progress | None:
    """Return how far the latest fast-forward has come, or None before the first."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return Progress(
        stage=Stage(values["stage"]),
        start=datetime.fromisoformat(values["start"]),
        until=datetime.fromisoformat(values["until"]),
        at=datetime.fromisoformat(values["at"]),
        messages=values["messages"],
        visits=values["visits"],
        redeemed=values["redeemed"],
    )
