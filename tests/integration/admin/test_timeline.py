from datetime import timedelta

from loyalty.core.database import Database
from loyalty.customers.values import CustomerID
from loyalty.usecases.checkout import record_purchase
from loyalty.usecases.read_timeline import Happening, What, read_timeline
from tests.factories import NOW, basket, enrol, payment


def happened(database: Database) -> CustomerID:
    """Let somebody enrol and buy three times."""
    with database.transaction() as session:
        card = enrol(session).card
        for day in range(1, 4):
            record_purchase(
                session,
                request=basket(card.number, COFFEE=1),
                payment=payment(str(day), f"key-{day}"),
                now=NOW + timedelta(days=day),
            )
    return card.customer_id


def pages(
    database: Database, customer_id: CustomerID, *, size: int
) -> list[list[Happening]]:
    found, cursor = [], None
    with database.transaction() as session:
        while True:
            page = read_timeline(
                session, customer_id=customer_id, cursor=cursor, size=size
            )
            found.append(list(page.items))
            cursor = page.next_cursor
            if cursor is None:
                return found


class TestTheTimeline:
    def test_tells_everything_the_newest_first(self, database: Database) -> None:
        (items,) = pages(database, happened(database), size=50)
        assert [item.what for item in items] == [
            What.PURCHASE,
            What.PURCHASE,
            What.PURCHASE,
            What.MESSAGE,
            What.CONSENT,
            What.CONSENT,
            What.CONSENT,
            What.CARD,
            What.ENROLLED,
        ]

    def test_shows_points_with_their_purchase(self, database: Database) -> None:
        (items,) = pages(database, happened(database), size=50)
        assert (items[0].points, items[0].balance) == (4, 12)

    def test_comes_in_pages_that_miss_and_repeat_nothing(
        self, database: Database
    ) -> None:
        customer_id = happened(database)
        (whole,) = pages(database, customer_id, size=50)
        parts = pages(database, customer_id, size=2)
        assert [len(part) for part in parts] == [2, 2, 2, 2, 1]
        assert [item for part in parts for item in part] == whole
