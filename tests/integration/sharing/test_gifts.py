"""Gifts of points between members."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from loyalty.core.database import Database
from loyalty.core.errors import Invalid, Refused
from loyalty.points.queries import balance, open_lots
from loyalty.points.service import NotEnoughPoints, Spending, hold, spend
from loyalty.sharing.queries import list_gifts
from loyalty.sharing.service import GiftFinal, GiftsOff, GiftTooBig, give, save_policy
from loyalty.sharing.service import undo as undo_gift
from loyalty.sharing.values import SharingPolicy
from tests.factories import NOW
from tests.integration.sharing.people import LATER, asked, member


class TestAGift:
    def test_moves_points_with_their_expiry_once(self, database: Database) -> None:
        with database.transaction() as session:
            ada = member(session, "ada@example.org", 300)
            bob = member(session, "bob@example.org")
            before = open_lots(session, customer_id=ada)[0].expires_at
            for _ in range(2):
                gift = give(
                    session,
                    giver=ada,
                    receiver=bob,
                    points=120,
                    request=asked("g"),
                    now=LATER,
                )

            assert gift.balance_after == 180
            assert balance(session, customer_id=ada) == 180
            assert balance(session, customer_id=bob) == 120
            (lot,) = open_lots(session, customer_id=bob)
            assert (lot.remaining, lot.expires_at) == (120, before)

    def test_is_limited_by_the_day(self, database: Database) -> None:
        with database.transaction() as session:
            policy = SharingPolicy(gifts_a_day=200)
            save_policy(session, policy=policy, actor="staff:1", now=NOW)
            ada = member(session, "ada@example.org", 500)
            bob = member(session, "bob@example.org")
            give(
                session,
                giver=ada,
                receiver=bob,
                points=150,
                request=asked("1"),
                now=NOW,
            )

        with (
            pytest.raises(GiftTooBig, match="50 are left"),
            database.transaction() as session,
        ):
            give(
                session, giver=ada, receiver=bob, points=51, request=asked("2"), now=NOW
            )

        with database.transaction() as session:
            give(
                session,
                giver=ada,
                receiver=bob,
                points=200,
                request=asked("3"),
                now=LATER,
            )
            assert balance(session, customer_id=ada) == 150

    def test_can_be_switched_off(self, database: Database) -> None:
        with database.transaction() as session:
            policy = SharingPolicy(gifts_a_day=0)
            save_policy(session, policy=policy, actor="staff:1", now=NOW)
            ada = member(session, "ada@example.org", 500)
            bob = member(session, "bob@example.org")

        with pytest.raises(GiftsOff), database.transaction() as session:
            give(
                session, giver=ada, receiver=bob, points=1, request=asked("1"), now=NOW
            )

    def test_to_oneself_is_refused(self, database: Database) -> None:
        with database.transaction() as session:
            ada = member(session, "ada@example.org", 500)

        with pytest.raises(Invalid), database.transaction() as session:
            give(
                session, giver=ada, receiver=ada, points=1, request=asked("1"), now=NOW
            )

    def test_takes_no_points_that_are_held(self, database: Database) -> None:
        with database.transaction() as session:
            ada = member(session, "ada@example.org", 100)
            bob = member(session, "bob@example.org")
            hold(
                session,
                customer_id=ada,
                key="quote:1",
                points=60,
                until=LATER,
                now=NOW,
            )

        with pytest.raises(NotEnoughPoints), database.transaction() as session:
            give(
                session, giver=ada, receiver=bob, points=50, request=asked("1"), now=NOW
            )

    def test_is_taken_back_in_time_into_the_lots_it_came_from(
        self, database: Database
    ) -> None:
        with database.transaction() as session:
            ada = member(session, "ada@example.org", 300)
            bob = member(session, "bob@example.org", 40)
            before = open_lots(session, customer_id=ada)
            gift = give(
                session,
                giver=ada,
                receiver=bob,
                points=120,
                request=asked("g"),
                now=NOW,
            )
            soon = NOW + timedelta(minutes=30)
            for _ in range(2):
                undone = undo_gift(
                    session, giver=ada, gift_id=gift.id, actor="customer:1", now=soon
                )

            assert undone.undone_at == soon
            assert [lot.remaining for lot in open_lots(session, customer_id=ada)] == [
                lot.remaining for lot in before
            ]
            assert balance(session, customer_id=bob) == 40
            assert [one.undone_at for one in list_gifts(session, customer_id=bob)] == [
                soon
            ]

    def test_stays_given_when_it_is_late_or_spent(self, database: Database) -> None:
        with database.transaction() as session:
            ada = member(session, "ada@example.org", 300)
            bob = member(session, "bob@example.org")
            gift = give(
                session,
                giver=ada,
                receiver=bob,
                points=120,
                request=asked("g"),
                now=NOW,
            )
            spend(
                session,
                customer_id=bob,
                spending=Spending(points=1, request=asked("s")),
                now=NOW,
            )

        for when in (NOW, LATER):
            with pytest.raises(GiftFinal), database.transaction() as session:
                undo_gift(
                    session, giver=ada, gift_id=gift.id, actor="customer:1", now=when
                )

        with database.transaction() as session:
            assert balance(session, customer_id=ada) == 180


class TestManyGifts:
    def test_both_ways_at_once_lose_nothing_and_lock_nobody_out(
        self, shared_database: Database
    ) -> None:
        with shared_database.transaction() as session:
            policy = SharingPolicy(gifts_a_day=100)
            save_policy(session, policy=policy, actor="staff:1", now=NOW)
            pair = (
                member(session, "ada@example.org", 300),
                member(session, "bob@example.org", 300),
            )
        ready = Barrier(24, timeout=30)

        def act(client: int) -> bool:
            ready.wait()
            giver, receiver = pair if client % 2 else pair[::-1]
            try:
                with shared_database.transaction() as session:
                    give(
                        session,
                        giver=giver,
                        receiver=receiver,
                        points=10,
                        request=asked(f"g{client}"),
                        now=NOW,
                    )
            except Refused:
                return False
            return True

        with ThreadPoolExecutor(24) as pool:
            results = list(pool.map(act, range(24)))

        assert results.count(True) == 20
        with shared_database.transaction() as session:
            assert [balance(session, customer_id=one) for one in pair] == [300, 300]
