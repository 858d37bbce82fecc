"""The best targets by a product of vectors: how fast, beside whom, with what memory."""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

import numpy as np

from benchmarks._recommender import peers
from benchmarks._recommender.children import ours, run, say
from benchmarks._recommender.effort import COMPONENTS, TARGETS, TOP, Effort
from benchmarks._table import Table

_MILLION: Final = 1_000_000
_KILO: Final = 1_024
_CLOSE: Final = 1e-4
"""Scores this close are the same; rounding differs between ways to add."""

OURS: Final = ("here", "the product alone", "sgemm", "numpy, argpartition")
SLOW: Final = {"lightfm.predict, batched": 1, "lightfm.predict, one by one": 10}
"""And the part of ``effort.slow`` that each is given."""

PEERS: Final = ("faiss", "implicit")


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """What one contender came to, in millions of pairs a second."""

    name: str
    version: str
    kernel: str
    customers: int
    wall: float
    cpu: float
    """Of a second that one core computed."""

    mebibytes: float
    found: Path


class Arena:
    """Lets contenders search the same vectors, in a folder of its own."""

    def __init__(self, folder: Path, effort: Effort) -> None:
        self.folder, self.effort = folder, effort
        self.threads = effort.threads
        ours("vectors", {"vectors": str(folder), "customers": effort.growth[-1]})

    def measure(
        self, name: str, customers: int, *, python: Path | None = None
    ) -> Measured:
        """Let a contender search for so many customers."""
        say(f"{name}, {customers:,} customers")
        found = self.folder / f"{name}-{customers}.npz"
        asked = {
            "contender": name,
            "vectors": str(self.folder),
            "components": COMPONENTS,
            "customers": customers,
            "k": TOP,
            "repeats": self.effort.repeats,
            "threads": self.threads,
            "found": str(found),
        }
        if python is None:
            told = ours("contender", asked)
        else:
            told = run([str(python), str(peers.PROGRAM)], asked)
        pairs = customers * TARGETS / _MILLION
        return Measured(
            name=name,
            version=told["version"],
            kernel=told.get("kernel", ""),
            customers=customers,
            wall=pairs / median(told["wall"]),
            cpu=pairs / median(told["cpu"]),
            mebibytes=told["kilobytes"] / _KILO,
            found=found,
        )


def tables(effort: Effort, *, with_peers: bool) -> list[Table]:
    """Measure everybody on the same vectors."""
    python = None
    if with_peers:
        say("an environment for implicit and faiss")
        python = peers.install()
    with tempfile.TemporaryDirectory(prefix="loyalty-benchmark-") as folder:
        arena = Arena(Path(folder), effort)
        growth = [arena.measure("here", size) for size in effort.growth]
        here, most = growth[-1], effort.growth[-1]
        everybody = [here, *(arena.measure(name, most) for name in OURS[1:])]
        everybody += [
            arena.measure(name, effort.slow // part) for name, part in SLOW.items()
        ]
        if python is not None:
            everybody += [arena.measure(n, most, python=python) for n in PEERS]
        return [_beside(everybody, here, arena), _growth(growth)]


def _beside(everybody: list[Measured], here: Measured, arena: Arena) -> Table:
    table = Table(
        title=f"Top {TOP} of {TARGETS} targets for {here.customers:,} customers, "
        f"{COMPONENTS} components"
    )
    for one in everybody:
        table.add(
            contender=one.name,
            customers=one.customers,
            **{
                "million pairs/s": round(one.wall, 1),
                "a core": round(one.cpu, 1),
                "here: times as fast": round(here.wall / one.wall, 2),
                "by CPU, times": round(here.cpu / one.cpu, 2),
                "peak MiB": round(one.mebibytes),
                "same result": _agreement(one, here),
            },
        )
    table.notes = [
        f"Medians of {arena.effort.repeats}, on {arena.threads} threads; BLAS kernel"
        f" {here.kernel}; "
        + ", ".join(
            f"{one.name} {one.version}" for one in everybody if one.name in PEERS
        )
        + ".",
        "“A core” is by what the process computed, whoever else wanted the cores.",
        "Peak memory is of the whole process with the vectors and what was found.",
        "Goals: 250 on two quiet cores, 2 times implicit, 8 times lightfm.predict, at",
        "most 1,536 MiB; stretch: half of sgemm, which is square matrices of 1,024.",
    ]
    return table


def _versions(everybody: list[Measured]) -> str:
    peers_here = [one for one in everybody if one.name not in OURS]
    return ", ".join(dict.fromkeys(f"{_package(o)} {o.version}" for o in peers_here))


def _package(one: Measured) -> str:
    return "lightfm-next" if one.name in SLOW else one.name


def _agreement(one: Measured, here: Measured) -> str:
    """Compare what was found: every score, and the places where no scores tie."""
    with np.load(one.found) as theirs, np.load(here.found) as found:
        count = len(theirs["places"])
        if not count:
            return "-"
        scores, places = found["scores"][:count], found["places"][:count]
        near = np.isclose(theirs["scores"], scores, rtol=_CLOSE, atol=_CLOSE).all()
        other = theirs["places"] != places
        tied = np.abs(np.diff(scores, axis=1, append=-np.inf)) < _CLOSE
        tied[:, 1:] |= tied[:, :-1]
        tied[:, -1] = True  # the one after the last may be its equal
        return "yes" if near and not (other & ~tied).any() else "NO"


def _growth(growth: list[Measured]) -> Table:
    table = Table(title="The same with more customers")
    for one in growth:
        table.add(
            customers=one.customers,
            **{
                "million pairs/s": round(one.wall, 1),
                "a core": round(one.cpu, 1),
                "peak MiB": round(one.mebibytes),
            },
        )
    return table
