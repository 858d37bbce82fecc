"""Twenty thousand messages while everything around them is killed."""

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from loyalty.core.clock import machine_now
from loyalty.core.database import Database
from loyalty.delivery.models import MessageRow
from loyalty.delivery.values import PENDING, MessageState
from tests.faults.fleet import Fleet, opened, running_fleet
from tests.faults.ledger import Ledger, faults_of, read_ledger
from tests.faults.shop import Wanted, next_tuesday, open_shop, plan_many
from tests.faults.sink import Fault

WORKERS = ("worker-1", "worker-2", "worker-3")
DISPATCHERS = ("dispatcher-1", "dispatcher-2")
_SHARES = {"worker": 14, "dispatcher": 6, "valkey": 5, "postgres": 5}
"""Of thirty kills."""

_CALM_FROM = 0.6
"""The last kill comes when this share of the messages was accepted."""

_LONGEST_WAIT = 2.5
"""Seconds without a kill, while messages wait for the leases of the dead."""

_A_MOMENT = timedelta(minutes=1)
_POLL_SECONDS = 0.1
_PATIENCE_SECONDS = 600.0
_FAULTS = {
    Fault.HANG_AT_MAIL: 1,
    Fault.HANG_UNACCEPTED: 1,
    Fault.HANG_ACCEPTED: 1,
    Fault.DROP_AT_MAIL: 4,
    Fault.CLOSING: 3,
    Fault.DROP_IN_DATA: 4,
    Fault.DROP_UNACCEPTED: 4,
    Fault.DROP_ACCEPTED: 4,
    Fault.LATER_AT_RCPT: 100,
    Fault.LATER_AFTER_DATA: 60,
    Fault.NEVER_AT_RCPT: 20,
    Fault.NEVER_AFTER_DATA: 15,
}
"""What the mail server does wrong with twenty thousand mails."""


@dataclass(frozen=True, kw_only=True)
class Storm:
    """How much is sent, and how much goes wrong."""

    messages: int = 20_000
    kills: int = 30
    seed: int = 1


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a storm left."""

    storm: Storm
    wanted: Wanted
    ledger: Ledger
    killed: dict[str, int]
    ended: dict[str, int]
    seconds: dict[str, float]
    """How long each part took."""

    @property
    def doubtful(self) -> int:
        """How many kills and broken connections there were."""
        return sum(self.killed.values()) + self.ledger.broken_connections

    @property
    def share_once(self) -> float:
        """The share that was sent exactly once, of what could be sent."""
        return self.ledger.once / self.wanted.messages

    def report(self) -> Iterator[str]:
        """Give the lines of the table."""
        total, caps = self.wanted.messages, self.wanted.above_caps
        yield (
            f"{total:,} messages and {caps:,} above the caps, seed {self.storm.seed}: "
            + ", ".join(f"{name} {took:.0f} s" for name, took in self.seconds.items())
        )
        yield from self.ledger.table()
        yield f"killed: {_listed(self.killed)}"
        yield f"ended by themselves: {_listed(self.ended) or 'none'}"
        yield f"the mail server: {_listed(self.ledger.faults)}"
        yield f"sent exactly once: {self.share_once:.2%}"
        unknown = self.ledger.count(MessageState.UNKNOWN)
        yield f"unknown: {unknown} in {self.doubtful} kills and broken connections"
        yield f"problems: {'; '.join(self.ledger.problems()) or 'none'}"


def weather(storm: Storm) -> Outcome:
    """Plan, send through the storm, wait until everything has ended, and count."""
    chance = random.Random(storm.seed)  # noqa: S311  # the same storm again
    faults = _bad_mails(storm, chance)
    with (
        running_fleet(begins=next_tuesday(machine_now()), faults=faults) as fleet,
        opened(fleet) as database,
    ):
        watch = _Watch()
        open_shop(database)
        wanted = plan_many(database, storm.messages, now=fleet.now)
        watch.note("planning")
        for name in WORKERS:
            fleet.start(name, "worker", "delivery")
        for name in DISPATCHERS:
            fleet.start(name, "dispatcher")
        _kill_on_the_way(fleet, storm, chance)
        watch.note("storm")
        _wait_for_the_end(fleet, database)
        watch.note("calm")
        fleet.stop()
        with database.transaction() as session:
            ledger = read_ledger(session, fleet.log)
        return Outcome(
            storm=storm,
            wanted=wanted,
            ledger=ledger,
            killed=dict(fleet.killed),
            ended=dict(fleet.ended),
            seconds=watch.seconds,
        )


class _Watch:
    """Notes how long the parts of a run take."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.monotonic()

    def note(self, name: str) -> None:
        """End a part."""
        self.seconds[name] = time.monotonic() - self._last
        self._last = time.monotonic()


def _bad_mails(storm: Storm, chance: random.Random) -> dict[int, Fault]:
    scale = storm.messages / 20_000
    kinds = {fault: max(1, round(count * scale)) for fault, count in _FAULTS.items()}
    first, last = 10, int(storm.messages * 0.9)
    places = chance.sample(range(first, last), sum(kinds.values()))
    return faults_of(kinds, places)


def _victims(storm: Storm, chance: random.Random) -> list[str]:
    kinds = [kind for kind, share in _SHARES.items() for _ in range(share)]
    chance.shuffle(kinds)
    crews = {"worker": WORKERS, "dispatcher": DISPATCHERS}
    return [
        chance.choice(crews.get(kind, (kind,)))
        for kind in (kinds[number % len(kinds)] for number in range(storm.kills))
    ]


def _kill_on_the_way(fleet: Fleet, storm: Storm, chance: random.Random) -> None:
    step = storm.messages * _CALM_FROM / max(storm.kills, 1)
    for number, victim in enumerate(_victims(storm, chance)):
        threshold = step * (number + chance.random())
        end = time.monotonic() + _LONGEST_WAIT
        while fleet.accepted() < threshold and time.monotonic() < end:
            fleet.watch()
            time.sleep(_POLL_SECONDS)
        fleet.kill(victim)


def _wait_for_the_end(fleet: Fleet, database: Database) -> None:
    end = time.monotonic() + _PATIENCE_SECONDS
    while True:
        fleet.watch()
        try:
            pending, next_due = _still_to_come(database)
        except SQLAlchemyError:  # started again a moment ago
            continue
        if not pending:
            return
        if next_due is not None and next_due > fleet.now:
            fleet.move_clock(next_due + _A_MOMENT)
        assert time.monotonic() < end, f"{pending} messages are still pending"
        time.sleep(_POLL_SECONDS)


def _still_to_come(database: Database) -> tuple[int, datetime | None]:
    """Count what is pending; say when the first is due if all else waits for it."""
    with database.transaction() as session:
        waiting = select(func.count(), func.min(MessageRow.due_at)).where(
            MessageRow.state == MessageState.PLANNED
        )
        planned, first = session.execute(waiting).one()
        pending = session.scalar(
            select(func.count()).where(MessageRow.state.in_(PENDING))
        )
    return pending or 0, first if pending == planned else None


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} × {name}" for name, count in sorted(counts.items()))
