"""Sending webhooks, and clearing old ones away."""

import logging
import random
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from jobs.context import worker
from jobs.posting import NotSent, Poster
from loyalty.core.clock import machine_now, utc_now
from loyalty.webhooks import service as webhooks
from loyalty.webhooks.rules import signature_headers
from loyalty.webhooks.values import Claimed, Tried

BATCH: Final = 32
THREADS: Final = 8
"""A batch takes at most 4 rounds of 20 s, well within its lease of 3 minutes."""

_AGENT: Final = "Loyalty-Webhooks/1"

_log = logging.getLogger(__name__)


def send_webhooks() -> None:
    """
    Send what is due, until nothing is.

    A doorbell: it names nothing, so a lost, late or doubled one does no harm. No
    transaction is open while an endpoint is waited for.
    """
    context = worker.get()
    with ThreadPoolExecutor(THREADS) as threads:
        while True:
            with context.database.transaction() as session:
                claims = webhooks.claim(
                    session, at_most=BATCH, machine_now=machine_now()
                )
            if not claims:
                return
            jobs = [threads.submit(attempt, context.poster, one) for one in claims]
            for job in jobs:
                _settle(job.result())


def attempt(poster: Poster, claim: Claimed) -> Tried:
    """Make one attempt; whatever the endpoint does, there is a result."""
    now = machine_now()
    headers = {
        "content-type": "application/json",
        "user-agent": _AGENT,
        **signature_headers(
            claim.secrets, event_id=claim.event_id, body=claim.body, now=now
        ),
    }
    started = time.monotonic()

    def since() -> int:
        return round((time.monotonic() - started) * 1000)

    try:
        answer = poster.post(claim.url, body=claim.body, headers=headers)
    except NotSent as problem:
        return Tried(
            claim=claim,
            at=now,
            headers=headers,
            milliseconds=since(),
            error=str(problem),
        )
    return Tried(
        claim=claim,
        at=now,
        headers=headers,
        milliseconds=since(),
        status=answer.status,
        answer=answer.text,
        retry_after=answer.retry_after,
    )


def clear_webhooks() -> None:
    """Remove events older than 30 days, in portions."""
    context = worker.get()
    removed = 0
    portion = None
    while portion != 0:
        with context.database.transaction() as session:
            portion = webhooks.prune(session, now=utc_now())
        removed += portion
    _log.info("Removed %d old webhook events", removed)


def _settle(tried: Tried) -> None:
    with worker.get().database.transaction() as session:
        known = webhooks.settle(
            session,
            tried=tried,
            chance=random.random(),  # noqa: S311  # spreads retries, hides nothing
            machine_now=machine_now(),
        )
    if not known:
        _log.warning("Webhook delivery %s was taken by another worker", tried.claim.id)
