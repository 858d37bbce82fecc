"""Delivering what is due: the doorbells' jobs, and the upkeep of messages."""

import logging
import time
from datetime import timedelta
from typing import Final

from jobs.channels.base import Sender, TemporaryFailure
from jobs.context import WorkerContext, worker
from jobs.sender import Batch
from loyalty.core.clock import machine_now, utc_now
from loyalty.customers.values import Channel as ChannelName
from loyalty.delivery import service as delivery
from loyalty.delivery.queries.habits import looks, purchase_hours, reading_hours
from loyalty.delivery.queries.monitor import count_about, verify
from loyalty.delivery.rules.learning import added_up

DRAIN_SECONDS: Final = 30.0
"""After so long a bell ends: the next one rings, and other channels have their turn."""

COUNTED_WHOLE: Final = 200_000
"""As many messages are counted one by one every hour; that takes a second or two."""

HABITS_LAST = timedelta(days=180)
"""Older purchases say nothing about when somebody shops now."""

_log = logging.getLogger(__name__)


def drain(*, provider: str, shard: int | None, at_most: int) -> None:
    """Send what is due at a provider, up to ``at_most`` messages of each channel.

    A doorbell: it names no messages, so a lost, late or doubled one does no harm.
    Several may run at once; each claims other rows.

    :param shard: the part of the customers whose messages are sent; None: everybody
    """
    context = worker.get()
    for channel, way in context.channels.items():
        if way.provider == provider:
            _drain(context, channel, shard=shard, at_most=at_most)


def _drain(
    context: WorkerContext, channel: ChannelName, *, shard: int | None, at_most: int
) -> None:
    way = context.channels[channel]
    until = time.monotonic() + DRAIN_SECONDS
    left = at_most
    sender: Sender | None = None
    try:
        with way.open() as sender:
            batch = Batch(context=context, channel=channel, way=way, sender=sender)
            while left > 0 and time.monotonic() < until:
                claimed = batch.send(left, shard=shard)
                if not claimed:
                    break
                left -= claimed
    except TemporaryFailure as failure:
        if sender is not None:
            raise
        # Nothing was claimed: it all stays due until the provider is back.
        _log.warning("%s can't be reached: %s", way.provider, failure)
        with context.database.transaction() as session:
            delivery.note_failure(
                session,
                provider=way.provider,
                machine_now=machine_now(),
                retry_after=failure.retry_after,
            )


def fall_back() -> None:
    """Plan what failed for good on the customers' next channels."""
    context = worker.get()
    looked_at = 1
    while looked_at:
        with context.database.transaction() as session:
            looked_at = delivery.fall_back(
                session, policy=context.policy(session), now=utc_now()
            )


def ask_about_unknown() -> None:
    """Ask providers about messages in doubt, as far as they can be asked."""
    context = worker.get()
    askable = {name for name, way in context.channels.items() if way.askable}
    with context.database.transaction() as session:
        questions = delivery.take_questions(session, channels=askable, now=utc_now())
    for question in questions:
        way = context.channels[question.channel]
        try:
            answer = way.ask(question.handover_key)
        except TemporaryFailure as failure:
            _log.warning("%s can't be asked: %s", way.provider, failure)
            return
        with context.database.transaction() as session:
            delivery.settle(session, question=question, answer=answer, now=utc_now())


def keep_months(*, kept_months: int) -> None:
    """
    Make the months ahead, and set aside those that are no longer kept.

    :param kept_months: how many full months of messages are kept in the tables
    """
    context = worker.get()
    with context.database.transaction() as session:
        made = delivery.make_months(session, now=utc_now())
    with context.database.transaction() as session:
        detached = delivery.detach_months(
            session, kept_months=kept_months, now=utc_now()
        )
    for name in made:
        _log.info("Made the month %s", name)
    for name in detached:
        _log.info("Set aside the month %s", name)


def follow_clocks() -> None:
    """Keep the wall times of planned messages when the tz database changes."""
    looked_at, in_all = 1, 0
    while looked_at:
        with worker.get().database.transaction() as session:
            looked_at, moved = delivery.follow_clocks(session, now=utc_now())
        in_all += moved
    if in_all:
        _log.info("%s messages moved, because clocks were changed", in_all)


def verify_books() -> None:
    """
    Check that messages are accounted for: all of them, or those that changed.

    Where there are few, all are counted each time. Where there are many, those to which
    something happened are; ``loyalty delivery verify`` still counts them all.
    """
    database = worker.get().database
    more = True
    while more:
        with database.transaction() as session:
            if count_about(session) <= COUNTED_WHOLE:
                books, more = verify(session), False
            else:
                books, more = delivery.check_books(session)
            delivery.note_books(session, books=books, now=utc_now())
    for problem in books.problems:
        _log.error("Delivery's books don't balance: %s", problem)


def learn_hours() -> None:
    """Learn from purchases, opens and clicks when and where to reach customers."""
    now = utc_now()
    with worker.get().database.transaction() as session:
        since = now - HABITS_LAST
        histograms = added_up(
            purchase_hours(session, since=since), reading_hours(session, since=since)
        )
        known = delivery.learn_habits(
            session, histograms=histograms, looks=looks(session, since=since), now=now
        )
    _log.info("Habits learned of %s customers", known)
