"""Striking out coupon codes whose making was killed half-way."""

import logging

from jobs.context import worker
from loyalty.core.clock import machine_now
from loyalty.promotions.service.codes import break_lost

_log = logging.getLogger(__name__)


def break_lost_codes() -> None:
    """Let no batch be “being made” for ever: none of its codes ever counts."""
    with worker.get().database.transaction() as session:
        lost = break_lost(session, now=machine_now())
    if lost:
        _log.warning("Struck out batches of codes that were never finished: %s", lost)
