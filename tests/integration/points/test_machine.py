"""The ledger against a model of it, and all its invariants after every step."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from typing import cast

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from loyalty.core.database import Database
from loyalty.core.errors import LoyaltyError
from loyalty.core.jobs import NoQueue
from loyalty.customers.values import CustomerID
from loyalty.points import service
from loyalty.points.models import AccountRow, LotRow, LotUseRow, TransferRow
from loyalty.points.service import Correction, Spending
from loyalty.points.values import Account, Earning, Moved, Request, WarningKind
from loyalty.usecases.verify_ledger import verify_ledger
from tests.factories import NOW, enrol, make_shop, small_vault
from tests.integration.points.ledger import bought, with_rule
from tests.integration.points.model import LIFETIME_DAYS, Answer, Member, Model

POINTS = st.integers(1, 120)
SHARE = st.sampled_from([10, 60, 100, 100, 130])
"""Of what there is, in per cent; more than that is refused."""

PICK = st.integers(0, 10_000)
MEMBERS = st.integers(0, 1)

Ask = Callable[[Session], object]


class Ledger(RuleBasedStateMachine):
    """Two members, their purchases, a clock that goes on, and requests of all kinds."""

    engine: Engine

    def __init__(self) -> None:
        super().__init__()
        self.connection = self.engine.connect()
        self.outer = self.connection.begin()
        self.database = Database(
            cast("Engine", self.connection), NoQueue(), small_vault()
        )
        self.model = Model()
        self.now: datetime = NOW
        self.who: list[CustomerID] = []
        self.purchases: list[tuple[CustomerID, int]] = []
        self.requests: list[tuple[Callable[[int], Ask], int, Answer]] = []
        self.numbers = count()

    @initialize(delayed=st.booleans())
    def open(self, *, delayed: bool) -> None:
        with self.database.transaction() as session:
            make_shop(session)
            for name in ("ada@example.org", "bob@example.org"):
                self.who.append(enrol(session, name).profile.id)
        with_rule(self.database, lifetime_days=LIFETIME_DAYS)
        for customer_id in self.who:
            with self.database.transaction() as session:
                service.lock_account(session, customer_id=customer_id)
        self.model.members = {who: Member() for who in self.who}
        self._up()
        for member in (0, 1):
            self.earn(member, 100)
            self.spend(member, 10, by_hold=False)
            if delayed:
                self.change_the_delay(5)

    def teardown(self) -> None:
        self.outer.rollback()
        self.connection.close()

    # Requests

    @rule(member=MEMBERS, points=POINTS)
    def earn(self, member: int, points: int) -> None:
        who = self.who[member]
        with self.database.transaction() as session:
            purchase = bought(session, who, points * 100)
        self.purchases.append((who, purchase))
        key = self._key()

        def ask(points: int) -> Ask:
            return lambda session: service.earn(
                session,
                customer_id=who,
                earning=Earning(
                    points=points, request=self._request(key), purchase_id=purchase
                ),
                now=self.now,
            )

        self._compare(ask, points, self.model.earn(who, points, purchase, self.now))

    @rule(member=MEMBERS, share=SHARE, by_hold=st.booleans())
    def spend(self, member: int, share: int, *, by_hold: bool) -> None:
        who, key = self.who[member], self._key()
        points = self._part(who, share)
        holds = [
            (name, held)
            for name, (held, until) in self.model.members[who].holds.items()
            if until > self.now
        ]
        hold = None
        if by_hold and holds:
            hold, points = holds[0]

        def ask(points: int) -> Ask:
            return lambda session: service.spend(
                session,
                customer_id=who,
                spending=Spending(points=points, request=self._request(key), hold=hold),
                now=self.now,
            )

        self._compare(ask, points, self.model.spend(who, points, self.now, hold))

    @rule(member=MEMBERS, share=SHARE, pick=PICK)
    def give_back(self, member: int, share: int, pick: int) -> None:
        who, key = self.who[member], self._key()
        version = self._pick(who, pick, kinds=("spend",))
        spent = self.model.members[who].done.get(version)
        points = max(1, (spent.points - spent.gone) * share // 100) if spent else 1

        def ask(points: int) -> Ask:
            return lambda session: service.give_back(
                session,
                customer_id=who,
                version=version,
                points=points,
                request=self._request(key),
                now=self.now,
            )

        answer = self.model.give_back(who, version, points, self.now)
        self._compare(ask, points, answer)

    @rule(share=SHARE, pick=PICK)
    def take_back(self, share: int, pick: int) -> None:
        who, purchase = self.purchases[-1 - pick % len(self.purchases)]
        left = self.model.earned[purchase] - self.model.taken[purchase]
        points = max(1, left * share // 100)
        key = self._key()

        def ask(points: int) -> Ask:
            return lambda session: service.take_back(
                session,
                customer_id=who,
                purchase_id=purchase,
                points=points,
                request=self._request(key),
                now=self.now,
            )

        self._compare(ask, points, self.model.take_back(who, purchase, points))

    @rule(member=MEMBERS, pick=PICK)
    def undo(self, member: int, pick: int) -> None:
        who, key = self.who[member], self._key()
        version = self._pick(who, pick)

        def ask(version: int) -> Ask:
            return lambda session: service.undo(
                session,
                customer_id=who,
                version=version,
                request=self._request(key),
                now=self.now,
            )

        self._compare(ask, version, self.model.undo(who, version, self.now))

    @rule(member=MEMBERS, share=SHARE, up=st.booleans())
    def adjust(self, member: int, share: int, *, up: bool) -> None:
        who, key = self.who[member], self._key()
        points = share if up else -self._part(who, share)

        def ask(points: int) -> Ask:
            return lambda session: service.adjust(
                session,
                customer_id=who,
                correction=Correction(
                    points=points, reason="A test", request=self._request(key)
                ),
                limit=1_000,
                now=self.now,
            )

        self._compare(ask, points, self.model.adjust(who, points, self.now))

    @rule(member=MEMBERS, share=SHARE)
    def move(self, member: int, share: int) -> None:
        who, to = self.who[member], self.who[1 - member]
        points = self._part(who, share)
        key = self._key()

        def ask(points: int) -> Ask:
            return lambda session: service.move(
                session,
                giver=who,
                receiver=to,
                points=points,
                request=self._request(key),
                now=self.now,
            )

        self._compare(ask, points, self.model.move(who, to, points, self.now))

    @rule(member=MEMBERS, share=SHARE)
    def hold(self, member: int, share: int) -> None:
        who, key = self.who[member], self._key()
        points = self._part(who, share)
        wanted = self.model.hold(who, key, points, self.now)
        found = "held"
        try:
            with self.database.transaction() as session:
                service.hold(
                    session,
                    customer_id=who,
                    points=points,
                    key=key,
                    until=self.now + timedelta(minutes=15),
                    now=self.now,
                )
        except LoyaltyError as refused:
            found = refused.code
        assert found == wanted

    @precondition(lambda self: self.requests)
    @rule(pick=PICK)
    def replay(self, pick: int) -> None:
        ask, number, answer = self.requests[pick % len(self.requests)]
        with self.database.transaction() as session:
            moved = ask(number)(session)
        assert isinstance(moved, Moved)
        assert moved.replayed
        assert (moved.version, moved.points, moved.available, moved.pending) == answer

    @precondition(lambda self: self.requests)
    @rule(pick=PICK)
    def reuse_a_key(self, pick: int) -> None:
        ask, number, _answer = self.requests[pick % len(self.requests)]
        assert self._outcome(ask(number + 1)) == "request_key_reused"

    # Time

    @rule(days=st.sampled_from([2, 9, 24]))
    def go_on(self, days: int) -> None:
        self.now += timedelta(days=days)
        self._up()
        self.model.mature(self.now)
        for stage in (0, 1):
            self.model.warn(stage, self.now)
        self.model.expire(self.now)
        with self.database.transaction() as session:
            service.mature(session, now=self.now)
        for kind in WarningKind:
            with self.database.transaction() as session:
                service.take_warnings(session, kind=kind, now=self.now)
        for _ in range(2):  # a job may run twice
            with self.database.transaction() as session:
                service.expire(session, now=self.now)

    @rule()
    def live_through_a_lifetime(self) -> None:
        for days in (2, 23, 9):
            self.go_on(days)

    @rule(delay=st.sampled_from([0, 5]))
    def change_the_delay(self, delay: int) -> None:
        self.model.delay_days = delay
        with_rule(self.database, delay_days=delay)

    @rule()
    def seal(self) -> None:
        with self.database.transaction() as session:
            while service.seal_transfers(session, now=self.now):
                pass

    # What always holds

    @invariant()
    def is_as_the_model_says(self) -> None:
        if not self.who:
            return
        with self.database.transaction() as session:
            for who, member in self.model.members.items():
                account = session.get_one(AccountRow, who)
                assert account.available == member.available
                assert account.pending == member.pending
                assert account.version == member.version
                rows = session.execute(
                    select(LotRow.points, LotRow.remaining, LotRow.expires_at)
                    .where(LotRow.customer_id == who)
                    .order_by(LotRow.transfer_version, LotRow.place)
                ).all()
                lots = [(lot.size, lot.left, lot.expires) for lot in member.lots]
                assert [tuple(row) for row in rows] == lots

    @invariant()
    def keeps_its_invariants(self) -> None:
        if not self.who:
            return
        with self.database.transaction() as session:
            assert verify_ledger(session).wrong == ()
            rows = session.scalars(
                select(TransferRow).order_by(
                    TransferRow.customer_id, TransferRow.version
                )
            ).all()
            uses = session.scalars(select(LotUseRow)).all()
        totals = dict.fromkeys(Account, 0)
        for who in self.who:
            mine = [row for row in rows if row.customer_id == who]
            assert [row.version for row in mine] == [*range(1, len(mine) + 1)]
            assert len({row.request_key for row in mine}) == len(mine)
            self._replay(mine, totals)
        for account, sign in ((Account.ISSUED, -1), (Account.ADJUSTED, -1)):
            assert sign * totals[account] == self.model.totals[account.value]
        for account in (Account.REDEEMED, Account.EXPIRED, Account.REVERSED):
            assert totals[account] == self.model.totals[account.value]
        assert sum(totals.values()) == 0
        assert all(use.points for use in uses)

    def _replay(self, mine: list[TransferRow], totals: dict[Account, int]) -> None:
        available = pending = 0
        for row in mine:
            assert row.amount > 0
            assert row.debit is not row.credit
            before = available
            for account, sign in ((row.debit, -1), (row.credit, 1)):
                totals[account] += sign * row.amount
                if account is Account.AVAILABLE:
                    available += sign * row.amount
                if account is Account.PENDING:
                    pending += sign * row.amount
            assert (row.balance_after, row.pending_after) == (available, pending)
            assert available >= min(0, before) or row.kind == "take_back"

    # How requests are made

    def _compare(self, ask: Callable[[int], Ask], number: int, wanted: Answer) -> None:
        found = self._outcome(ask(number))
        assert found == wanted
        if not isinstance(wanted, str):
            self.requests.append((ask, number, wanted))

    def _outcome(self, ask: Ask) -> Answer:
        try:
            with self.database.transaction() as session:
                moved = ask(session)
        except LoyaltyError as refused:
            return refused.code
        assert isinstance(moved, Moved)
        assert not moved.replayed
        return moved.version, moved.points, moved.available, moved.pending

    def _pick(
        self, who: CustomerID, pick: int, kinds: tuple[str, ...] | None = None
    ) -> int:
        done = self.model.members[who].done
        known = [v for v, one in done.items() if kinds is None or one.kind in kinds]
        return known[pick % len(known)] if known else 999

    def _part(self, who: CustomerID, share: int) -> int:
        return max(1, self.model.members[who].free(self.now) * share // 100)

    def _key(self) -> str:
        return f"k{next(self.numbers)}"

    def _request(self, key: str) -> Request:
        return Request(key=key, actor="staff:1")

    def _up(self) -> None:
        with self.database.transaction() as session:
            service.note_uptime(session, now=self.now, machine_now=NOW)


class TestLedger:
    def test_does_what_its_model_does_and_keeps_its_invariants(
        self, engine: Engine
    ) -> None:
        class OnThisServer(Ledger):
            pass

        OnThisServer.engine = engine
        run_state_machine_as_test(
            OnThisServer,
            settings=settings(
                max_examples=35,
                stateful_step_count=40,
                deadline=None,
                derandomize=True,
                suppress_health_check=list(HealthCheck),
            ),
        )
