"""Each movement of the ledger, what it refuses, and that a replay changes nothing."""

from datetime import timedelta

import pytest

from loyalty.core.database import Database
from loyalty.core.errors import Invalid
from loyalty.customers.values import CustomerID
from loyalty.points import service
from loyalty.points.queries import next_expiry
from loyalty.points.service import (
    AlreadyDecided,
    Correction,
    MoreThanWasEarned,
    MoreThanWasSpent,
    NotEnoughPoints,
    NotEnoughToHold,
    NotUndoable,
    RequestKeyReused,
    SecondPersonNeeded,
)
from loyalty.points.values import Adjustment, AdjustmentState, Moved
from tests.factories import NOW
from tests.integration.points.ledger import (
    asks,
    bought,
    days,
    earned,
    lots,
    points_of,
    spent,
    transfers,
    with_rule,
)


@pytest.fixture
def purchase(database: Database, ada: CustomerID) -> int:
    with database.transaction() as session:
        return bought(session, ada)


def taken_back(
    database: Database, ada: CustomerID, purchase: int, points: int, key: str = ""
) -> Moved:
    with database.transaction() as session:
        return service.take_back(
            session,
            customer_id=ada,
            purchase_id=purchase,
            points=points,
            request=asks(key or None),
            now=NOW,
        )


def undone(
    database: Database, ada: CustomerID, version: int, key: str | None = None
) -> Moved:
    with database.transaction() as session:
        return service.undo(
            session, customer_id=ada, version=version, request=asks(key), now=NOW
        )


class TestEarn:
    def test_makes_a_transfer_and_a_lot(
        self, database: Database, ada: CustomerID
    ) -> None:
        moved = earned(database, ada, 40)

        assert moved == Moved(version=1, points=40, available=40, pending=0)
        assert lots(database, ada) == [(40, 40)]

    def test_answers_a_replay_as_before(
        self, database: Database, ada: CustomerID
    ) -> None:
        first = earned(database, ada, 40, key="k")
        earned(database, ada, 5)

        again = earned(database, ada, 40, key="k")

        assert again == Moved(
            version=1, points=40, available=first.available, pending=0, replayed=True
        )
        assert points_of(database, ada) == (45, 0, 0)

    def test_refuses_a_key_for_other_points(
        self, database: Database, ada: CustomerID
    ) -> None:
        earned(database, ada, 40, key="k")

        with pytest.raises(RequestKeyReused):
            earned(database, ada, 41, key="k")

        assert points_of(database, ada) == (40, 0, 0)

    def test_moves_nothing_for_no_points(
        self, database: Database, ada: CustomerID
    ) -> None:
        assert earned(database, ada, 0).version == 0
        assert transfers(database, ada) == 0

    def test_refuses_negative_points(self, database: Database, ada: CustomerID) -> None:
        with pytest.raises(Invalid):
            earned(database, ada, -1)

        assert transfers(database, ada) == 0

    def test_keeps_points_pending_for_the_delay(
        self, database: Database, ada: CustomerID
    ) -> None:
        with_rule(database, delay_days=14)

        earned(database, ada, 40)

        assert points_of(database, ada) == (0, 40, 0)
        with pytest.raises(NotEnoughPoints):
            spent(database, ada, 1)


class TestMature:
    def test_makes_pending_points_available_once(
        self, database: Database, ada: CustomerID
    ) -> None:
        with_rule(database, delay_days=14)
        earned(database, ada, 40)

        counts = []
        for later in (13, 14, 14):
            with database.transaction() as session:
                counts.append(service.mature(session, now=NOW + days(later)))

        assert counts == [0, 1, 0]
        assert points_of(database, ada) == (40, 0, 0)

    def test_fills_a_debt_first(
        self, database: Database, ada: CustomerID, purchase: int
    ) -> None:
        earned(database, ada, 30, purchase_id=purchase)
        spent(database, ada, 30)
        taken_back(database, ada, purchase, 30)
        with_rule(database, delay_days=14)
        earned(database, ada, 50)

        with database.transaction() as session:
            service.mature(session, now=NOW + days(15))

        assert points_of(database, ada) == (20, 0, 0)
        assert lots(database, ada) == [(30, 0), (50, 20)]


class TestSpend:
    def test_takes_what_expires_first(
        self, database: Database, ada: CustomerID
    ) -> None:
        earned(database, ada, 10, now=NOW + days(2))
        earned(database, ada, 10)

        moved = spent(database, ada, 13)

        assert moved == Moved(version=3, points=13, available=7, pending=0)
        assert lots(database, ada) == [(10, 7), (10, 0)]

    def test_refuses_more_than_there_is(
        self, database: Database, ada: CustomerID
    ) -> None:
        earned(database, ada, 10)

        with pytest.raises(NotEnoughPoints, match="There are 10 points"):
            spent(database, ada, 11)

        assert points_of(database, ada) == (10, 0, 0)
        assert lots(database, ada) == [(10, 10)]

    def test_answers_a_replay_though_the_points_are_gone(
        self, database: Database, ada: CustomerID
    ) -> None:
        earned(database, ada, 10)
        first = spent(database, ada, 10, key="k")

        again = spent(database, ada, 10, key="k")

        assert (again.version, again.available) == (first.version, 0)
        assert again.replayed
        assert transfers(database, ada) == 2


class TestGiveBack:
    def give(
        self, database: Database, ada: CustomerID, version: int, points: int
    ) -> Moved:
        with database.transaction() as session:
            return service.give_back(
                session,
                customer_id=ada,
                version=version,
                points=points,
                request=asks(),
                now=NOW,
            )

    def test_fills_the_lots_that_last_longest_first(
        self, database: Database, ada: CustomerID
    ) -> None:
        earned(database, ada, 10)
        earned(database, ada, 10, now=NOW + days(2))
        version = spent(database, ada, 15).version

        self.give(database, ada, version, 7)

        assert lots(database, ada) == [(10, 2), (10, 10)]
        with database.transaction() as session:
            expiry = next_expiry(session, customer_id=ada, now=NOW)
        assert expiry is not None
        assert expiry.points == 2

    def test_refuses_more_than_was_spent(
        self, database: Database, ada: CustomerID
    ) -> None:
        earned(database, ada, 10)
        version = spent(database, ada, 8).version
        self.give(database, ada, version, 5)

        with pytest.raises(MoreThanWasSpent, match="3 points can come back"):
            self.give(database, ada, version, 4)

        assert points_of(database, ada) == (7, 0, 0)


class TestTakeBack:
    def test_takes_from_the_purchases_own_lot_first(
        self, database: Database, ada: CustomerID, purchase: int
    ) -> None:
        earned(database, ada, 10)
        earned(database, ada, 20, purchase_id=purchase)

        taken_back(database, ada, purchase, 15)

        assert lots(database, ada) == [(10, 10), (20, 5)]

    def test_then_takes_others_and_leaves_a_debt(
        self, database: Database, ada: CustomerID, purchase: int
    ) -> None:
        earned(database, ada, 20, purchase_id=purchase)
        spent(database, ada, 20)
        earned(database, ada, 5)

        taken_back(database, ada, purchase, 20)

        assert points_of(database, ada) == (-15, 0, 0)
        assert lots(database, ada) == [(20, 0), (5, 0)]

    def test_is_filled_by_later_points(
        self, database: Database, ada: CustomerID, purchase: int
    ) -> None:
        earned(database, ada, 20, purchase_id=purchase)
        spent(database, ada, 20)
        taken_back(database, ada, purchase, 20)

        earned(database, ada, 50)

        assert points_of(database, ada) == (30, 0, 0)
        assert lots(database, ada) == [(20, 0), (50, 30)]

    def test_takes_no_more_than_the_purchase_earned(
        self, database: Database, ada: CustomerID, purchase: int
    ) -> None:
        earned(database, ada, 20, purchase_id=purchase)
        taken_back(database, ada, purchase, 12)

        with pytest.raises(MoreThanWasEarned, match="8 can be taken back"):
            taken_back(database, ada, purchase, 9)

        assert points_of(database, ada) == (8, 0, 0)

    def test_takes_points_that_are_still_pending(
        self, database: Database, ada: CustomerID, purchase: int
    ) -> None:
        with_rule(database, delay_days=14)
        earned(database, ada, 20, purchase_id=purchase)

        moved = taken_back(database, ada, purchase, 12, key="k")

        assert (moved.points, moved.available, moved.pending) == (12, 0, 8)
        assert taken_back(database, ada, purchase, 12, key="k").replayed
        assert points_of(database, ada) == (0, 8, 0)


class TestUndo:
    def test_brings_a_spending_back_into_its_lots(
        self, database: Database, ada: CustomerID
    ) -> None:
        earned(database, ada, 10)
        version = spent(database, ada, 8).version

        undone(database, ada, version, key="k")
        assert undone(database, ada, version, key="k").replayed

        assert points_of(database, ada) == (10, 0, 0)
        assert lots(database, ada) == [(10, 10)]

    def test_is_done_once(self, database: Database, ada: CustomerID) -> None:
        earned(database, ada, 10)
        version = spent(database, ada, 8).version
        undone(database, ada, version)

        with pytest.raises(NotUndoable):
            undone(database, ada, version)

        assert points_of(database, ada) == (10, 0, 0)

    def test_takes_earned_points_away_from_their_own_lot(
        self, database: Database, ada: CustomerID
    ) -> None:
        earned(database, ada, 10)
        version = earned(database, ada, 7).version

        undone(database, ada, version)

        assert lots(database, ada) == [(10, 10), (7, 0)]

    def test_leaves_no_debt(self, database: Database, ada: CustomerID) -> None:
        version = earned(database, ada, 10).version
        spent(database, ada, 4)

        with pytest.raises(NotEnoughPoints):
            undone(database, ada, version)

        assert points_of(database, ada) == (6, 0, 0)

    def test_of_a_return_gives_its_points_again(
        self, database: Database, ada: CustomerID, purchase: int
    ) -> None:
        earned(database, ada, 20, purchase_id=purchase)
        version = taken_back(database, ada, purchase, 12).version

        undone(database, ada, version)
        taken_back(database, ada, purchase, 20)

        assert points_of(database, ada) == (0, 0, 0)

    def test_of_a_return_whose_debt_was_filled_makes_a_lot(
        self, database: Database, ada: CustomerID, purchase: int
    ) -> None:
        earned(database, ada, 20, purchase_id=purchase)
        spent(database, ada, 20)
        version = taken_back(database, ada, purchase, 20).version
        earned(database, ada, 30)

        undone(database, ada, version)

        assert points_of(database, ada) == (30, 0, 0)
        assert lots(database, ada) == [(20, 0), (30, 10), (20, 20)]


class TestAdjust:
    def ask(
        self, database: Database, ada: CustomerID, points: int, *, limit: int = 100
    ) -> Moved | Adjustment:
        with database.transaction() as session:
            return service.adjust(
                session,
                customer_id=ada,
                correction=Correction(
                    points=points, reason="A torn receipt", request=asks(f"a{points}")
                ),
                limit=limit,
                now=NOW,
            )

    def test_moves_points_up_and_down(
        self, database: Database, ada: CustomerID
    ) -> None:
        self.ask(database, ada, 50)
        self.ask(database, ada, -20)

        assert points_of(database, ada) == (30, 0, 0)
        assert lots(database, ada) == [(50, 30)]

    def test_never_takes_what_is_not_there(
        self, database: Database, ada: CustomerID
    ) -> None:
        with pytest.raises(NotEnoughPoints):
            self.ask(database, ada, -20)

        assert transfers(database, ada) == 0

    def test_wants_a_reason(self, database: Database, ada: CustomerID) -> None:
        with pytest.raises(Invalid), database.transaction() as session:
            service.adjust(
                session,
                customer_id=ada,
                correction=Correction(points=5, reason=" ", request=asks()),
                limit=100,
                now=NOW,
            )

        assert transfers(database, ada) == 0

    def test_above_the_limit_waits_for_a_second_person(
        self, database: Database, ada: CustomerID
    ) -> None:
        asked = self.ask(database, ada, 101)
        assert isinstance(asked, Adjustment)
        assert points_of(database, ada) == (0, 0, 0)

        with (
            pytest.raises(SecondPersonNeeded),
            database.transaction() as session,
        ):
            service.approve(session, adjustment_id=asked.id, actor="staff:1", now=NOW)
        assert points_of(database, ada) == (0, 0, 0)

        with database.transaction() as session:
            service.approve(session, adjustment_id=asked.id, actor="staff:2", now=NOW)
        assert points_of(database, ada) == (101, 0, 0)

    def test_is_decided_once(self, database: Database, ada: CustomerID) -> None:
        asked = self.ask(database, ada, 101)
        assert isinstance(asked, Adjustment)
        with database.transaction() as session:
            service.refuse(session, adjustment_id=asked.id, actor="staff:1", now=NOW)

        with pytest.raises(AlreadyDecided), database.transaction() as session:
            service.approve(session, adjustment_id=asked.id, actor="staff:2", now=NOW)

        assert points_of(database, ada) == (0, 0, 0)
        again = self.ask(database, ada, 101)
        assert isinstance(again, Adjustment)
        assert again.state is AdjustmentState.REFUSED


class TestHold:
    def keep(
        self, database: Database, ada: CustomerID, points: int, key: str = "quote:1"
    ) -> None:
        with database.transaction() as session:
            service.hold(
                session,
                customer_id=ada,
                points=points,
                key=key,
                until=NOW + timedelta(minutes=15),
                now=NOW,
            )

    def test_keeps_points_from_being_spent_elsewhere(
        self, database: Database, ada: CustomerID
    ) -> None:
        earned(database, ada, 100)
        self.keep(database, ada, 80)

        with pytest.raises(NotEnoughPoints, match="20 points to spend"):
            spent(database, ada, 21)

        assert points_of(database, ada) == (100, 0, 80)

    def test_is_spent_by_its_key(self, database: Database, ada: CustomerID) -> None:
        earned(database, ada, 100)
        self.keep(database, ada, 80)

        spent(database, ada, 80, hold="quote:1")

        assert points_of(database, ada) == (20, 0, 0)

    def test_comes_free_by_itself(self, database: Database, ada: CustomerID) -> None:
        earned(database, ada, 100)
        self.keep(database, ada, 80)

        later = NOW + timedelta(minutes=15)
        spent(database, ada, 100, now=later)

        assert points_of(database, ada, later) == (0, 0, 0)

    def test_keeps_no_more_than_there_is(
        self, database: Database, ada: CustomerID
    ) -> None:
        earned(database, ada, 100)
        self.keep(database, ada, 80)
        self.keep(database, ada, 80)

        with pytest.raises(NotEnoughToHold):
            self.keep(database, ada, 21, key="quote:2")
        with pytest.raises(RequestKeyReused):
            self.keep(database, ada, 81)

        assert points_of(database, ada) == (100, 0, 80)


class TestMove:
    def give(
        self,
        database: Database,
        people: tuple[CustomerID, CustomerID],
        points: int,
        key: str | None = None,
    ) -> Moved:
        with database.transaction() as session:
            return service.move(
                session,
                giver=people[0],
                receiver=people[1],
                points=points,
                request=asks(key),
                now=NOW,
            )

    def test_keeps_the_expiry_of_each_lot(
        self, database: Database, ada: CustomerID, bob: CustomerID
    ) -> None:
        earned(database, ada, 10)
        earned(database, ada, 10, now=NOW + days(5))

        self.give(database, (ada, bob), 15, key="k")
        assert self.give(database, (ada, bob), 15, key="k").replayed

        assert points_of(database, ada) == (5, 0, 0)
        assert lots(database, bob) == [(10, 10), (5, 5)]
        with database.transaction() as session:
            expiry = next_expiry(session, customer_id=bob, now=NOW)
        assert expiry is not None
        assert expiry.points == 10

    def test_fills_the_receivers_debt_first(
        self, database: Database, ada: CustomerID, bob: CustomerID, purchase: int
    ) -> None:
        earned(database, ada, 20, purchase_id=purchase)
        spent(database, ada, 20)
        taken_back(database, ada, purchase, 20)
        earned(database, bob, 50)

        self.give(database, (bob, ada), 30)

        assert points_of(database, ada) == (10, 0, 0)

    def test_refuses_what_is_not_there_and_a_gift_to_oneself(
        self, database: Database, ada: CustomerID, bob: CustomerID
    ) -> None:
        earned(database, ada, 10)

        with pytest.raises(NotEnoughPoints):
            self.give(database, (ada, bob), 11)
        with pytest.raises(Invalid):
            self.give(database, (ada, ada), 5)

        assert points_of(database, ada) == (10, 0, 0)
        assert transfers(database, bob) == 0
