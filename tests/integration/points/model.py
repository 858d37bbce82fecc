"""
A ledger in memory, written apart from the real one, that says what each request does.

It works every answer out in the plainest way and shares no code with the service. An
answer is ``(version, points, available, pending)``, or the code of a refusal.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Warsaw")
LIFETIME_DAYS = 31

Answer = tuple[int, int, int, int] | str


def midnight_after(moment: datetime) -> datetime:
    day = moment.astimezone(ZONE).date() + timedelta(days=1)
    return datetime(day.year, day.month, day.day, tzinfo=ZONE)


@dataclass(eq=False)
class Lot:
    order: int
    size: int
    left: int
    expires: datetime
    purchase: int | None = None
    pending_until: datetime | None = None
    warned: int = 0


@dataclass(eq=False)
class Done:
    """A movement, as far as it may be given back or undone."""

    kind: str
    points: int
    took: list[Lot] = field(default_factory=list)
    brought: Lot | None = None
    purchase: int | None = None
    from_pending: bool = False
    gone: int = 0


@dataclass(eq=False)
class Member:
    available: int = 0
    pending: int = 0
    version: int = 0
    lots: list[Lot] = field(default_factory=list)
    done: dict[int, Done] = field(default_factory=dict)
    holds: dict[str, tuple[int, datetime]] = field(default_factory=dict)

    def held(self, now: datetime, but: str | None = None) -> int:
        return sum(
            points
            for key, (points, until) in self.holds.items()
            if until > now and key != but
        )

    def free(self, now: datetime, but: str | None = None) -> int:
        return max(0, self.available - self.held(now, but))

    def open(self) -> list[Lot]:
        lots = [lot for lot in self.lots if lot.left and lot.pending_until is None]
        return sorted(lots, key=lambda lot: (lot.expires, lot.order))

    def answer(self, points: int, done: Done) -> Answer:
        self.version += 1
        self.done[self.version] = done
        return self.version, points, self.available, self.pending

    def come(self, lots: list[Lot]) -> None:
        """Let lots become available; what is owing is filled by the first of them."""
        owed = max(0, -self.available)
        self.available += sum(lot.left for lot in lots)
        for lot in lots:
            filled = min(owed, lot.left)
            lot.left -= filled
            owed -= filled

    def go(self, points: int, lots: list[Lot]) -> list[Lot]:
        """Take points from lots in their order, and what lacks as a debt."""
        self.available -= points
        return drain(lots, points)


def drain(lots: list[Lot], points: int) -> list[Lot]:
    took = []
    for lot in lots:
        taken = min(lot.left, points)
        if taken:
            lot.left -= taken
            points -= taken
            took.append(lot)
    return took


class Model:
    """All members, and the programme's accounts."""

    def __init__(self) -> None:
        self.members: dict[int, Member] = {}
        self.earned: dict[int, int] = {}
        self.taken: dict[int, int] = {}
        self.delay_days = 0
        self.totals = dict.fromkeys(
            ("issued", "redeemed", "expired", "reversed", "adjusted"), 0
        )
        self._order = count()

    def _lot(self, points: int, now: datetime, purchase: int | None = None) -> Lot:
        last = now + timedelta(days=max(LIFETIME_DAYS, self.delay_days + 31))
        return Lot(next(self._order), points, points, midnight_after(last), purchase)

    def earn(self, who: int, points: int, purchase: int, now: datetime) -> Answer:
        member, lot = self.members[who], self._lot(points, now, purchase)
        member.lots.append(lot)
        if self.delay_days:
            ready = now + timedelta(days=self.delay_days - 1)
            lot.pending_until = midnight_after(ready)
            member.pending += points
        else:
            member.come([lot])
        self.earned[purchase] = points
        self.taken[purchase] = 0
        self.totals["issued"] += points
        return member.answer(
            points, Done("earn", points, brought=lot, purchase=purchase)
        )

    def mature(self, now: datetime) -> None:
        for member in self.members.values():
            for lot in member.lots:
                if lot.pending_until is not None and lot.pending_until <= now:
                    lot.pending_until = None
                    if lot.left:
                        points = lot.left
                        member.pending -= points
                        member.come([lot])
                        member.answer(points, Done("mature", points))

    def spend(
        self, who: int, points: int, now: datetime, hold: str | None = None
    ) -> Answer:
        member = self.members[who]
        if points > member.free(now, hold):
            return "not_enough_points"
        if hold is not None:
            member.holds.pop(hold, None)
        took = member.go(points, member.open())
        self.totals["redeemed"] += points
        return member.answer(points, Done("spend", points, took))

    def give_back(self, who: int, version: int, points: int, now: datetime) -> Answer:
        member = self.members[who]
        spent = member.done.get(version)
        if spent is None or spent.kind != "spend":
            return "transfer_not_found"
        if points > spent.points - spent.gone:
            return "more_than_was_spent"
        spent.gone += points
        self.totals["redeemed"] -= points
        self._restore(member, points, spent.took, now)
        return member.answer(points, Done("give_back", points))

    def _restore(
        self, member: Member, points: int, into: list[Lot], now: datetime
    ) -> None:
        left = points - min(points, max(0, -member.available))
        member.available += points
        for lot in sorted(into, key=lambda lot: (lot.expires, lot.order), reverse=True):
            if lot.pending_until is None:
                back = min(left, lot.size - lot.left)
                lot.left += back
                left -= back
        if left:
            member.lots.append(self._lot(left, now))

    def take_back(self, who: int, purchase: int, points: int) -> Answer:
        member = self.members[who]
        if points > self.earned.get(purchase, 0) - self.taken.get(purchase, 0):
            return "more_than_was_earned"
        self.taken[purchase] += points
        self.totals["reversed"] += points
        own = [lot for lot in member.lots if lot.purchase == purchase and lot.left]
        done = Done("take_back", points, purchase=purchase)
        if any(lot.pending_until for lot in own):
            member.pending -= points
            done.took, done.from_pending = drain(own, points), True
        else:
            lots = member.open()
            lots.sort(key=lambda lot: lot.purchase != purchase)
            done.took = member.go(points, lots)
        return member.answer(points, done)

    def undo(self, who: int, version: int, now: datetime) -> Answer:
        member = self.members[who]
        done = member.done.get(version)
        if done is None:
            return "transfer_not_found"
        known = ("earn", "spend", "take_back", "more", "less")
        untouched = not done.gone and not (
            done.kind == "earn" and self.taken[done.purchase or 0]
        )
        if done.kind not in known or not untouched:
            return "not_undoable"
        if done.kind in ("earn", "more"):
            return self._undo_gain(member, done, now)
        done.gone = done.points
        if done.kind == "take_back":
            self.totals["reversed"] -= done.points
            self.taken[done.purchase or 0] -= done.points
        else:
            name = "redeemed" if done.kind == "spend" else "adjusted"
            sign = -1 if done.kind == "spend" else 1
            self.totals[name] += sign * done.points
        if done.from_pending and all(lot.pending_until for lot in done.took):
            member.pending += done.points
            done.took[0].left += done.points
        else:
            self._restore(member, done.points, done.took, now)
        return member.answer(done.points, Done("undo", done.points))

    def _undo_gain(self, member: Member, done: Done, now: datetime) -> Answer:
        lot = done.brought
        assert lot is not None
        if lot.pending_until:
            member.pending -= done.points
            lot.left = 0
        elif done.points > member.free(now):
            return "not_enough_points"
        else:
            lots = member.open()
            lots.sort(key=lambda other: other is not lot)
            member.go(done.points, lots)
        done.gone = done.points
        if done.kind == "earn":
            self.totals["reversed"] += done.points
            self.taken[done.purchase or 0] += done.points
        else:
            self.totals["adjusted"] -= done.points
        return member.answer(done.points, Done("undo", done.points))

    def adjust(self, who: int, points: int, now: datetime) -> Answer:
        member = self.members[who]
        if points > 0:
            lot = self._lot(points, now)
            member.lots.append(lot)
            member.come([lot])
            done = Done("more", points, brought=lot)
        elif -points > member.free(now):
            return "not_enough_points"
        else:
            done = Done("less", -points, member.go(-points, member.open()))
        self.totals["adjusted"] += points
        return member.answer(abs(points), done)

    def move(self, who: int, to: int, points: int, now: datetime) -> Answer:
        giver, receiver = self.members[who], self.members[to]
        if points > giver.free(now):
            return "not_enough_points"
        before = {lot: lot.left for lot in giver.lots}
        took = giver.go(points, giver.open())
        answer = giver.answer(points, Done("move", points))
        came = []
        for lot in took:
            part = before[lot] - lot.left
            came.append(Lot(next(self._order), part, part, lot.expires, lot.purchase))
        receiver.lots += came
        receiver.come(came)
        receiver.answer(points, Done("move", points))
        return answer

    def hold(self, who: int, key: str, points: int, now: datetime) -> str:
        member = self.members[who]
        if points > member.free(now, key):
            return "not_enough_points"
        member.holds[key] = (points, now + timedelta(minutes=15))
        return "held"

    def warn(self, stage: int, now: datetime) -> None:
        today = now.astimezone(ZONE).date()
        day = today + timedelta(days=(31, 8)[stage])
        until = datetime(day.year, day.month, day.day, tzinfo=ZONE)
        for member in self.members.values():
            due = [lot for lot in member.open() if lot.warned == stage]
            if not any(lot.expires <= until for lot in due):
                continue
            for lot in due:
                # A week more, in hours, as the service counts it.
                week = until.astimezone(UTC) + timedelta(days=7)
                if lot.expires <= week:
                    lot.warned += 1
                    lot.expires = max(lot.expires, until)

    def expire(self, now: datetime) -> None:
        for member in self.members.values():
            if member.held(now):
                continue
            due = [lot for lot in member.open() if lot.expires <= now]
            due = [lot for lot in due if lot.warned == 2]
            for moment in sorted({lot.expires for lot in due}):
                group = [lot for lot in due if lot.expires == moment]
                points = sum(lot.left for lot in group)
                member.go(points, group)
                self.totals["expired"] += points
                member.answer(points, Done("expire", points))
