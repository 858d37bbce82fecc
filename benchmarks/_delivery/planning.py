"""Planning a campaign's messages, and claiming of ever more planned ones."""

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Final

from sqlalchemy import func, select, text

from benchmarks._delivery.effort import Effort
from benchmarks._delivery.shop import (
    AT_ONCE,
    Shop,
    add_likenesses,
    add_members,
    plan,
    tidy,
)
from benchmarks._table import Table
from loyalty.core.clock import machine_now
from loyalty.core.database import Database
from loyalty.customers.models import CustomerRow
from loyalty.delivery import service as delivery
from loyalty.delivery.models import MessageRow

_BATCH: Final = 200
_MEGABYTE: Final = 1_024


def tables(effort: Effort, shop: Shop) -> list[Table]:
    """Return how fast messages are planned, and the memory of it."""
    table = Table(title="Planning")
    ids = add_likenesses(shop, effort.planned)
    _forget_peak()
    before, cpu, began = _peak(), time.process_time(), time.perf_counter()
    plan(shop.database, ids, occasion="first", brought_forward=False)
    wall, cpu = time.perf_counter() - began, time.process_time() - cpu
    with shop.database.transaction() as session:
        rows = session.scalar(select(func.count()).select_from(MessageRow)) or 0
    table.add(
        messages=rows,
        seconds=wall,
        **{
            "rows a second": rows / wall,
            "own CPU us a row": cpu / rows * 1_000_000,
            "memory MB": (_peak() - before) / _MEGABYTE,
        },
    )
    table.notes.append(
        f"In transactions of {AT_ONCE:,}: customers read, keys taken, channel and hour "
        "chosen, rows and events written. Memory: this process's peak above its start."
    )
    return [table]


def claiming(effort: Effort, shop: Shop) -> list[Table]:
    """Return how long a claim takes while ever more messages are planned."""
    table = Table(title=f"Claiming {_BATCH} due messages")
    there = 0
    for count in effort.waiting:
        _add_planned(shop, count - there)
        seconds = sorted(_claims(shop.database, effort.claims))
        there = count - effort.claims * _BATCH
        table.add(
            **{
                "planned rows": count,
                "median ms": median(seconds) * 1_000,
                "p95 ms": seconds[int(len(seconds) * 0.95)] * 1_000,
                "a second": _BATCH / median(seconds),
            }
        )
    table.notes.append("Each in a transaction of its own, committed.")
    return [table]


def _claims(database: Database, times: int) -> Iterator[float]:
    for _ in range(times):
        began = time.perf_counter()
        with database.transaction() as session:
            delivery.claim_due(
                session,
                channel="email",
                at_most=_BATCH,
                worker="benchmark",
                now=machine_now(),
                machine_now=machine_now(),
            )
        yield time.perf_counter() - began


def _add_planned(shop: Shop, count: int) -> None:
    """Add planned rows, every second of them due."""
    now = machine_now()
    values = {"count": count, "now": now, "late": now - timedelta(minutes=10)}
    with shop.database.transaction() as session:
        customer = session.scalar(select(func.min(CustomerRow.id)))
        if customer is None:
            add_members(shop.database, shop.vault, 1)
            customer = 1
        session.execute(text(_PLANNED), {**values, "customer": customer})
    tidy(shop)


def _forget_peak() -> None:
    """Begin to measure this process's peak of memory anew (Linux)."""
    Path("/proc/self/clear_refs").write_text("5")


def _peak() -> int:
    """Return the peak of this process's memory in kB."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])


_PLANNED: Final = """
    INSERT INTO message (customer_id, kind, channel, template, parameters, language,
           subject, occasion, state, due_at, attempts, fence, handover_key,
           planned_why, planned_at)
    SELECT :customer, 'marketing', 'email', 'offer', '{}', 'en',
           'promotion:coffee', 'first', 'planned',
           CAST(:late AS timestamptz)
           + make_interval(secs => (n % 2) * 86400 + n::double precision / :count),
           0, 0, md5(n::text), '{}', :now
      FROM generate_series(1, :count) AS n
"""
