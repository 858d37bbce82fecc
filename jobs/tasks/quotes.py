"""Clearing away quotes that nobody paid, and reservations that ran out."""

import logging

from jobs.context import worker
from loyalty.core.clock import utc_now
from loyalty.promotions.service import clear_quotes as clear

_log = logging.getLogger(__name__)


def clear_quotes() -> None:
    """Remove what is old, in portions; what is paid is kept."""
    context = worker.get()
    removed = 0
    portion = None
    while portion != 0:
        with context.database.transaction() as session:
            portion = clear(session, now=utc_now())
        removed += portion
    _log.info("Removed %d quotes that nobody paid", removed)
