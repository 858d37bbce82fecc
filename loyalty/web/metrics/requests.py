"""Requests by route and status, how long they took, and the database's pool."""

import os
import time
from typing import Final

from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.multiprocess import MultiProcessCollector
from sqlalchemy.pool import QueuePool

from loyalty.web.context import database

SHARED_FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"
"""Names the folder in which the processes of one web server share their counts; the
library reads it when it is imported. ``loyalty web`` makes a new one each time."""

_BUCKETS: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"})

_own: Final = CollectorRegistry()
_requests: Final = Counter(
    "loyalty_http_requests",
    "Requests answered.",
    ("method", "route", "status"),
    registry=_own,
)
_seconds: Final = Histogram(
    "loyalty_http_request_duration_seconds",
    "Time from the request to its answer.",
    ("method", "route"),
    buckets=_BUCKETS,
    registry=_own,
)
_in_use: Final = Gauge(
    "loyalty_db_pool_connections_in_use",
    "Database connections that requests of the web hold.",
    registry=_own,
    multiprocess_mode="livesum",
)
_open: Final = Gauge(
    "loyalty_db_pool_connections_open",
    "Database connections that the web has open, in use or not.",
    registry=_own,
    multiprocess_mode="livesum",
)


def install(app: Flask) -> None:
    """Count every request from here on; to be called before other hooks are set."""
    app.before_request(_begin)
    app.after_request(_end)


def registry() -> CollectorRegistry:
    """Return what was counted: here, or by all processes that share a folder."""
    if not os.environ.get(SHARED_FOLDER):
        return _own
    shared = CollectorRegistry()
    MultiProcessCollector(shared)  # type: ignore[no-untyped-call]  # it has no types
    return shared


def _begin() -> None:
    g.begun = time.perf_counter()


def _end(response: Response) -> Response:
    method = request.method if request.method in _METHODS else "other"
    # The route's template, never the address: that would name customers.
    route = request.url_rule.rule if request.url_rule else "none"
    _requests.labels(method, route, str(response.status_code)).inc()
    begun = g.pop("begun", None)
    if begun is not None:
        _seconds.labels(method, route).observe(time.perf_counter() - begun)
    pool = getattr(database().engine, "pool", None)
    if isinstance(pool, QueuePool):
        _in_use.set(pool.checkedout())
        _open.set(pool.checkedout() + pool.checkedin())
    return response
