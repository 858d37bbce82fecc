"""What else two records of one person have: stored money, tiers, codes, friends."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Event, get_ident

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event
from sqlalchemy.orm import Session

from loyalty.core.database import Database
from loyalty.core.money import Money
from loyalty.customers.queries import get_profile, get_row
from loyalty.customers.values import CustomerID, CustomerStatus
from loyalty.giftcards.queries import stored_value
from loyalty.giftcards.service import Sale, block, save_policy, top_up, unblock
from loyalty.giftcards.values import GiftPolicy
from loyalty.points.queries import balance
from loyalty.promotions.queries.codes import CodesAsked, find_codes
from loyalty.promotions.service.codes import add_word
from loyalty.promotions.values import MissedReason
from loyalty.promotions.values.codes import CodeTerms
from loyalty.purchases.queries import list_purchases
from loyalty.sharing.queries import find_referrer, list_referrals
from loyalty.sharing.service import (
    SharesStill,
    answer,
    claim,
    code_of,
    invite,
    leave,
    settle,
)
from loyalty.sharing.service import (
    save_policy as save_sharing,
)
from loyalty.sharing.values import SharingPolicy
from loyalty.stores.queries import get_store
from loyalty.tiers.models import MemberTierRow
from loyalty.tiers.queries import history, tier_of
from loyalty.tiers.service import review_members, save_ladder
from loyalty.tiers.values import Change
from loyalty.usecases.checkout import record_purchase
from loyalty.usecases.merge_customers import follow_merges, undo_merge
from loyalty.usecases.verify_ledger import verify_ledger
from tests.factories import NOW, activate, basket, enrol, payment, promotion
from tests.integration.tiers.test_tiers import POINTS
from tests.integration.usecases.test_codes_at_checkout import HALF
from tests.integration.usecases.test_merging import (
    ACTOR,
    LATER,
    Pair,
    buy,
    facts,
    merge,
    pair,
    rolled_back,
)

Stored = tuple[int, datetime | None]


def pay_in(
    session: Session, customer_id: CustomerID, cents: int, *, now: datetime = NOW
) -> None:
    if cents:
        sale = Sale(
            amount=Money(amount=cents, currency="EUR"),
            store_id=get_store(session, code="324").id,
            request_key=f"{now}-{cents}",
            actor=ACTOR,
        )
        top_up(session, customer_id=customer_id, sale=sale, now=now)


def stored(session: Session, customer_id: CustomerID) -> Stored:
    """Return what a record has stored, and until when it counts."""
    session.expire_all()
    found = stored_value(session, customer_id=customer_id, currency="EUR")
    return (found.balance.amount, found.expires_at) if found else (0, None)


def spend_stored(session: Session, ada: Pair, coffees: int) -> None:
    euros = Money(amount=499 * coffees, currency="EUR")
    request = replace(basket(ada.new_card, COFFEE=coffees), stored_value_to_spend=euros)
    record_purchase(
        session, request=request, payment=payment("9", "spent", b"9"), now=NOW
    )


class TestStoredMoney:
    def test_moves_and_comes_back(self, database: Database) -> None:
        with database.transaction() as session:
            policy = GiftPolicy(valid_days=100, most=50_000, most_balance=50_000)
            save_policy(session, policy=policy, actor=ACTOR, now=NOW)
            ada = pair(session)
            pay_in(session, ada.into, 40_000, now=NOW - timedelta(days=20))
            pay_in(session, ada.merged, 30_000, now=NOW - timedelta(days=10))
            before = stored(session, ada.into), stored(session, ada.merged)
            done = merge(session, ada.into, ada.merged)

            # More than the shop sells onto one account, and until the later end.
            assert stored(session, ada.into) == (70_000, NOW + timedelta(days=90))
            assert stored(session, ada.merged)[0] == 0
            assert verify_ledger(session).wrong == ()

            undone = undo_merge(session, merge_id=done.id, actor=ACTOR, now=LATER)
            assert (stored(session, ada.into), stored(session, ada.merged)) == before
            assert undone.money_missing == ()
            assert verify_ledger(session).wrong == ()

    def test_comes_back_as_far_as_it_is_there(self, database: Database) -> None:
        with database.transaction() as session:
            ada = pair(session)
            pay_in(session, ada.merged, 1000)
            done = merge(session, ada.into, ada.merged)
            spend_stored(session, ada, 1)
            undone = undo_merge(session, merge_id=done.id, actor=ACTOR, now=LATER)

            assert undone.money_missing == (Money(amount=499, currency="EUR"),)
            assert stored(session, ada.merged) == (501, None)
            assert stored(session, ada.into) == (0, None)
            assert verify_ledger(session).wrong == ()

    def test_follows_when_it_comes_later(self, database: Database) -> None:
        with database.transaction() as session:
            ada = pair(session)
            pay_in(session, ada.merged, 1000)
            account = stored_value(session, customer_id=ada.merged, currency="EUR")
            assert account is not None
            block(session, account_id=account.id, reason="lost", actor=ACTOR, now=NOW)
            done = merge(session, ada.into, ada.merged)
            assert stored(session, ada.merged)[0] == 1000
            unblock(
                session, account_id=account.id, reason="found", actor=ACTOR, now=NOW
            )

            for _night in range(2):
                follow_merges(session, actor="system", now=NOW)
                assert stored(session, ada.into)[0] == 1000
            undo_merge(session, merge_id=done.id, actor=ACTOR, now=LATER)
            assert stored(session, ada.merged)[0] == 1000

    def test_keeps_the_end_of_what_was_paid_in_since(self, database: Database) -> None:
        with database.transaction() as session:
            policy = GiftPolicy(valid_days=100)
            save_policy(session, policy=policy, actor=ACTOR, now=NOW)
            ada = pair(session)
            pay_in(session, ada.into, 500, now=NOW - timedelta(days=50))
            pay_in(session, ada.merged, 500)
            done = merge(session, ada.into, ada.merged)
            pay_in(session, ada.into, 700)
            undo_merge(session, merge_id=done.id, actor=ACTOR, now=LATER)

            assert stored(session, ada.into) == (1200, NOW + timedelta(days=100))

    @settings(
        max_examples=20,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(
        own=st.integers(0, 2000),
        other=st.integers(0, 2000),
        days=st.none() | st.integers(40, 90),
        late=st.integers(0, 500),
        coffees=st.integers(0, 4),
    )
    def test_is_never_more_or_less(
        self,
        database: Database,
        own: int,
        other: int,
        days: int | None,
        late: int,
        coffees: int,
    ) -> None:
        with database.transaction() as session, rolled_back(session):
            policy = GiftPolicy(valid_days=days)
            save_policy(session, policy=policy, actor=ACTOR, now=NOW)
            ada = pair(session)
            pay_in(session, ada.into, own, now=NOW - timedelta(days=5))
            pay_in(session, ada.merged, other)
            both = (ada.into, ada.merged)
            before = [(facts(session, one), stored(session, one)) for one in both]
            done = merge(session, ada.into, ada.merged)
            pay_in(session, ada.merged, late, now=NOW + timedelta(hours=1))
            follow_merges(session, actor="system", now=NOW)
            spent = 499 * coffees if 499 * coffees <= own + other + late else 0
            if spent:
                spend_stored(session, ada, coffees)
            undone = undo_merge(session, merge_id=done.id, actor=ACTOR, now=LATER)

            missing = sum(one.amount for one in undone.money_missing)
            total = own + other + late - spent
            assert sum(stored(session, one)[0] for one in both) == total
            assert stored(session, ada.merged)[0] == other + late - missing
            assert missing == max(0, other + late - total)
            assert verify_ledger(session).wrong == ()
            if not (late or spent):
                after = [(facts(session, one), stored(session, one)) for one in both]
                assert after == before


class TestTier:
    def test_is_that_of_both_and_is_given_back(self, database: Database) -> None:
        with database.transaction() as session:
            ada = laddered(session)
            before = held(session, ada.into), held(session, ada.merged)
            assert before[0][0] is None
            done = merge(session, ada.into, ada.merged)
            assert held(session, ada.into) == ("silver", NOW, None)

            undo_merge(session, merge_id=done.id, actor=ACTOR, now=LATER)
            assert (held(session, ada.into), held(session, ada.merged)) == before
            entries = history(session, customer_id=ada.into)
            assert [(one.change, one.after) for one in entries] == [
                (Change.MERGED, None),
                (Change.MERGED, "silver"),
            ]

    def test_is_the_better_one(self, database: Database) -> None:
        falls_at = NOW + timedelta(days=9)
        with database.transaction() as session:
            ada = laddered(session)
            row = session.get_one(MemberTierRow, ada.merged)
            row.tier, row.falls_at = "gold", falls_at
            session.flush()
            merge(session, ada.into, ada.merged)

            assert held(session, ada.into) == ("gold", NOW, falls_at)

    def test_is_reviewed_if_it_changed_since(self, database: Database) -> None:
        with database.transaction() as session:
            ada = laddered(session)
            done = merge(session, ada.into, ada.merged)
            buy(session, ada.new_card, 10)
            assert tier_of(session, customer_id=ada.into) == "gold"
            undo_merge(session, merge_id=done.id, actor=ACTOR, now=NOW)

            assert held(session, ada.into) == (
                "gold",
                NOW,
                NOW + timedelta(days=POINTS.grace_days),
            )


def laddered(session: Session) -> Pair:
    save_ladder(session, ladder=POINTS, actor=ACTOR, now=NOW)
    ada = pair(session)
    review_members(session, customer_ids=[ada.into, ada.merged], now=NOW)
    return ada


def held(
    session: Session, customer_id: CustomerID
) -> tuple[str | None, datetime, datetime | None]:
    row = session.get_one(MemberTierRow, customer_id, populate_existing=True)
    return row.tier, row.since, row.falls_at


class TestSharedBalance:
    @pytest.mark.parametrize("merged_shares", [False, True])
    def test_is_left_first(self, database: Database, *, merged_shares: bool) -> None:
        with database.transaction() as session:
            ada = pair(session)
            one = ada.merged if merged_shares else ada.into
            join(session, enrol(session, "eve@example.org").profile.id, one)
            before = facts(session, ada.into), facts(session, ada.merged)
            with pytest.raises(SharesStill, match="leave the household first"):
                merge(session, ada.into, ada.merged)
            assert (facts(session, ada.into), facts(session, ada.merged)) == before

            leave(session, customer_id=one, actor=ACTOR, now=NOW)
            assert merge(session, ada.into, ada.merged).points == 19

    def test_stays_with_its_keeper(self, database: Database) -> None:
        with database.transaction() as session:
            ada = pair(session)
            join(session, ada.into, enrol(session, "eve@example.org").profile.id)
            done = merge(session, ada.into, ada.merged)
            assert balance(session, customer_id=ada.into) == 9 + 19
            undo_merge(session, merge_id=done.id, actor=ACTOR, now=LATER)
            assert balance(session, customer_id=ada.merged) == 19

    def test_is_left_before_undoing(self, database: Database) -> None:
        with database.transaction() as session:
            ada = pair(session)
            before = facts(session, ada.into), facts(session, ada.merged)
            done = merge(session, ada.into, ada.merged)
            join(session, enrol(session, "eve@example.org").profile.id, ada.into)
            with pytest.raises(SharesStill, match="somebody else's balance"):
                undo_merge(session, merge_id=done.id, actor=ACTOR, now=LATER)
            leave(session, customer_id=ada.into, actor=ACTOR, now=LATER)
            undo_merge(session, merge_id=done.id, actor=ACTOR, now=LATER)

            assert (facts(session, ada.into), facts(session, ada.merged)) == before


def join(session: Session, keeper: CustomerID, member: CustomerID) -> None:
    asked = invite(session, keeper=keeper, invited=member, actor=ACTOR, now=NOW)
    answer(session, customer_id=member, invitation_id=asked.id, accept=True, now=NOW)


class TestCode:
    def test_used_by_one_record_is_used_by_both(self, database: Database) -> None:
        with database.transaction() as session:
            activate(session, promotion("half", trigger="code", reward=HALF))
            add_word(
                session,
                promotion="half",
                word="SPRING",
                terms=CodeTerms(uses=None, per_customer=1),
                actor=ACTOR,
                now=NOW,
            )
            ada = pair(session)
            request = replace(basket(ada.old_card, TEA=2), codes=("SPRING",))
            record_purchase(
                session, request=request, payment=payment("8", "k8", b"8"), now=NOW
            )
            assert problem(session, ada.into) is None
            done = merge(session, ada.into, ada.merged)
            assert problem(session, ada.into) is MissedReason.CODE_USED

            undo_merge(session, merge_id=done.id, actor=ACTOR, now=LATER)
            assert problem(session, ada.into) is None


def problem(session: Session, customer_id: CustomerID) -> MissedReason | None:
    asked = CodesAsked(texts=["SPRING"], customer_id=customer_id, at=NOW)
    return find_codes(session, asked=asked)["SPRING"].problem


class TestFriends:
    def test_are_brought_once_and_by_either_code(self, database: Database) -> None:
        with database.transaction() as session:
            policy = SharingPolicy(friend_points=100, referrer_points=200)
            save_sharing(session, policy=policy, actor=ACTOR, now=NOW)
            eve = enrol(session, "eve@example.org").profile.id
            row = get_row(session, customer_id=eve)
            row.enrolled_at = NOW - timedelta(days=30)
            code = code_of(session, customer_id=eve)
            twice = [
                enrol(session, contact)
                for contact in ("bob@example.org", "+48601234567")
            ]
            bob, bobs = (one.profile.id for one in twice)
            claim(session, friend=bob, code=code, now=NOW)
            claim(session, friend=bobs, code=code, now=NOW + timedelta(hours=1))
            merge(session, bob, bobs)
            for at in (1, 2):
                buy(session, twice[1].card.number, at)
            while settle(session, now=NOW) is not None:
                pass

            assert balance(session, customer_id=eve) == 200
            assert balance(session, customer_id=bob) == 100 + 4 + 9

            merge(session, bob, eve)
            assert find_referrer(session, code=code) == bob
            assert len(list_referrals(session, referrer=bob)) == 2


class TestPurchaseThatWaited:
    def test_goes_to_the_standing_record(self, shared_database: Database) -> None:
        """The purchase read its card before the merge was committed."""
        database = shared_database
        with database.transaction() as session:
            ada = pair(session)
        waits, main = Event(), get_ident()

        @event.listens_for(database.engine, "before_cursor_execute")
        def note(*call: object) -> None:
            if get_ident() != main and "points_account" in str(call[2]):
                waits.set()

        def pay() -> None:
            with database.transaction() as session:
                buy(session, ada.old_card, 1)

        try:
            with ThreadPoolExecutor(1) as pool:
                with database.transaction() as session:
                    merge(session, ada.into, ada.merged)
                    paid = pool.submit(pay)
                    assert waits.wait(30)
                paid.result(30)
        finally:
            event.remove(database.engine, "before_cursor_execute", note)

        with database.transaction() as session:
            latest = list_purchases(session, customer_id=ada.into)[0]
            assert latest.customer_id == ada.into
            assert balance(session, customer_id=ada.into) == 9 + 19 + 4
            assert balance(session, customer_id=ada.merged) == 0
            status = get_profile(session, customer_id=ada.merged).status
            assert status is CustomerStatus.MERGED
