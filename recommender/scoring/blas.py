"""Several small products at once, each on one core."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import Lock
from typing import Any

from threadpoolctl import ThreadpoolController

_lock = Lock()
_inside = 0
_limit: Any = None


@cache
def _libraries() -> ThreadpoolController:
    return ThreadpoolController()


@contextmanager
def one_thread() -> Iterator[None]:
    """
    Let a matrix product take one core for as long as anybody is inside.

    The threads of a product wait for each other in a loop. Where others want the
    cores too, be it our own threads, a product on two is many times slower than on
    one; and blocks are many, so the cores have work.
    """
    global _inside, _limit  # noqa: PLW0603  # the libraries' own limit is one as well
    with _lock:
        if _inside == 0:
            _limit = _libraries().limit(limits=1, user_api="blas")
        _inside += 1
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if _inside == 0:
                _limit.restore_original_limits()
