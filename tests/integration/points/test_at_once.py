"""Many clients at once on one balance: exactly as many succeed as it allows."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from loyalty.core.database import Database
from loyalty.points import service
from loyalty.points.service import NotEnoughPoints, Spending
from loyalty.points.values import Earning
from loyalty.usecases.verify_ledger import verify_ledger
from tests.factories import NOW, enrol
from tests.integration.points.ledger import asks, days, earned, points_of

CLIENTS = 24


class TestSpend:
    def test_serves_as_many_of_24_clients_as_the_balance_allows(
        self, shared_database: Database
    ) -> None:
        with shared_database.transaction() as session:
            ada = enrol(session).profile.id
        for day in range(10):  # ten lots of ten: each client needs parts of two
            earned(shared_database, ada, 10, now=NOW + days(day))
        together = Barrier(CLIENTS)

        def spend(number: int) -> bool:
            together.wait()
            try:
                with shared_database.transaction() as session:
                    service.spend(
                        session,
                        customer_id=ada,
                        spending=Spending(points=7, request=asks(f"till-{number}")),
                        now=NOW,
                    )
            except NotEnoughPoints:
                return False
            return True

        with ThreadPoolExecutor(CLIENTS) as pool:
            served = list(pool.map(spend, range(CLIENTS)))

        assert served.count(True) == 14
        assert points_of(shared_database, ada) == (2, 0, 0)
        with shared_database.transaction() as session:
            assert verify_ledger(session).wrong == ()

    def test_answers_24_clients_with_one_key_alike(
        self, shared_database: Database
    ) -> None:
        with shared_database.transaction() as session:
            ada = enrol(session).profile.id
        earned(shared_database, ada, 100)
        together = Barrier(CLIENTS)

        def spend(_number: int) -> tuple[int, int]:
            together.wait()
            with shared_database.transaction() as session:
                moved = service.spend(
                    session,
                    customer_id=ada,
                    spending=Spending(points=60, request=asks("one")),
                    now=NOW,
                )
            return moved.version, moved.available

        with ThreadPoolExecutor(CLIENTS) as pool:
            answers = set(pool.map(spend, range(CLIENTS)))

        assert answers == {(2, 40)}


class TestMove:
    def test_between_two_members_both_ways_at_once_waits_for_no_one_for_ever(
        self, shared_database: Database
    ) -> None:
        with shared_database.transaction() as session:
            ada, bob = (enrol(session, f"{n}@example.org").profile.id for n in "ab")
            for who in (ada, bob):
                service.earn(
                    session,
                    customer_id=who,
                    earning=Earning(points=100, request=asks()),
                    now=NOW,
                )

        def give(number: int) -> None:
            giver, receiver = (ada, bob) if number % 2 else (bob, ada)
            with shared_database.transaction() as session:
                service.move(
                    session,
                    giver=giver,
                    receiver=receiver,
                    points=3,
                    request=asks(f"gift-{number}"),
                    now=NOW,
                )

        with ThreadPoolExecutor(CLIENTS) as pool:
            list(pool.map(give, range(CLIENTS)))

        assert points_of(shared_database, ada) == (100, 0, 0)
        assert points_of(shared_database, bob) == (100, 0, 0)
