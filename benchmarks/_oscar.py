"""django-oscar on the same work, in an environment of its own under ``var/``."""

import json
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks._timing import middle, p95
from benchmarks.workload import Document, Workload

MAPPED: Final = {
    "percent_off": "percentage",
    "steps": "percentage, of one step",
    "amount_off": "absolute, of a unit or of the range",
    "points_times": "none; in its place an absolute one of 1.00",
    "fixed_price": "fixed price of 1 unit",
    "bundle": "fixed price of 2 different articles of both parts",
    "buy_get": "multibuy: of 3 the cheapest is free",
    "free_item": "multibuy, on what it requires",
    "free_delivery": "shipping, all of it off",
    "points_plus": "none; in its place shipping off",
}
"""Two rewards to each of the five kinds that oscar has, so that shares are equal."""

_OFFERS: Final = {
    "percent_off": ("Percentage", "percent", "Count", "1"),
    "steps": ("Percentage", "10", "Count", "2"),
    "amount_off": ("Absolute", "amount", "Count", "1"),
    "points_times": ("Absolute", "1.00", "Count", "1"),
    "fixed_price": ("Fixed price", "price", "Count", "1"),
    "bundle": ("Fixed price", "price", "Coverage", "2"),
    "buy_get": ("Multibuy", "", "Count", "3"),
    "free_item": ("Multibuy", "", "Count", "2"),
    "free_delivery": ("Shipping percentage", "100", "Value", "5.00"),
    "points_plus": ("Shipping percentage", "100", "Count", "2"),
}
"""The benefit, its value or the field that has it, the condition and its value."""

_ROOT: Final = Path(__file__).parent.parent
_FOLDER: Final = _ROOT / "var" / "benchmark-oscar"
_PACKAGE: Final = "django-oscar>=4.2,<5"
_SETTING_UP_SECONDS: Final = 300.0


def install() -> Path:
    """Make the environment if it is not there; return its Python."""
    python = _FOLDER / "bin" / "python"
    stamp = _FOLDER / ".installed"
    if stamp.exists() and stamp.read_text() == _PACKAGE:
        return python
    uv = Path(sys.executable).parent / "uv"
    environ = {**os.environ, "UV_PYTHON_DOWNLOADS": "never", "UV_SYSTEM_CERTS": "1"}
    for arguments in (
        ["venv", "--quiet", "--clear", "--python", sys.executable, str(_FOLDER)],
        ["pip", "install", "--quiet", "--python", str(python), _PACKAGE],
    ):
        subprocess.run(  # noqa: S603  # our own
            [str(uv), *arguments], check=True, env=environ
        )
    stamp.write_text(_PACKAGE)
    return python


def measure(python: Path, workload: Workload, *, seconds: float) -> dict[str, object]:
    """Let oscar price the baskets, for so long at most; return what to print of it."""
    asked = {
        "products": [[one["sku"], one["price"]] for one in workload.products],
        "offers": _offers(workload),
        "baskets": [
            [[line["sku"], int(line["quantity"])] for line in lines]
            for lines in workload.baskets
        ],
        "seconds": seconds,
    }
    done = subprocess.run(  # noqa: S603  # our own
        [str(python), str(Path(__file__).with_name("_oscar_peer.py"))],
        input=json.dumps(asked),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=_SETTING_UP_SECONDS + 4 * seconds,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return {
        "promotions": len(workload.promotions),
        "version": found["version"],
        "baskets": len(found["wall"]),
        "apply": round(found["applied"]),
        "median ms": middle(found["wall"]),
        "p95 ms": p95(found["wall"]),
        "CPU median ms": middle(found["cpu"]),
    }


def _as_offer(reward: str, said: Document) -> Document:
    """Return a benefit and a condition on its range; see ``MAPPED``."""
    kind, value, condition, least = _OFFERS[reward]
    if said.get("per") == "unit":
        kind = "Fixed"
    return {
        "benefit": [kind, said.get(value, value)],
        "condition": [condition, least],
    }


def _offers(workload: Workload) -> list[Document]:
    articles = _Articles(workload.products)
    made = []
    for one in workload.promotions:
        ((reward, said),) = one["reward"].items()
        made.append(
            {
                **_as_offer(reward, said),
                "range": sorted(articles.concerned(one)),
                "exclusive": one["combines"] != "freely",
            }
        )
    return made


class _Articles:
    """Which articles stand in each category, brand and tag."""

    def __init__(self, products: Sequence[Document]) -> None:
        self._standing: dict[tuple[str, str], list[str]] = defaultdict(list)
        for one in products:
            places = {
                "categories": one["categories"],
                "brands": [one["brand"]],
                "tags": one["tags"],
                "skus": [one["sku"]],
            }
            for kind, names in places.items():
                for name in names:
                    self._standing[kind, name].append(one["sku"])

    def concerned(self, promotion: Document) -> set[str]:
        """Return what the selectors of a promotion choose together."""
        return {
            sku
            for selector in _selectors([promotion["reward"], promotion["requires"]])
            for kind, names in selector.items()
            for name in names
            for sku in self._standing[kind, name]
        }


def _selectors(part: Document | list[Any]) -> Iterator[dict[str, list[str]]]:
    """Yield the selectors that stand anywhere in a document."""
    if isinstance(part, dict):
        kinds = ("categories", "brands", "tags", "skus")
        yield {kind: part[kind] for kind in kinds if kind in part}
    for inner in part.values() if isinstance(part, dict) else part:
        if isinstance(inner, dict | list):
            yield from _selectors(inner)
