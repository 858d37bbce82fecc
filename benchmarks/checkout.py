"""How long a checkout takes, however many promotions run.

``python -m benchmarks.checkout`` prices baskets of 30 lines (67 units) against 1 to
10,000 promotions of all ten rewards: in this process, through HTTP against the service
as it is run, and with django-oscar doing what it can of the same work.
"""

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from benchmarks import _engine, _oscar, _service
from benchmarks._table import Table, show
from benchmarks.workload import Workload, make_workload

SIZES: Final = (1, 10, 100, 1_000, 10_000)
OVER_HTTP: Final = (1, 1_000, 10_000)
WITH_PEER: Final = (1, 10, 100, 1_000)
CROWDED: Final = (1_000, 200)
"""So many promotions over so few articles that several hundred touch a basket."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Effort:
    """How much is measured."""

    baskets: int
    crowded: int
    requests: int
    most: int
    """The most promotions."""

    peer_seconds: float
    """For how long at most the peer prices baskets at each size."""


FULL: Final = Effort(
    baskets=200, crowded=40, requests=200, most=10_000, peer_seconds=45.0
)
QUICK: Final = Effort(baskets=40, crowded=5, requests=40, most=1_000, peer_seconds=8.0)


def in_process(effort: Effort) -> list[Table]:
    """Return how long pricing alone takes."""
    growing = Table(title="In process: a catalogue that grows with the promotions")
    for size in SIZES:
        if size <= effort.most:
            workload = make_workload(size, baskets=effort.baskets)
            growing.rows.append(_priced(workload))
    growing.notes = [
        f"Medians of {effort.baskets} baskets of 30 lines with 67 units;",
        "wall clock, and beside it what this process computed.",
        "Goal: at most 2 ms at 1,000, 95 % optimal, flat from 100 to 10,000.",
    ]
    crowded = Table(title="In process: 1,000 promotions over 200 articles")
    size, products = CROWDED
    if size <= effort.most:
        crowded.rows.append(
            _priced(make_workload(size, products=products, baskets=effort.crowded))
        )
    return [growing, crowded]


def over_http(effort: Effort) -> Table:
    """Return how long a till waits."""
    table = Table(title="Through HTTP: one till, one request after the other")
    for size in OVER_HTTP:
        if size <= effort.most:
            _say(f"the service with {size:,} promotions")
            workload = make_workload(size, baskets=effort.requests)
            table.rows += _service.measure(workload)
    table.notes = [
        f"{effort.requests} requests of each kind, with an API key, on one connection.",
        f"“1 query” is GET {_service.ONE_QUERY}, which finds one row by its key;",
        "“of it” is the median beside that operation's. Goal of a quote: 2.",
        "Members show their card; each purchase is recorded with points and receipt.",
    ]
    return table


def beside_peer(effort: Effort) -> list[Table]:
    """Return how long django-oscar takes, and how much longer that is."""
    _say("an environment for django-oscar")
    python = _oscar.install()
    table = Table(title="django-oscar: Applicator.apply on the same articles")
    for size in WITH_PEER:
        if size <= effort.most:
            _say(f"django-oscar with {size:,} offers")
            workload = make_workload(size, baskets=effort.baskets)
            peer = _oscar.measure(python, workload, seconds=effort.peer_seconds)
            table.rows.append({**peer, **_ratio(peer, _priced(workload))})
    mapped = Table(title="What django-oscar was given of each reward")
    mapped.rows += [
        {"reward": reward, "django-oscar": offer}
        for reward, offer in _oscar.MAPPED.items()
    ]
    table.notes = [
        "As many offers as promotions, on the same articles, in equal shares of the",
        "five kinds that it has, without limits; SQLite in memory; for at most",
        f"{effort.peer_seconds:.0f} s at each size. It takes offers in turn: it looks",
        "for no best combination and says nothing of what was missed.",
    ]
    return [table, mapped]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one object")
    parser.add_argument("--quick", action="store_true", help="fewer, up to 1,000")
    parser.add_argument("--no-peer", action="store_true", help="without django-oscar")
    parser.add_argument("--no-http", action="store_true", help="without the service")
    parser.add_argument("--most", type=int, help="the most promotions")
    parser.add_argument("--baskets", type=int, help="how many baskets in process")
    asked = parser.parse_args(arguments)
    effort = effort_of(
        QUICK if asked.quick else FULL, most=asked.most, baskets=asked.baskets
    )
    tables = in_process(effort)
    if not asked.no_http:
        tables.append(over_http(effort))
    if not asked.no_peer:
        tables += beside_peer(effort)
    tables[-1].notes.append(
        f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} at the end."
    )
    show([table for table in tables if table.rows], as_json=asked.json)


def effort_of(effort: Effort, *, most: int | None, baskets: int | None) -> Effort:
    """Return it with what the command line says otherwise."""
    return replace(
        effort,
        most=effort.most if most is None else most,
        baskets=effort.baskets if baskets is None else baskets,
        crowded=effort.crowded if baskets is None else min(baskets, effort.crowded),
    )


def _priced(workload: Workload) -> dict[str, object]:
    scene = _engine.scene_of(workload)
    return _engine.measure(scene, products=len(workload.products))


def _ratio(peer: Mapping[str, object], ours: Mapping[str, object]) -> dict[str, object]:
    here = float(str(ours["CPU median ms"]))
    return {
        "here CPU median ms": here,
        "times": round(float(str(peer["CPU median ms"])) / here),
    }


def _say(doing: str) -> None:
    sys.stderr.write(f"measuring {doing}\n")


if __name__ == "__main__":
    main()
