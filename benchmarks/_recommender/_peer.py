"""
The peers' side: run by their own Python, which has nothing of ours.

Reads a JSON object (contender, vectors, k, repeats, threads, found) and prints one.
"""

import json
import resource
import sys
import time
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

Vectors = NDArray[np.float32]
Best = tuple[NDArray[np.int32], Vectors]


def by_implicit(customers: Vectors, targets: Vectors, k: int, threads: int) -> Best:
    """Search with what implicit's ``recommend`` calls, BLAS held as it advises."""
    from implicit.cpu.topk import topk  # noqa: PLC0415  # only one peer is in memory

    with threadpool_limits(1, user_api="blas"):
        places, scores = topk(targets, customers, k, num_threads=threads)
    return places, scores


def by_faiss(customers: Vectors, targets: Vectors, k: int, threads: int) -> Best:
    """Search in an exact index."""
    import faiss  # noqa: PLC0415  # only one peer is in memory

    faiss.omp_set_num_threads(threads)
    index = faiss.IndexFlatIP(targets.shape[1])
    index.add(targets)
    with threadpool_limits(threads):
        scores, places = index.search(customers, k)
    return places, scores


CONTENDERS: dict[str, tuple[str, Callable[[Vectors, Vectors, int, int], Best]]] = {
    "implicit": ("implicit", by_implicit),
    "faiss": ("faiss-cpu", by_faiss),
}


def read(asked: dict[str, Any], name: str, count: int) -> Vectors:
    """Read so many vectors, or all: -1; nothing else comes to memory."""
    width = asked["components"]
    numbers = count * width if count >= 0 else -1
    found = np.fromfile(Path(asked["vectors"]) / name, np.float32, numbers)
    return found.reshape(-1, width)


def main() -> None:
    """Do what is asked."""
    asked = json.load(sys.stdin)
    customers = read(asked, "customers", asked["customers"])
    targets = read(asked, "targets", -1)
    package, search = CONTENDERS[asked["contender"]]
    search(customers[:100], targets, asked["k"], asked["threads"])
    wall, cpu = [], []
    for _ in range(asked["repeats"]):
        begun, computed = time.perf_counter(), time.process_time()
        places, scores = search(customers, targets, asked["k"], asked["threads"])
        wall.append(time.perf_counter() - begun)
        cpu.append(time.process_time() - computed)
    np.savez(asked["found"], places=places.astype(np.int32), scores=scores)
    told = {
        "version": metadata.version(package),
        "wall": wall,
        "cpu": cpu,
        "kilobytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
    }
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main()
