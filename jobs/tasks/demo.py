"""Fast-forward: the demo's shop lives through days in seconds."""

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from jobs.context import WorkerContext, worker
from jobs.tasks.campaigns import keep_running
from loyalty.core.clock import utc_now
from loyalty.core.database import Database
from loyalty.core.jobs import enqueue
from loyalty.customers.values import Channel
from loyalty.delivery.queries.messages import Filter, count_by_state
from loyalty.delivery.queries.monitor import count_due, oldest_due
from loyalty.delivery.values import MessageState
from loyalty.demo.clock import advance, clock_file
from loyalty.demo.progress import Progress, Stage, progress_file, write_progress
from loyalty.demo.shoppers import Plan, Shoppers
from loyalty.offers.queries import list_campaigns
from loyalty.offers.values import GOING
from loyalty.recommendations.queries import list_runs
from loyalty.recommendations.values import RunKind, RunState

MOST_DAYS: Final = 60

_HELD: Final = Filter(states={MessageState.CLAIMED, MessageState.SENDING})

_A_BELL: Final = 500
_LOOK_SECONDS: Final = 0.02
_RING_AGAIN_SECONDS: Final = 1.0
_PATIENCE_SECONDS: Final = 20.0
_CHOOSING_SECONDS: Final = 45.0
"""The recommender needs some for a few hundred households; the clock stands longer."""

_HURRY_SECONDS: Final = 0.5
"""How long to wait once something did not leave in spite of all patience."""

_STEP: Final = timedelta(minutes=15)
"""How far to go at once past a message that does not leave (a channel is paused)."""

_STANDING: Final = timedelta(seconds=60)
"""How long the clock stands when the walk dies; longer than any step takes."""

_TELL_SECONDS: Final = 0.25

_log = logging.getLogger(__name__)


class NotADemo(Exception):
    """The process does not live in the demo's time: moving that would do nothing."""


def fast_forward(*, days: int) -> None:
    """
    Walk the demo's clock ahead, from one due moment to the next.

    Each message leaves at its own moment, by the workers that always send, and the
    simulated shoppers visit at theirs.

    :raises ValueError: if the days are not from 1 to 60
    :raises NotADemo: if this process's clock does not follow the demo's
    """
    if not 1 <= days <= MOST_DAYS:
        message = f"a fast-forward of {days} days"
        raise ValueError(message)
    context = worker.get()
    start = utc_now()
    progress = Progress(
        stage=Stage.RUNNING, start=start, until=start + timedelta(days=days), at=start
    )
    path = progress_file(context.data_dir)
    write_progress(path, progress)
    walk = _Walk(context, progress)
    try:
        walk.go(Shoppers.of(context.database))
    except BaseException:
        write_progress(path, replace(walk.progress, stage=Stage.FAILED))
        raise
    finally:
        advance(clock_file(context.data_dir), start)  # it runs again
    write_progress(path, replace(walk.progress, stage=Stage.DONE))


class _Walk:
    """One walk through time, with what happened so far."""

    def __init__(self, context: WorkerContext, progress: Progress) -> None:
        self.progress = progress
        self._database = context.database
        ways = context.channels.items()
        self._post = _Post(context.database, {name: way.provider for name, way in ways})
        self._campaigns = _Campaigns(context.database)
        self._clock = clock_file(context.data_dir)
        self._told = progress_file(context.data_dir)
        self._tell_at = 0.0

    def go(self, shoppers: Shoppers) -> None:
        """Live through everything until the end."""
        until = self.progress.until
        plans = shoppers.plans(self.progress.start, until)
        place = 0
        to = self.progress.start
        while True:
            # The first step stays where the clock is: what the workers hold already
            # belongs to this moment.
            now = self._move(to)
            self._campaigns.run(now)
            left = self._post.deliver(now)
            self.progress = replace(
                self.progress, at=now, messages=self.progress.messages + left
            )
            while place < len(plans) and plans[place].at <= now:
                self._act(shoppers, plans[place])
                place += 1
            self._tell()
            if now >= until:
                return
            to = self._next(plans[place : place + 1])

    def _next(self, plans: list[Plan]) -> datetime:
        """Return the next moment at which something happens."""
        moments = [self.progress.until, *(plan.at for plan in plans)]
        with self._database.transaction() as session:
            due = oldest_due(session, now=self.progress.until)
        run = self._campaigns.next_at()
        if run is not None and run > self.progress.at:
            moments.append(run)
        if due is not None:
            stuck = due <= self.progress.at
            moments.append(self.progress.at + _STEP if stuck else due)
        return min(moments)

    def _move(self, to: datetime) -> datetime:
        # It stands until everything due has happened: else what falls due meanwhile
        # would be noted at the next moment, hours later.
        shows = advance(self._clock, to, standing=_STANDING)
        if utc_now() != shows:
            message = "the clock of this process does not follow the demo's"
            raise NotADemo(message)
        return shows

    def _act(self, shoppers: Shoppers, plan: Plan) -> None:
        visited = shoppers.act(plan, now=utc_now())
        if visited is not None:
            self.progress = replace(
                self.progress,
                visits=self.progress.visits + 1,
                redeemed=self.progress.redeemed + visited.redeemed,
            )

    def _tell(self) -> None:
        if time.monotonic() >= self._tell_at:
            self._tell_at = time.monotonic() + _TELL_SECONDS
            write_progress(self._told, self.progress)


@dataclass(slots=True)
class _Campaigns:
    """Lets campaigns run on their days, and waits for their offers."""

    database: Database
    patience: float = _CHOOSING_SECONDS

    def next_at(self) -> datetime | None:
        """Return when the next campaign runs by itself."""
        with self.database.transaction() as session:
            moments = [
                campaign.next_run_at
                for campaign in list_campaigns(session)
                if campaign.state in GOING and campaign.next_run_at is not None
            ]
        return min(moments, default=None)

    def run(self, now: datetime) -> None:
        """Begin what is due, and wait until the recommender has chosen its offers."""
        due = self.next_at()
        if due is None or due > now:
            return
        keep_running(self.database, now=now)
        started = time.monotonic()
        while self._going():
            if time.monotonic() - started > self.patience:
                _log.warning("A campaign's offers are not chosen; going on")
                self.patience = _HURRY_SECONDS
                return
            time.sleep(_LOOK_SECONDS)

    def _going(self) -> bool:
        with self.database.transaction() as session:
            runs = list_runs(session, kinds=[RunKind.ALLOCATE])
        return any(run.state in (RunState.QUEUED, RunState.RUNNING) for run in runs)


@dataclass(slots=True)
class _Post:
    """Lets the workers send what is due, and waits for it."""

    database: Database
    providers: Mapping[Channel, str]
    patience: float = _PATIENCE_SECONDS

    def deliver(self, now: datetime) -> int:
        """Wait until nothing is due any more; return how many messages left."""
        before = self._due(now)
        if not before:
            return 0
        started = time.monotonic()
        ring_at = started
        left = before
        while left:
            waited = time.monotonic() - started
            if waited > self.patience:
                _log.warning("%s due messages do not leave; going on", left)
                self.patience = _HURRY_SECONDS
                break
            if time.monotonic() >= ring_at:
                ring_at = time.monotonic() + _RING_AGAIN_SECONDS
                self._ring(now)
            time.sleep(_LOOK_SECONDS)
            left = self._due(now)
        return before - left

    def _due(self, now: datetime) -> int:
        """Count what is due or in a worker's hands: both must end at this moment."""
        with self.database.transaction() as session:
            # In this order: a message that is claimed between the two counts twice,
            # the other way round it would not count at all.
            due = sum(count_due(session, now=now).values())
            return due + sum(count_by_state(session, wanted=_HELD).values())

    def _ring(self, now: datetime) -> None:
        # The dispatcher would ring too, within its tick; this is only sooner.
        with self.database.transaction() as session:
            due = count_due(session, now=now)
            for provider in sorted({self.providers[channel] for channel in due}):
                enqueue(
                    session, "drain", provider=provider, shard=None, at_most=_A_BELL
                )
