"""Recommendations: the versions of the model, and how good each was."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from flask.typing import ResponseReturnValue

from loyalty.admin.pages import blueprint, show
from loyalty.staff.values import Permission
from loyalty.web.context import parts
from loyalty.web.guards import requires

_FOLDER: Final = "models"
_MOST: Final = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Version:
    """What a version's manifest says of it."""

    name: str
    current: bool
    created_at: datetime
    customers: int
    events: int
    first_day: str
    last_day: str
    days: int
    """How many days after the training's last the test looked ahead."""

    rows: tuple[Mapping[str, Any], ...]
    """The evaluation: a row for each ranking and kind of customer."""


@blueprint.get("/recommendations")
@requires(Permission.RECOMMENDER_READ)
def recommendations() -> ResponseReturnValue:
    """Show the versions that are stored; only their manifests are read."""
    root = parts().data_dir / _FOLDER
    return show("recommendations.html", versions=list(_versions(root)))


def _versions(root: Path) -> Iterator[Version]:
    """Give the stored versions, the latest first; a damaged one is left out."""
    current = _read(root / "current.json")
    promoted = current[-1] if isinstance(current, list) and current else None
    folders = sorted(root.glob("*Z-*"), reverse=True) if root.is_dir() else []
    for folder in folders[:_MOST]:
        manifest = _read(folder / "manifest.json")
        if not isinstance(manifest, dict):
            continue
        data = manifest.get("data") or {}
        metrics = manifest.get("metrics") or {}
        yield Version(
            name=folder.name,
            current=folder.name == promoted,
            created_at=datetime.fromisoformat(manifest["created_at"]),
            customers=data.get("customers", 0),
            events=data.get("events", 0),
            first_day=data.get("first_day", ""),
            last_day=data.get("last_day", ""),
            days=metrics.get("window_days", 0),
            rows=tuple(metrics.get("ranking", ())),
        )


def _read(path: Path) -> object:
    try:
        found: object = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return found
