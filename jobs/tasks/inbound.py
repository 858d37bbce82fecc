"""Forgetting which reports came in, once nobody will send them again."""

from jobs.context import worker
from loyalty.core.clock import utc_now
from loyalty.customers.service import inbound


def forget_inbound() -> None:
    """Forget what was noted longer ago than providers repeat themselves."""
    with worker.get().database.transaction() as session:
        inbound.forget_inbound(session, now=utc_now())
