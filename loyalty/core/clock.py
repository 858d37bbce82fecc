"""The one place that reads the clock.

Only the edges call this; rules and services are given ``now``. The demo sets
another source, so that its shop can be moved through weeks in a minute; what
guards machines (leases, sign-in codes, rate limits) asks :func:`machine_now`.
"""

from collections.abc import Callable
from datetime import UTC, datetime


def machine_now() -> datetime:
    """Return the machine's present moment, aware and in UTC."""
    return datetime.now(UTC)


_source: Callable[[], datetime] = machine_now


def utc_now() -> datetime:
    """Return the shop's present moment, aware and in UTC."""
    return _source()


def use_source(source: Callable[[], datetime]) -> None:
    """Let ``utc_now`` ask this source from now on; called when a process starts."""
    global _source  # noqa: PLW0603  # one clock a process is the point
    _source = source
