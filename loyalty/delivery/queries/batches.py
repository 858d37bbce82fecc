"""Batches of letters that wait in a folder for the printer."""

import csv
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from loyalty.core.errors import NotFound

LETTERS: Final = "letters.pdf"
MANIFEST: Final = "manifest.csv"
_NAME: Final = re.compile(r"20\d\d-\d\d-\d\dT\d{6}-[0-9a-f]{6}")


class BatchNotFound(NotFound):
    """No batch of letters has this name."""

    code = "batch_not_found"


@dataclass(frozen=True, kw_only=True, slots=True)
class Batch:
    """One batch, whole and ready to be printed."""

    name: str
    at: datetime
    letters: int
    pages: int
    size: int
    """Of the PDF, in bytes."""


def list_batches(folder: Path | None) -> tuple[Batch, ...]:
    """Return the batches that are ready, the newest first."""
    if folder is None or not folder.is_dir():
        return ()
    names = sorted(one.name for one in folder.iterdir() if _NAME.fullmatch(one.name))
    return tuple(_batch(folder / name) for name in reversed(names))


def open_batch(folder: Path | None, *, name: str, part: str = LETTERS) -> Path:
    """
    Return where a batch's PDF, or its manifest, is.

    :raises BatchNotFound: if there is no such batch
    """
    if folder is not None and _NAME.fullmatch(name) and part in (LETTERS, MANIFEST):
        path = folder / name / part
        if path.is_file():
            return path.resolve()
    message = f"There is no batch of letters {name}."
    raise BatchNotFound(message)


def _batch(folder: Path) -> Batch:
    with (folder / MANIFEST).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return Batch(
        name=folder.name,
        at=datetime.strptime(folder.name[:17], "%Y-%m-%dT%H%M%S").replace(tzinfo=UTC),
        letters=len(rows),
        pages=sum(int(row["pages"]) for row in rows),
        size=(folder / LETTERS).stat().st_size,
    )
