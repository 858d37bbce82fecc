"""
Training and scoring a whole shop, in a process of its own.

Reads a JSON object (customers, threads) and prints one: how long each step of training
took, and how long scoring takes in this thread, on threads and on a Dask cluster.
"""

import json
import resource
import sys
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from time import process_time
from typing import Any, Final

import numpy as np
from distributed import LocalCluster

from benchmarks._recommender.effort import SEED
from benchmarks._recommender.shop import Shop, make_shop
from benchmarks._timing import Timed
from recommender.config import Config
from recommender.data import Ask
from recommender.pipeline import train
from recommender.scoring import Scene, Scored, executor_at, in_blocks, score
from recommender.training import Trained

WORKERS: Final = 2
_BLOCKS: Final = 8
"""At least so many, so that all workers have some."""


@dataclass(slots=True)
class Steps:
    """Listens to training, and notes what each step computed, in seconds."""

    begun: float = field(default_factory=process_time)
    seconds: dict[str, float] = field(default_factory=dict)
    parts: dict[str, int] = field(default_factory=dict)

    def tell(self, step: str, _done: int, total: int) -> None:
        """Note what was done since the last time."""
        now = process_time()
        self.seconds[step] = self.seconds.get(step, 0.0) + now - self.begun
        self.parts[step] = total
        self.begun = now


def main() -> None:
    """Do what is asked."""
    asked = json.load(sys.stdin)
    shop = make_shop(asked["customers"])
    config = Config(seed=SEED, threads=asked["threads"])
    steps, timed = Steps(), Timed()
    trained = timed.call(
        train, shop.purchases, shop.customers, shop.products, config, steps.tell
    )
    told: dict[str, Any] = {
        "lines": len(shop.purchases),
        "events": trained.events,
        "items": len(trained.space.items),
        "wall": timed.wall[0],
        "cpu": timed.cpu[0],
        "steps": [
            {"step": step, "parts": steps.parts[step], "seconds": seconds}
            for step, seconds in steps.seconds.items()
        ],
        "kilobytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
    }
    told["scoring"] = list(_scorings(trained, shop))
    sys.stdout.write(json.dumps(told) + "\n")


def _scorings(trained: Trained, shop: Shop) -> Iterator[dict[str, object]]:
    """Score everybody in several ways; say how long each took, and if all agree."""
    scene = Scene.of(trained, shop.products, Ask(day=shop.today))
    size = -(-len(shop.customers) // _BLOCKS)
    first: Scored | None = None
    for name, place in (("this thread", _here), ("threads", _threads), ("Dask", _dask)):
        with place() as executor:
            _scored(trained, scene, shop, size, executor)  # imports, on all workers
            timed = Timed()
            found = timed.call(_scored, trained, scene, shop, size, executor)
        first = found if first is None else first
        yield {
            "where": name,
            "wall": timed.wall[0],
            "cpu": timed.cpu[0],
            "same": _same(found, first),
        }


def _scored(
    trained: Trained, scene: Scene, shop: Shop, size: int, executor: Executor | None
) -> Scored:
    people = in_blocks(shop.customers, shop.purchases, size)
    blocks = score(trained, scene, people, executor=executor, progress=_ignore)
    return Scored.together(list(blocks))


def _ignore(_step: str, _done: int, _total: int) -> None:
    """Tell nobody."""


@contextmanager
def _here() -> Iterator[None]:
    yield None


@contextmanager
def _threads() -> Iterator[Executor]:
    with executor_at() as executor:
        yield executor


@contextmanager
def _dask() -> Iterator[Executor]:
    with (
        LocalCluster(
            n_workers=WORKERS,
            threads_per_worker=1,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",
        ) as cluster,
        executor_at(cluster.scheduler_address, wait_seconds=120) as executor,
    ):
        yield executor


def _same(one: Scored, other: Scored) -> bool:
    """Compare to the bit."""
    return all(
        np.array_equal(getattr(one, column.name), getattr(other, column.name))
        for column in fields(Scored)
    )


if __name__ == "__main__":
    main()
