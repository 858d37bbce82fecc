"""
Our own side, and LightFM's: one way to search, measured in a process of its own.

Reads a JSON object (contender, vectors, k, repeats, threads, found) and prints one.
"""

import json
import resource
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
from lightfm import LightFM
from numpy.typing import NDArray
from scipy import sparse
from threadpoolctl import threadpool_info

from benchmarks._timing import Timed
from recommender.data import FloatArray
from recommender.scoring.blas import one_thread
from recommender.scoring.topk import top_k

Best = tuple[NDArray[np.int32], FloatArray]
Search = Callable[[FloatArray, FloatArray, int, int], Best]
_BLOCK = 2_048


def here(customers: FloatArray, targets: FloatArray, k: int, threads: int) -> Best:
    """Search as scoring does."""
    best = top_k(customers, targets, k, threads=threads)
    return best.places, best.scores


def only_product(
    customers: FloatArray, targets: FloatArray, k: int, threads: int
) -> Best:
    """Make the product, block by block, and look for nothing in it."""

    def multiply(start: int) -> None:
        np.matmul(targets, customers[start : start + _BLOCK].T)

    with one_thread(), ThreadPoolExecutor(threads) as pool:
        list(pool.map(multiply, range(0, len(customers), _BLOCK)))
    return _nothing(k)


def peak(customers: FloatArray, targets: FloatArray, k: int, threads: int) -> Best:
    """Multiply square matrices: what the cores can do with nothing to wait for."""
    side = 1_024
    square = np.resize(targets, (side, side))
    pairs = len(customers) * len(targets) * targets.shape[1]
    times = max(round(pairs / side**3), threads)
    with one_thread(), ThreadPoolExecutor(threads) as pool:
        list(pool.map(lambda _: np.matmul(square, square), range(times)))
    return _nothing(k)


def by_sorting(
    customers: FloatArray, targets: FloatArray, k: int, threads: int
) -> Best:
    """Search with numpy's ``argpartition``, as one writes it first."""
    places = np.empty((len(customers), k), np.int32)
    scores = np.empty((len(customers), k), np.float32)

    def fill(start: int) -> None:
        rows = slice(start, start + _BLOCK)
        places[rows], scores[rows] = _best(customers[rows] @ targets.T, k)

    with one_thread(), ThreadPoolExecutor(threads) as pool:
        list(pool.map(fill, range(0, len(customers), _BLOCK)))
    return places, scores


def lightfm_batched(
    customers: FloatArray, targets: FloatArray, k: int, threads: int
) -> Best:
    """Let LightFM predict all pairs of a block at once."""
    model = _model(customers, targets)
    found = []
    for start in range(0, len(customers), _BLOCK):
        block = np.arange(start, min(start + _BLOCK, len(customers)), dtype=np.int32)
        pairs = (
            np.repeat(block, len(targets)),
            np.tile(np.arange(len(targets), dtype=np.int32), len(block)),
        )
        scores = model.predict(*pairs, num_threads=threads)
        found.append(_best(scores.reshape(len(block), -1).astype(np.float32), k))
    return _joined(found)


def lightfm_one_by_one(
    customers: FloatArray, targets: FloatArray, k: int, threads: int
) -> Best:
    """Let LightFM predict customer by customer, as its documentation shows."""
    model = _model(customers, targets)
    items = np.arange(len(targets), dtype=np.int32)
    found = []
    for customer in range(len(customers)):
        scores = model.predict(customer, items, num_threads=threads)
        found.append(_best(scores[np.newaxis].astype(np.float32), k))
    return _joined(found)


CONTENDERS: dict[str, Search] = {
    "here": here,
    "the product alone": only_product,
    "sgemm": peak,
    "numpy, argpartition": by_sorting,
    "lightfm.predict, batched": lightfm_batched,
    "lightfm.predict, one by one": lightfm_one_by_one,
}


def _model(customers: FloatArray, targets: FloatArray) -> LightFM:
    """Return a LightFM that has learned just these vectors, and no biases."""
    model = LightFM(no_components=targets.shape[1])
    model.fit(sparse.coo_matrix(np.ones((1, 1), np.float32)), epochs=1)
    model.user_embeddings, model.item_embeddings = customers, targets
    model.user_biases = np.zeros(len(customers), np.float32)
    model.item_biases = np.zeros(len(targets), np.float32)
    return model


def _best(scores: FloatArray, k: int) -> Best:
    places = np.argpartition(-scores, k, axis=1)[:, :k]
    best = np.take_along_axis(scores, places, axis=1)
    order = np.argsort(-best, axis=1, kind="stable")
    places = np.take_along_axis(places, order, axis=1)
    return places.astype(np.int32), np.take_along_axis(best, order, axis=1)


def _joined(found: list[Best]) -> Best:
    places = np.concatenate([places for places, _ in found])
    return places, np.concatenate([scores for _, scores in found])


def _nothing(k: int) -> Best:
    return np.zeros((0, k), np.int32), np.zeros((0, k), np.float32)


def read(asked: dict[str, Any], name: str, count: int) -> FloatArray:
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
    search, timed = CONTENDERS[asked["contender"]], Timed()
    search(customers[:100], targets, asked["k"], asked["threads"])
    for _ in range(asked["repeats"]):
        places, scores = timed.call(
            search, customers, targets, asked["k"], asked["threads"]
        )
    np.savez(asked["found"], places=places, scores=scores)
    blas = [one for one in threadpool_info() if one["user_api"] == "blas"]
    kernels = {str(library.get("architecture")) for library in blas}
    told = {
        "version": metadata.version("lightfm-next"),
        "kernel": ", ".join(sorted(kernels)),
        "wall": timed.wall,
        "cpu": timed.cpu,
        "kilobytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
    }
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main()
