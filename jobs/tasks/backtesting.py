"""Back-tests, on as many processors as there are."""

import logging
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Final

from jobs.context import worker
from loyalty.core.clock import machine_now, utc_now
from loyalty.promotions.rules.backtesting import ALONE, Workforce
from loyalty.promotions.values.backtests import BacktestID
from loyalty.usecases.backtest_promotion import Clocks, run_backtest

MOST_PROCESSES: Final = 8
WORTH_PROCESSES: Final = 10_000
"""So many purchases take longer than processes take to start."""

_PARTS_A_PROCESS: Final = 2
"""More parts than processes, so that none waits long for the slowest."""

_log = logging.getLogger(__name__)


def backtest(*, backtest_id: int) -> None:
    """Do a back-test; a second run of the same finds nothing to do."""
    state = run_backtest(
        worker.get().database,
        backtest_id=BacktestID(backtest_id),
        clocks=Clocks(now=utc_now, machine_now=machine_now),
        hire=hire,
    )
    _log.info("Back-test %s: %s", backtest_id, state or "not ours")


@contextmanager
def hire(purchases: int) -> Iterator[Workforce]:
    """Give processes to price so many purchases; for few, this one alone."""
    processes = min(os.cpu_count() or 1, MOST_PROCESSES)
    if processes == 1 or purchases < WORTH_PROCESSES:
        yield ALONE
        return
    # Processes that begin afresh: this one holds connections to the database.
    pool = ProcessPoolExecutor(processes, mp_context=get_context("spawn"))
    try:
        yield Workforce(executor=pool, parts=processes * _PARTS_A_PROCESS)
    finally:
        pool.shutdown(cancel_futures=True)
