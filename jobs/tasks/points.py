"""What becomes of points in time: they become available, and they expire."""

import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Final

from sqlalchemy.orm import Session

from jobs.context import WorkerContext, worker
from loyalty.core.clock import utc_now
from loyalty.points import service as points
from loyalty.points.service.sealing import Seal
from loyalty.points.values import WarningKind
from loyalty.usecases.verify_ledger import verify_ledger
from loyalty.usecases.warn_of_expiry import warn_of_expiry

_AT_ONCE: Final = 50
"""Few: a till waits while its member's account is held."""

_log = logging.getLogger(__name__)


def mature_points() -> None:
    """Make pending points available whose time has come."""
    now = utc_now()
    seen = _in_steps(
        worker.get(),
        lambda session: points.mature(session, now=now, at_most=_AT_ONCE),
    )
    _log.info("Pending points: %d lots became available", seen)


def expire_points() -> None:
    """Warn of points that are about to expire, and let those expire whose day is over.

    In this order: points of which nobody was warned don't expire.
    """
    context, now = worker.get(), utc_now()
    for kind in WarningKind:
        warned = _in_steps(context, partial(_warn, context, kind, now))
        _log.info("Points that expire: %s warning to %d members", kind, warned)
    seen = _in_steps(
        context, lambda session: points.expire(session, now=now, at_most=_AT_ONCE)
    )
    _log.info("Points expired: %d times", seen)


def seal_points() -> None:
    """Seal the movements that are new, and say the last seal in the log."""
    seal = None
    while (made := _seal(worker.get())) is not None:
        seal = made
    if seal is not None:
        _log.info(
            "Sealed: number %d over %d movements and %d entries of the audit is %s",
            seal.number,
            seal.transfers,
            seal.notes,
            seal.digest.hex(),
        )


def verify_points() -> None:
    """Check the points' books, and say what is wrong in the log."""
    database = worker.get().database
    with database.transaction() as session:
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        audit = verify_ledger(session)
    for wrong in audit.wrong:
        _log.error(
            "Points don't add up (%d): %s %s", wrong.count, wrong.rule, wrong.where[0]
        )


def _warn(
    context: WorkerContext, kind: WarningKind, now: datetime, session: Session
) -> int:
    policy = context.policy(session)
    return warn_of_expiry(session, kind=kind, policy=policy, now=now, at_most=_AT_ONCE)


def _seal(context: WorkerContext) -> Seal | None:
    with context.database.transaction() as session:
        return points.seal_transfers(session, now=utc_now())


def _in_steps(context: WorkerContext, step: Callable[[Session], int]) -> int:
    """Do a step in transactions of its own until it finds no more to do."""
    total = 0
    while True:
        with context.database.transaction() as session:
            seen = step(session)
        total += seen
        if seen < _AT_ONCE:
            return total
