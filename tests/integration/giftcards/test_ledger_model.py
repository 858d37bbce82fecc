"""The money ledger against a model that only knows numbers."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import cast

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from loyalty.core.database import Database
from loyalty.core.errors import Invalid, LoyaltyError
from loyalty.core.jobs import NoQueue
from loyalty.core.money import Money
from loyalty.customers.values import CustomerID
from loyalty.giftcards import queries
from loyalty.giftcards.service import (
    BalanceShort,
    GiftCardNotUsable,
    GiftCardUsed,
    RefundTooHigh,
    RequestKeyReused,
    block,
    expire_ended,
    issue_card,
    keep_on_account,
    move,
    open_stored_value,
    save_policy,
    unblock,
)
from loyalty.giftcards.values import (
    GiftAccountID,
    GiftPolicy,
    GiftState,
    Move,
    Movement,
)
from tests.factories import NOW, enrol, make_shop, small_vault

POLICY = GiftPolicy(valid_days=30, least=100, most=1000, most_balance=2500)

amounts = st.integers(50, 1100)


@dataclass
class Model:
    """What an account should be."""

    face: int
    state: GiftState
    balance: int = 0
    ends: datetime | None = None
    moves: list[tuple[str, Move, int]] = field(default_factory=list)
    spends: dict[int, int] = field(default_factory=dict)
    """By version: what was spent and did not come back."""

    def usable(self, now: datetime) -> bool:
        return self.state is GiftState.ACTIVE and not (self.ends and self.ends <= now)


def euros(cents: int) -> Money:
    return Money(amount=cents, currency="EUR")


class GiftLedger(RuleBasedStateMachine):
    """Cards and one member's stored value, by requests that may come twice."""

    engine: Engine

    cards: Bundle[GiftAccountID] = Bundle("cards")

    def __init__(self) -> None:
        super().__init__()
        self.connection = self.engine.connect()
        self.outer = self.connection.begin()
        self.database = Database(
            cast("Engine", self.connection), NoQueue(), small_vault()
        )
        self.now = NOW
        self.keys = 0
        self.model: dict[GiftAccountID, Model] = {}
        with self.database.transaction() as session:
            make_shop(session)
            self.member = enrol(session).profile.id
            save_policy(session, policy=POLICY, actor="system", now=NOW)
            self.stored = open_stored_value(
                session,
                customer_id=self.member,
                currency="EUR",
                actor="system",
                now=NOW,
            )
        self.model[self.stored] = Model(face=0, state=GiftState.ACTIVE)

    def teardown(self) -> None:
        self.outer.rollback()
        self.connection.close()

    @contextmanager
    def session(self, expected: type[LoyaltyError] | None) -> Iterator[Session]:
        """Work in a transaction that is to be refused so, or not at all."""
        if expected is None:
            with self.database.transaction() as session:
                yield session
            return
        with pytest.raises(expected), self.database.transaction() as session:
            yield session

    def key(self) -> str:
        self.keys += 1
        return f"key-{self.keys}"

    def ask(
        self,
        account: GiftAccountID,
        kind: Move,
        cents: int,
        expected: type[LoyaltyError] | None,
        reverses: int | None = None,
    ) -> None:
        """Ask for a movement, and note in the model what it should do."""
        one = self.model[account]
        asked = Movement(
            move=kind,
            amount=euros(cents),
            request_key=self.key(),
            actor="till:1",
            reverses=reverses,
        )
        with self.session(expected) as session:
            first = move(session, account_id=account, movement=asked, now=self.now)
        if expected is not None:
            return
        sign = 1 if kind in (Move.SELL, Move.REFUND) else -1
        one.balance += sign * cents
        one.moves.append((asked.request_key, kind, cents))
        assert first.balance_after == euros(one.balance)
        with self.database.transaction() as session:
            again = move(
                session,
                account_id=account,
                movement=asked,
                now=self.now + timedelta(days=400),
            )
        assert again == first

    @rule(target=cards, face=st.integers(100, 1000))
    def issue(self, face: int) -> GiftAccountID:
        with self.database.transaction() as session:
            made = issue_card(session, face=euros(face), actor="till:1", now=self.now)
            assert queries.get_by_code(session, code=made.code) == made.account
        self.model[made.account.id] = Model(face=face, state=GiftState.WAITING)
        return made.account.id

    @rule(account=cards)
    def pay(self, account: GiftAccountID) -> None:
        self.sell(account, self.model[account].face)

    @rule(cents=amounts)
    def top_up(self, cents: int) -> None:
        self.sell(self.stored, cents)

    @rule(account=cards, cents=amounts)
    def sell(self, account: GiftAccountID, cents: int) -> None:
        one = self.model[account]
        waiting = one.state is GiftState.WAITING
        expected: type[LoyaltyError] | None = None
        if waiting and cents != one.face:
            expected = Invalid
        elif not waiting and one.state is not GiftState.ACTIVE:
            expected = GiftCardNotUsable
        elif (
            not POLICY.least <= cents <= POLICY.most
            or one.balance + cents > POLICY.most_balance
        ):
            expected = Invalid
        self.ask(account, Move.SELL, cents, expected)
        if expected is None:
            one.state = GiftState.ACTIVE
            fresh = self.now + timedelta(days=30)
            # What is paid in never lets a card end earlier.
            one.ends = max(one.ends, fresh) if one.ends else fresh

    @rule(account=cards, cents=amounts)
    def spend(self, account: GiftAccountID, cents: int) -> None:
        self.spend_of(account, cents)

    @rule(cents=amounts)
    def spend_stored(self, cents: int) -> None:
        self.spend_of(self.stored, cents)

    def spend_of(self, account: GiftAccountID, cents: int) -> None:
        one = self.model[account]
        expected: type[LoyaltyError] | None = None
        if not one.usable(self.now):
            expected = GiftCardNotUsable
        elif one.balance < cents:
            expected = BalanceShort
        self.ask(account, Move.SPEND, cents, expected)
        if expected is None:
            one.spends[len(one.moves)] = cents

    @rule(account=cards, cents=amounts, data=st.data())
    def refund(self, account: GiftAccountID, cents: int, data: st.DataObject) -> None:
        one = self.model[account]
        version = data.draw(st.sampled_from([*one.spends, 99]))
        left = one.spends.get(version, 0)
        expected = None if cents <= left else RefundTooHigh
        self.ask(account, Move.REFUND, cents, expected, version)
        if expected is None:
            one.spends[version] -= cents
            assert one.ends is not None
            one.ends = max(one.ends, self.now + timedelta(days=90))

    @rule(account=cards)
    def cancel(self, account: GiftAccountID) -> None:
        one = self.model[account]
        expected: type[LoyaltyError] | None = None
        if len(one.moves) != 1 or one.balance != one.face:
            expected = GiftCardUsed
        elif one.state is not GiftState.ACTIVE:
            expected = GiftCardNotUsable
        self.ask(account, Move.CANCEL, one.face, expected)
        if expected is None:
            one.state = GiftState.CANCELLED

    @rule(account=cards, blocked=st.booleans())
    def block_or_unblock(self, account: GiftAccountID, *, blocked: bool) -> None:
        one = self.model[account]
        expected = GiftCardNotUsable if one.state is GiftState.CANCELLED else None
        act = block if blocked else unblock
        with self.session(expected) as session:
            act(
                session,
                account_id=account,
                reason="Lost",
                actor="staff:1",
                now=self.now,
            )
        if expected is None:
            unblocked = GiftState.ACTIVE if one.moves else GiftState.WAITING
            one.state = GiftState.BLOCKED if blocked else unblocked

    @rule(account=cards)
    def keep(self, account: GiftAccountID) -> None:
        one, stored = self.model[account], self.model[self.stored]
        arrived = [key for key, _, _ in stored.moves if key.startswith(f"{account}>")]
        if one.balance == 0 and arrived and one.state is not GiftState.WAITING:
            expected: type[LoyaltyError] | None = None
            moved = 0
        elif one.balance == 0 and one.state is not GiftState.WAITING:
            expected = BalanceShort
            moved = 0
        elif not one.usable(self.now):
            expected = GiftCardNotUsable
            moved = 0
        elif stored.balance + one.balance > POLICY.most_balance:
            expected = Invalid
            moved = 0
        else:
            expected = None
            moved = one.balance
        with self.session(expected) as session:
            keep_on_account(
                session,
                card_id=account,
                customer_id=CustomerID(self.member),
                actor="customer:1",
                now=self.now,
            )
        if moved:
            one.balance = 0
            one.moves.append(("given", Move.GIVE, moved))
            stored.balance += moved
            stored.moves.append((f"{account}>", Move.TAKE, moved))
            fresh = self.now + timedelta(days=30)
            stored.ends = max(stored.ends, fresh) if stored.ends else fresh

    @rule(days=st.integers(1, 40))
    def wait(self, days: int) -> None:
        self.now += timedelta(days=days)

    @rule()
    def expire(self) -> None:
        with self.database.transaction() as session:
            due = queries.list_ended(session, now=self.now)
            for account in due:
                assert expire_ended(
                    session, account_id=account, actor="system", now=self.now
                )
                one = self.model[account]
                assert one.ends is not None
                assert one.ends <= self.now
                one.moves.append(("expiry", Move.EXPIRE, one.balance))
                one.balance = 0
            assert queries.list_ended(session, now=self.now) == ()

    @rule(account=cards)
    def reuse_a_key(self, account: GiftAccountID) -> None:
        one = self.model[account]
        mine = [entry for entry in one.moves if entry[0].startswith("key-")]
        if not mine:
            return
        key, kind, cents = mine[0]
        asked = Movement(
            move=kind, amount=euros(cents + 1), request_key=key, actor="till:1"
        )
        with self.session(RequestKeyReused) as session:
            move(session, account_id=account, movement=asked, now=self.now)

    @invariant()
    def agrees_with_the_model(self) -> None:
        with self.database.transaction() as session:
            for account, one in self.model.items():
                found = queries.get_account(session, account_id=account)
                assert found.balance == euros(one.balance)
                assert found.state is one.state
                assert found.expires_at == one.ends
                transfers = queries.list_transfers(session, account_id=account)
                assert [abs(t.amount.amount) for t in reversed(transfers)] == [
                    cents for _, _, cents in one.moves
                ]
            assert queries.verify(session) == ()


class TestTheMoneyLedger:
    def test_does_what_its_model_does(self, engine: Engine) -> None:
        machine = type("Ledger", (GiftLedger,), {"engine": engine})

        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=25,
                stateful_step_count=30,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
