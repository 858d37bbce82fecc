"""Which customers are to be scored again, noted by whatever changes them."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from loyalty.core.database import Database
from loyalty.customers.queries import (
    Change,
    has_changes,
    list_changes,
    personalised_customers,
)
from loyalty.customers.service.changes import forget_changes
from loyalty.customers.service.people import set_language
from loyalty.customers.service.preferences import set_topics
from loyalty.customers.values import CustomerID
from loyalty.usecases.checkout import record_purchase
from loyalty.usecases.enrol_customer import Enrolled
from loyalty.usecases.merge_customers import merge_customers
from tests.factories import NOW, basket, enrol, payment


@pytest.fixture
def ada(database: Database) -> Enrolled:
    with database.transaction() as session:
        found = enrol(session)
        assert {one.customer_id for one in seen(session)} == {found.profile.id}
        forget_changes(session, changes=seen(session))
        assert not has_changes(session)
    return found


def seen(session: Session) -> tuple[Change, ...]:
    return list_changes(session, most=100)


def buys(session: Session, ada: Enrolled) -> None:
    record_purchase(
        session,
        request=basket(ada.card.number, COFFEE=1),
        payment=payment(),
        now=NOW,
    )


def wishes(session: Session, ada: Enrolled) -> None:
    set_topics(session, customer_id=ada.profile.id, topics=["drinks"])


def speaks(session: Session, ada: Enrolled) -> None:
    set_language(session, customer_id=ada.profile.id, language="pl")


class TestChanges:
    @pytest.mark.parametrize("happens", [buys, wishes, speaks])
    def test_are_noted(
        self,
        database: Database,
        ada: Enrolled,
        happens: Callable[[Session, Enrolled], None],
    ) -> None:
        with database.transaction() as session:
            happens(session, ada)
            assert {one.customer_id for one in seen(session)} == {ada.profile.id}

    def test_are_not_noted_of_a_purchase_without_a_card(
        self, database: Database
    ) -> None:
        with database.transaction() as session:
            record_purchase(
                session, request=basket(None, COFFEE=1), payment=payment(), now=NOW
            )
            assert not has_changes(session)

    def test_that_come_while_others_are_seen_to_stay(
        self, database: Database, ada: Enrolled
    ) -> None:
        with database.transaction() as session:
            wishes(session, ada)
            before = seen(session)
            buys(session, ada)
            forget_changes(session, changes=before)
            left = seen(session)
        assert len(before) == len(left) == 1
        assert before[0].id < left[0].id

    def test_are_of_both_records_when_two_become_one(
        self, database: Database, ada: Enrolled
    ) -> None:
        with database.transaction() as session:
            other = enrol(session, "ada@example.com").profile.id
            merge_customers(
                session, into=ada.profile.id, merged=other, actor="staff:1", now=NOW
            )
            found = {(one.customer_id, one.standing) for one in seen(session)}
        assert found == {(ada.profile.id,) * 2, (other, ada.profile.id)}


class TestPersonalisedCustomers:
    def test_are_found_among_some(self, database: Database, ada: Enrolled) -> None:
        with database.transaction() as session:
            enrol(session, "bea@example.org")
            no = enrol(session, "cora@example.org", agrees=False).profile.id
            among = [ada.profile.id, no, CustomerID(1)]
            found = personalised_customers(session, among=among)
        assert found == (ada.profile.id,)
