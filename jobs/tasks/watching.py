"""Counting what happened to messages, and planning many of them once more."""

import logging

from jobs.context import worker
from loyalty.core.clock import utc_now
from loyalty.delivery import service as delivery

_log = logging.getLogger(__name__)


def count_deliveries() -> None:
    """Bring the counts that pages and metrics read up to the last full minute."""
    database = worker.get().database
    more = True
    while more:
        with database.transaction() as session:
            more = delivery.tally(session, now=utc_now())


def replay_messages() -> None:
    """Go on with every replay that is not finished, a batch in each transaction."""
    database = worker.get().database
    more = True
    while more:
        with database.transaction() as session:
            more = delivery.replay_batch(session, now=utc_now())
