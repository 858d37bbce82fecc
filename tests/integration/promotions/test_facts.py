"""What audiences read of members: without what came back, and with their tier."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from loyalty.core.database import Database
from loyalty.core.money import Money
from loyalty.customers.values import CustomerID
from loyalty.promotions.queries import past_purchases
from loyalty.promotions.queries.samples import Details, facts_of
from loyalty.promotions.values import CustomerFacts, PastPurchase
from loyalty.tiers.service import review_member, save_ladder
from tests.factories import NOW, WARSAW, basket, enrol
from tests.integration.tiers.test_tiers import POINTS
from tests.integration.usecases.test_returns import back, buy

EARLIER = NOW - timedelta(days=2)


def euros(cents: int) -> Money:
    return Money(amount=cents, currency="EUR")


def sampled(session: Session, customer_id: CustomerID) -> CustomerFacts:
    found = facts_of(
        session, customer_ids=[customer_id], zone=WARSAW, details=Details()
    )
    return found[customer_id]


class TestPastPurchases:
    @pytest.mark.parametrize("cancel", [False, True])
    def test_leave_out_what_came_back(
        self, database: Database, *, cancel: bool
    ) -> None:
        with database.transaction() as session:
            ada = enrol(session)
            kept = buy(session, basket(ada.card.number, COFFEE=3), "1", EARLIER)
            gone = buy(session, basket(ada.card.number, COFFEE=2), "2")
            back(session, kept, ("1", "2"), key="a")
            back(session, gone, ("1", "2"), key="b", cancel=cancel)

            left = (PastPurchase(at=EARLIER, net=euros(499)),)
            assert past_purchases(session, customer_id=ada.profile.id) == left
            assert sampled(session, ada.profile.id).purchases == left

    def test_count_until_the_last_of_it_came_back(self, database: Database) -> None:
        with database.transaction() as session:
            ada = enrol(session)
            bought = buy(session, basket(ada.card.number, COFFEE=2))
            for step, net in (("a", [euros(499)]), ("b", [])):
                back(session, bought, ("1", "1"), key=step)
                found = past_purchases(session, customer_id=ada.profile.id)
                assert [one.net for one in found] == net


class TestFactsOf:
    def test_say_the_tier(self, database: Database) -> None:
        with database.transaction() as session:
            save_ladder(session, ladder=POINTS, actor="staff:1", now=NOW)
            ada = enrol(session)
            assert sampled(session, ada.profile.id).tier is None
            buy(session, basket(ada.card.number, COFFEE=5))
            review_member(session, customer_id=ada.profile.id, now=NOW)
            assert sampled(session, ada.profile.id).tier == "silver"
