"""Rewards and causes over the real ledger of points."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy.orm import Session

from loyalty.core.database import Database
from loyalty.core.errors import Invalid, Refused
from loyalty.customers.values import CustomerID
from loyalty.points.queries import balance, open_lots
from loyalty.points.service import NotEnoughPoints, earn
from loyalty.points.values import Earning, Request
from loyalty.rewards import queries
from loyalty.rewards.service import (
    CauseEnded,
    RedemptionSettled,
    RewardKeyReused,
    RewardNotAvailable,
    end_cause,
    give_to_cause,
    hand_over,
    save_cause,
    withdraw_reward,
)
from loyalty.rewards.values import (
    Cause,
    Redemption,
    RedemptionState,
    Reward,
    RewardKind,
)
from loyalty.usecases.checkout import quote_basket
from loyalty.usecases.redeem_reward import (
    cancel_redemption,
    offer_reward,
    redeem_reward,
)
from tests.factories import NOW, activate, basket, enrol, promotion

CLIENTS = 24
MUG = Reward(
    code="mug",
    name={"en": "Mug"},
    about={"en": "Holds tea."},
    points=100,
    kind=RewardKind.ARTICLE,
    valid_from=NOW - timedelta(days=1),
    stock=5,
)
COUPON = replace(
    MUG,
    code="coffee",
    name={"en": "Coffee for less"},
    kind=RewardKind.COUPON,
    promotion="coffee-20",
    stock=None,
)


def member(
    session: Session, points: int = 250, contact: str = "ada@example.org"
) -> CustomerID:
    """Enrol somebody with so many points."""
    customer_id = enrol(session, contact).profile.id
    earn(
        session,
        customer_id=customer_id,
        earning=Earning(
            points=points,
            request=Request(key="start", actor="system"),
            immediately=True,
        ),
        now=NOW,
    )
    return customer_id


def offer(session: Session, reward: Reward) -> Reward:
    return offer_reward(session, reward=reward, actor="staff:1", now=NOW)


def redeem(
    session: Session, customer_id: CustomerID, key: str = "r1", reward: str = "mug"
) -> Redemption:
    request = Request(key=key, actor="customer:1")
    return redeem_reward(
        session, customer_id=customer_id, reward=reward, request=request, now=NOW
    )


def cancel(session: Session, made: Redemption) -> Redemption:
    return cancel_redemption(
        session,
        customer_id=made.customer_id,
        redemption_id=made.id,
        actor="customer:1",
        now=NOW + timedelta(days=1),
    )


class TestAReward:
    def test_is_paid_with_points_once(self, database: Database) -> None:
        with database.transaction() as session:
            offer(session, MUG)
            ada = member(session)
            first = redeem(session, ada)
            again = redeem(session, ada)

            assert again == replace(first, replayed=True)
            assert (first.points, first.balance_after) == (100, 150)
            assert balance(session, customer_id=ada) == 150
            assert queries.get_reward(session, code="mug").stock == 4

    def test_under_one_key_is_one_reward(self, database: Database) -> None:
        with database.transaction() as session:
            offer(session, MUG)
            offer(session, replace(MUG, code="cup"))
            ada = member(session)
            redeem(session, ada)

        with pytest.raises(RewardKeyReused), database.transaction() as session:
            redeem(session, ada, reward="cup")

    def test_cancelled_gives_points_back_with_their_expiry(
        self, database: Database
    ) -> None:
        with database.transaction() as session:
            offer(session, MUG)
            ada = member(session)
            before = open_lots(session, customer_id=ada)
            made = redeem(session, ada)
            first, again = cancel(session, made), cancel(session, made)

            assert first.state is RedemptionState.CANCELLED
            assert again == first
            after = open_lots(session, customer_id=ada)
            assert [(lot.remaining, lot.expires_at) for lot in after] == [
                (lot.remaining, lot.expires_at) for lot in before
            ]
            assert queries.get_reward(session, code="mug").stock == 5

    def test_handed_over_stays_so(self, database: Database) -> None:
        with database.transaction() as session:
            offer(session, MUG)
            made = redeem(session, member(session))
            given = hand_over(
                session,
                customer_id=made.customer_id,
                redemption_id=made.id,
                actor="staff:1",
                now=NOW,
            )
        assert given.state is RedemptionState.GIVEN

        with pytest.raises(RedemptionSettled), database.transaction() as session:
            cancel(session, made)

    @pytest.mark.parametrize(
        "reward",
        [
            replace(MUG, stock=0),
            replace(MUG, valid_from=NOW + timedelta(days=1)),
            replace(MUG, valid_until=NOW),
        ],
    )
    def test_that_is_not_on_costs_nothing(
        self, database: Database, reward: Reward
    ) -> None:
        with database.transaction() as session:
            offer(session, reward)
            ada = member(session)

        with pytest.raises(RewardNotAvailable), database.transaction() as session:
            redeem(session, ada)

        with database.transaction() as session:
            assert balance(session, customer_id=ada) == 250
            assert queries.list_redemptions(session, customer_id=ada) == ()

    def test_withdrawn_is_redeemed_no_more(self, database: Database) -> None:
        with database.transaction() as session:
            offer(session, MUG)
            ada = member(session)
            withdraw_reward(session, code="mug", actor="staff:1", now=NOW)

        with pytest.raises(RewardNotAvailable), database.transaction() as session:
            redeem(session, ada)

    def test_that_is_too_dear_takes_nothing_from_stock(
        self, database: Database
    ) -> None:
        with database.transaction() as session:
            offer(session, MUG)
            ada = member(session, 99)

        with pytest.raises(NotEnoughPoints), database.transaction() as session:
            redeem(session, ada)

        with database.transaction() as session:
            assert queries.get_reward(session, code="mug").stock == 5


class TestACoupon:
    def test_is_one_use_of_its_promotion(self, database: Database) -> None:
        with database.transaction() as session:
            activate(session, promotion("coffee-20", trigger="code"))
            offer(session, COUPON)
            made = redeem(session, member(session), reward="coffee")
            assert made.coupon is not None
            (kept,) = queries.list_redemptions(session, customer_id=made.customer_id)
            request = replace(basket(COFFEE=2), codes=(made.coupon,))
            priced = quote_basket(session, request=request, now=NOW)

        assert kept.coupon == made.coupon
        assert priced.quote.discount.amount == 200

    def test_cancelled_counts_no_more(self, database: Database) -> None:
        with database.transaction() as session:
            activate(session, promotion("coffee-20", trigger="code"))
            offer(session, COUPON)
            made = redeem(session, member(session), reward="coffee")
            cancel(session, made)
            request = replace(basket(COFFEE=2), codes=(made.coupon or "",))
            priced = quote_basket(session, request=request, now=NOW)

            assert priced.quote.discount.amount == 0
            assert balance(session, customer_id=made.customer_id) == 250

    def test_needs_a_promotion_that_takes_codes(self, database: Database) -> None:
        with database.transaction() as session:
            activate(session, promotion("coffee-20"))

        with pytest.raises(Invalid) as refusal, database.transaction() as session:
            offer(session, COUPON)

        assert refusal.value.problems[0].pointer == "/promotion"
        with database.transaction() as session:
            assert queries.list_rewards(session) == ()


class TestACause:
    def test_gets_points_once_and_adds_them_up(self, database: Database) -> None:
        cause = Cause(code="trees", name={"en": "Trees"}, about={})
        with database.transaction() as session:
            save_cause(session, cause=cause, actor="staff:1", now=NOW)
            ada = member(session)
            bob = member(session, 50, "bob@example.org")
            for who, key, points in ((ada, "a", 70), (ada, "a", 70), (bob, "b", 30)):
                give_to_cause(
                    session,
                    customer_id=who,
                    cause="trees",
                    points=points,
                    request=Request(key=key, actor="customer:1"),
                    now=NOW,
                )
            (found,) = queries.list_causes(session, customer_id=ada)

            assert (found.points, found.mine) == (100, 70)
            assert balance(session, customer_id=ada) == 180

    def test_that_ended_gets_nothing_more(self, database: Database) -> None:
        cause = Cause(code="trees", name={"en": "Trees"}, about={})
        with database.transaction() as session:
            save_cause(session, cause=cause, actor="staff:1", now=NOW)
            end_cause(session, code="trees", actor="staff:1", now=NOW)
            ada = member(session)

        with pytest.raises(CauseEnded), database.transaction() as session:
            give_to_cause(
                session,
                customer_id=ada,
                cause="trees",
                points=10,
                request=Request(key="a", actor="customer:1"),
                now=NOW,
            )

        with database.transaction() as session:
            assert balance(session, customer_id=ada) == 250
            assert queries.list_causes(session, ended=True)[0].points == 0


def at_once(
    database: Database, work: Callable[[Session, int], Redemption]
) -> list[Redemption | Refused]:
    ready = Barrier(CLIENTS, timeout=30)

    def act(client: int) -> Redemption | Refused:
        ready.wait()
        try:
            with database.transaction() as session:
                return work(session, client)
        except Refused as refusal:
            return refusal

    with ThreadPoolExecutor(CLIENTS) as pool:
        return list(pool.map(act, range(CLIENTS)))


class TestManyMembers:
    def test_take_exactly_what_is_in_stock(self, shared_database: Database) -> None:
        with shared_database.transaction() as session:
            offer(session, MUG)
            members = [
                member(session, contact=f"m{n}@example.org") for n in range(CLIENTS)
            ]

        results = at_once(
            shared_database, lambda session, n: redeem(session, members[n])
        )

        refused = [one for one in results if isinstance(one, Refused)]
        assert len(results) - len(refused) == 5
        assert all(isinstance(one, RewardNotAvailable) for one in refused)
        with shared_database.transaction() as session:
            assert queries.get_reward(session, code="mug").stock == 0
            total = sum(balance(session, customer_id=one) for one in members)
        assert total == 24 * 250 - 5 * 100

    def test_who_are_one_pay_with_what_they_have(
        self, shared_database: Database
    ) -> None:
        with shared_database.transaction() as session:
            offer(session, replace(MUG, stock=None))
            ada = member(session)

        results = at_once(
            shared_database, lambda session, n: redeem(session, ada, f"key-{n}")
        )

        refused = [one for one in results if isinstance(one, Refused)]
        assert len(results) - len(refused) == 2
        assert all(isinstance(one, NotEnoughPoints) for one in refused)
