"""Plans beside an oracle that tries every minute, at every change of every clock.

The oracle knows the changes of a zone's clocks and nothing of the code under test: it
paints the minutes of the windows, wipes those of the quiet hours, and looks.
"""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from loyalty.core.periods import WeeklyWindow
from loyalty.customers.values import Channel, CustomerID
from loyalty.delivery.rules.hours import permitted
from loyalty.delivery.rules.planning import plan
from loyalty.delivery.values import (
    DeliveryPolicy,
    MessageKind,
    NewMessage,
    Plan,
    Reason,
    Recipient,
)
from tests.zones import ZONES, Change, Wall, changes, distinct_zones

A_MINUTE = timedelta(minutes=1)
A_DAY = timedelta(days=1)
WHOLE_MINUTES = datetime(1973, 1, 1, tzinfo=UTC)
"""From here on no zone's offset has seconds, so that trying minutes is enough."""

EVERY_DAY = frozenset(range(7))


@dataclass(frozen=True, kw_only=True)
class Case:
    """One message to one customer, at some moment in some zone."""

    zone: str
    start: datetime
    minutes: int
    windows: tuple[WeeklyWindow, ...]
    quiet: tuple[WeeklyWindow, ...]
    full: frozenset[int] = frozenset()
    """Which weeks have no room: 0 is the one in which it starts."""

    occasion: str = "first"

    @property
    def until(self) -> datetime:
        return self.start + self.minutes * A_MINUTE


class Oracle:
    """Every minute of a case: whether it may be used, and in which week it is."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._wall = Wall(case.zone)
        self.minutes = bytearray(case.minutes)
        self._paint(case.windows, 1)
        self._paint(case.quiet, 0)
        self._full = {self.week(case.start) + timedelta(weeks=n) for n in case.full}

    def week(self, moment: datetime) -> date:
        day = (moment + self._wall.offset(moment)).date()
        return day - timedelta(days=day.weekday())

    def has_room(self, moment: datetime) -> bool:
        return self.week(moment) not in self._full

    @property
    def weeks(self) -> dict[date, int]:
        return dict.fromkeys(self._full, 3)

    def first(self) -> datetime | None:
        """Return the first minute that may be used and has room."""
        place = self.minutes.find(1)
        while place >= 0:
            moment = self._case.start + place * A_MINUTE
            if self.has_room(moment):
                return moment
            place = self.minutes.find(1, place + 1)
        return None

    def open_throughout(self, first: datetime, last: datetime) -> bool:
        """Test that every minute from the first to the last may be used."""
        start = self._case.start
        between = self.minutes[(first - start) // A_MINUTE :]
        return 0 not in between[: (last - first) // A_MINUTE + 1]

    def _paint(self, windows: Iterable[WeeklyWindow], colour: int) -> None:
        case = self._case
        day = case.start.date() - 3 * A_DAY
        while day <= case.until.date() + 3 * A_DAY:
            for window in windows:
                if day.weekday() in window.days:
                    self._paint_day(window, day, colour)
            day += A_DAY

    def _paint_day(self, window: WeeklyWindow, day: date, colour: int) -> None:
        case, midnight = self._case, datetime.combine(day, datetime.min.time())
        over = A_DAY if window.until <= window.start else timedelta(0)
        ends = (
            midnight + window.start * A_MINUTE,
            midnight + over + window.until * A_MINUTE,
        )
        first, last = (
            min(
                max((self._wall.first_at(end) - case.start) // A_MINUTE, 0),
                case.minutes,
            )
            for end in ends
        )
        if first < last:
            self.minutes[first:last] = bytes([colour]) * (last - first)


def check(case: Case) -> None:
    """Plan, and compare all that is promised with the oracle."""
    oracle = Oracle(case)
    customer = Recipient(
        customer_id=CustomerID(1),
        zone=case.zone,
        language="en",
        channels=(Channel.EMAIL,),
        reachable=frozenset({Channel.EMAIL, Channel.INBOX}),
        consents=frozenset({Channel.EMAIL}),
        windows=case.windows,
        weeks=oracle.weeks,
    )
    message = NewMessage(
        customer_id=CustomerID(1),
        kind=MessageKind.MARKETING,
        template="offer",
        subject="offer:1",
        occasion=case.occasion,
        not_before=case.start,
        not_after=case.until,
    )
    policy = DeliveryPolicy(quiet=case.quiet)

    outcome = plan(message, customer, policy, case.start - timedelta(hours=1))

    first = oracle.first()
    if not isinstance(outcome, Plan):
        assert first is None, case
        never = 1 not in oracle.minutes
        expected = Reason.NO_MOMENT if never else Reason.WEEKLY_CAP
        assert outcome.reason is expected, case
        return
    due = outcome.due_at
    assert first is not None, case
    assert case.start <= first <= due < case.until, case
    assert oracle.open_throughout(first, due), case
    assert due < first + policy.spread, case
    assert oracle.week(first) == oracle.week(due), case
    assert oracle.has_room(due), case
    assert outcome.why["week"] == oracle.week(due).isoformat(), case
    zone = ZoneInfo(case.zone)
    assert permitted(due, windows=case.windows, quiet=case.quiet, zone=zone), case
    assert outcome.why["local"] == due.astimezone(zone).strftime("%Y-%m-%dT%H:%M:%S")


def drawn(chance: random.Random, zone: str, change: Change) -> Case:
    """Draw a case that meets a change of the clocks."""
    wall = min(change.wall(change.before), change.wall(change.after))
    near = wall.hour * 60 + wall.minute
    size = abs(change.size) // A_MINUTE
    edges = [(near + step) % 1440 for step in (0, 1, -1, size, size // 2, -30, 90)]

    def window(days: frozenset[int], longest: int) -> WeeklyWindow:
        start = chance.choice([*edges, chance.randrange(1440)])
        until = chance.choice([*edges, start + chance.randint(1, longest)])
        return WeeklyWindow(days=days, start=start % 1440, until=(until - 1) % 1440 + 1)

    days = [
        EVERY_DAY,
        frozenset({wall.weekday()}),
        frozenset(chance.sample(range(7), 3)),
    ]
    hours = -chance.choice([1, 2, 12, 30, 50])
    start = change.at.replace(second=0) + timedelta(hours=hours)
    return Case(
        zone=zone,
        start=start,
        minutes=chance.choice([61, 24 * 60, 3 * 24 * 60, 8 * 24 * 60]),
        windows=tuple(
            window(chance.choice(days), 600) for _ in range(chance.randint(1, 3))
        ),
        quiet=tuple(window(EVERY_DAY, 900) for _ in range(chance.randint(0, 2))),
        full=frozenset(chance.sample([0, 1, 2], chance.randint(0, 2))),
        occasion=str(chance.random()),
    )


def every_change() -> Iterator[tuple[str, Change]]:
    for name in distinct_zones():
        for change in changes(name):
            if change.at >= WHOLE_MINUTES:
                yield name, change


def over_midnight(change: Change) -> bool:
    """Test whether the clocks go back to the day before."""
    before, after = change.wall(change.before), change.wall(change.after)
    return change.size < timedelta(0) and before.date() != after.date()


class TestPlan:
    def test_keeps_its_word_at_every_change_of_every_zones_clocks(self) -> None:
        chance = random.Random(1)  # noqa: S311  # the same cases again
        walked = 0
        for name, change in every_change():
            check(drawn(chance, name, change))
            walked += 1
        assert walked > 5_000

    def test_keeps_its_word_where_clocks_go_back_to_the_day_before(self) -> None:
        found = [each for each in every_change() if over_midnight(each[1])]
        assert len(found) > 50
        for name, change in found:
            for seed in range(30):
                check(drawn(random.Random(seed), name, change))  # noqa: S311

    @settings(max_examples=150, deadline=None)
    @given(
        zone=st.sampled_from(ZONES), seed=st.integers(0, 2**32), place=st.integers(0)
    )
    def test_keeps_its_word_whatever_is_drawn(
        self, zone: str, seed: int, place: int
    ) -> None:
        known = [change for change in changes(zone) if change.at >= WHOLE_MINUTES]
        quiet_day = Change(
            at=datetime(2026, 11, 25, tzinfo=UTC),
            before=timedelta(0),
            after=timedelta(0),
        )
        change = known[place % len(known)] if known else quiet_day
        check(drawn(random.Random(seed), zone, change))  # noqa: S311  # drawn already
