"""Delivering what is due: the sender, and the check of its books."""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from jobs.channels.base import (
    PermanentFailure,
    Sender,
    TemporaryFailure,
    Unknown,
)
from jobs.context import WorkerContext, worker
from loyalty.core.clock import machine_now, utc_now
from loyalty.customers.values import Channel as ChannelName
from loyalty.customers.values import CustomerID
from loyalty.delivery import service as delivery
from loyalty.delivery.queries.habits import purchase_hours
from loyalty.delivery.queries.monitor import verify
from loyalty.delivery.queries.recipients import people
from loyalty.delivery.render import compose
from loyalty.delivery.values import Claimed, Person

BATCH = 200
GROUP = 20
"""How many messages a crash can leave in doubt."""

PATIENCE_SECONDS = 30.0
"""A group that takes longer is cut short, well before its lease of 60 s ends."""

HABITS_LAST = timedelta(days=180)
"""Older purchases say nothing about when somebody shops now."""

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Outcome:
    """What came of the messages of one group."""

    sent: list[Claimed] = field(default_factory=list)
    unknown: list[tuple[Claimed, str]] = field(default_factory=list)
    postponed: list[tuple[Claimed, str]] = field(default_factory=list)
    failed: list[tuple[Claimed, str, str | None]] = field(default_factory=list)
    untried: list[Claimed] = field(default_factory=list)

    @property
    def hopeless(self) -> bool:
        """Whether the provider took nothing and said to come back later."""
        return bool(self.postponed or self.untried) and not (self.sent or self.failed)


def drain(*, channel: str, at_most: int) -> None:
    """Send what is due on a channel, up to ``at_most`` messages.

    A doorbell: it names no messages, so a lost, late or doubled one does no harm.
    Several may run at once; each claims other rows.
    """
    context = worker.get()
    way = context.channels[ChannelName(channel)]
    left = at_most
    sender: Sender | None = None
    try:
        with way.open() as sender:
            while left > 0:
                claims, ready, persons = _claim(context, channel, min(left, BATCH))
                if not claims:
                    break
                left -= len(claims)
                if not _send_all(context, sender, ready, persons):
                    break
    except TemporaryFailure as failure:
        if sender is not None:
            raise
        # Nothing was claimed: it all stays due until the provider is back.
        _log.warning("%s can't be reached: %s", way.provider, failure)


def verify_books() -> None:
    """Check that every message ever planned is accounted for."""
    with worker.get().database.transaction() as session:
        books = verify(session)
        delivery.note_books(session, books=books, now=utc_now())
    for problem in books.problems:
        _log.error("Delivery's books don't balance: %s", problem)


def learn_hours() -> None:
    """Learn when customers who agreed to it are best reached, from their purchases."""
    now = utc_now()
    with worker.get().database.transaction() as session:
        histograms = purchase_hours(session, since=now - HABITS_LAST)
        known = delivery.learn_hours(session, histograms=histograms, now=now)
    _log.info("Hours learned for %s customers", known)


def _claim(
    context: WorkerContext, channel: str, at_most: int
) -> tuple[Sequence[Claimed], Sequence[Claimed], dict[CustomerID, Person]]:
    with context.database.transaction() as session:
        claims = delivery.claim_due(
            session,
            channel=channel,
            at_most=at_most,
            worker=context.name,
            now=utc_now(),
            machine_now=machine_now(),
        )
        ready = delivery.prepare(
            session, claims=claims, policy=context.policy(session), now=utc_now()
        )
        persons = people(session, customer_ids={claim.customer_id for claim in ready})
    return claims, ready, persons


def _send_all(
    context: WorkerContext,
    sender: Sender,
    ready: Sequence[Claimed],
    persons: dict[CustomerID, Person],
) -> bool:
    """Send group by group; stop and put the rest back when the provider is gone."""
    for first in range(0, len(ready), GROUP):
        outcome = _send(context, sender, ready[first : first + GROUP], persons)
        if outcome.hopeless:
            with context.database.transaction() as session:
                rest = ready[first + GROUP :]
                delivery.release(session, claims=rest, now=utc_now())
            return False
    return True


def _send(
    context: WorkerContext,
    sender: Sender,
    group: Sequence[Claimed],
    persons: dict[CustomerID, Person],
) -> _Outcome:
    """Write a group down, hand it over with no transaction open, write it up."""
    with context.database.transaction() as session:
        allowed = delivery.mark_sending(
            session, claims=group, now=utc_now(), machine_now=machine_now()
        )
        held_back = [claim for claim in group if claim not in allowed]
        delivery.release(session, claims=held_back, now=utc_now())
    outcome = _hand_over(context, sender, allowed, persons)
    _record(context, outcome)
    return outcome


def _hand_over(
    context: WorkerContext,
    sender: Sender,
    claims: Sequence[Claimed],
    persons: dict[CustomerID, Person],
) -> _Outcome:
    outcome = _Outcome()
    started = time.monotonic()
    for claim in claims:
        if time.monotonic() - started > PATIENCE_SECONDS:
            outcome.untried.append(claim)
            continue
        try:
            message = compose(
                claim,
                persons.get(claim.customer_id, Person()),
                vault=context.vault,
                public_url=context.public_url,
                now=utc_now(),
            )
        except (KeyError, ValueError, TypeError):
            # A bug in a template must not keep its message coming back for ever.
            _log.exception("Message %s can't be written", claim.id)
            outcome.failed.append((claim, "can't be written", None))
            continue
        try:
            sender.send(message)
        except PermanentFailure as failure:
            bad = message.address if failure.bad_address else None
            outcome.failed.append((claim, str(failure), bad))
        except TemporaryFailure as failure:
            outcome.postponed.append((claim, str(failure)))
        except Unknown as failure:
            outcome.unknown.append((claim, str(failure)))
        else:
            outcome.sent.append(claim)
    return outcome


def _record(context: WorkerContext, outcome: _Outcome) -> None:
    now = utc_now()
    with context.database.transaction() as session:
        if outcome.sent:
            provider = context.channels[outcome.sent[0].channel].provider
            delivery.mark_sent(session, claims=outcome.sent, provider=provider, now=now)
        for claim, answer, bad_address in outcome.failed:
            delivery.mark_failed(
                session, claim=claim, answer=answer, bad_address=bad_address, now=now
            )
        for claim, answer in outcome.postponed:
            delivery.postpone(session, claim=claim, answer=answer, now=now)
        for claim, answer in outcome.unknown:
            delivery.mark_unknown(session, claim=claim, answer=answer, now=now)
        delivery.release(session, claims=outcome.untried, now=now)
