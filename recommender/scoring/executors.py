"""Where blocks are computed: on the threads of this machine, or on a Dask cluster."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, ParamSpec, TypeVar

from recommender.config import RecommenderError

Given = ParamSpec("Given")
Result = TypeVar("Result")

_RETRIES = 2
"""A block is computed so many times more where a worker was lost over it."""


class ClusterUnavailable(RecommenderError):
    """There is no cluster at the scheduler's address."""

    code = "cluster_unavailable"


class Crew(Executor):
    """An executor that knows how many tasks it computes at once."""

    def __init__(self, executor: Executor, size: int) -> None:
        self.size = max(size, 1)
        self._executor = executor

    def submit(
        self,
        fn: Callable[Given, Result],
        /,
        *args: Given.args,
        **kwargs: Given.kwargs,
    ) -> Future[Result]:
        """Let somebody compute it."""
        return self._executor.submit(fn, *args, **kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002  # as it is inherited
        """Leave it to whoever opened it."""


@contextmanager
def executor_at(
    scheduler: str | None = None, *, wait_seconds: float = 10
) -> Iterator[Crew]:
    """
    Open what computes blocks, and close it: what is still waiting is cancelled.

    Threads, not processes: matrices and trees are computed outside of Python's lock,
    and the model need not be copied.

    :param scheduler: the address of a Dask scheduler, such as
        ``tcp://scheduler:8786``; None: threads of this process, one for each core
    :param wait_seconds: for the scheduler, and then for a worker
    :raises ClusterUnavailable: if nobody answers there, or no worker has joined
    """
    if scheduler is not None:
        with _cluster(scheduler, wait_seconds) as executor:
            yield executor
        return
    cores = _cores()
    threads = ThreadPoolExecutor(cores, thread_name_prefix="scoring")
    try:
        yield Crew(threads, cores)
    finally:
        threads.shutdown(cancel_futures=True)


def _cores() -> int:
    """Count the cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def _cluster(scheduler: str, wait_seconds: float) -> Iterator[Crew]:
    """Open the executor of a Dask cluster."""
    distributed, config = _libraries(scheduler)
    # Blocks are sent with their task: each is used once, so there is nothing to gain
    # from what Dask then warns to do instead.
    with config.set({"distributed.admin.large-graph-warning-threshold": "1 GB"}):
        try:
            client = distributed.Client(
                scheduler, timeout=wait_seconds, set_as_default=False
            )
        except (OSError, ValueError) as problem:
            text = f"No Dask scheduler answers at {scheduler}: {problem}"
            raise ClusterUnavailable(text) from problem
        with client:
            try:
                client.wait_for_workers(1, timeout=wait_seconds)
            except TimeoutError as problem:
                text = f"The Dask scheduler at {scheduler} has no workers."
                raise ClusterUnavailable(text) from problem
            executor = client.get_executor(pure=False, retries=_RETRIES)
            try:
                yield Crew(executor, sum(client.nthreads().values()))
            finally:
                executor.shutdown(wait=False)


def _libraries(scheduler: str) -> tuple[Any, Any]:
    """Import Dask, which is an extra."""
    try:
        import dask.config  # noqa: PLC0415  # most shops have no cluster
        import distributed  # noqa: PLC0415
    except ImportError as problem:
        text = f"To use {scheduler}, install loyalty with its extra: loyalty[cluster]."
        raise ClusterUnavailable(text) from problem
    return distributed, dask.config
