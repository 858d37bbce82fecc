"""Households that share one balance."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from loyalty.core.database import Database
from loyalty.core.errors import Invalid
from loyalty.customers.values import CustomerID
from loyalty.points.queries import balance, open_lots
from loyalty.points.queries.books import verify
from loyalty.points.service import Spending, spend
from loyalty.sharing.queries import (
    HouseholdNotFound,
    household_of,
    invitations_for,
    purse_of,
)
from loyalty.sharing.service import (
    HouseholdFull,
    NotTheKeeper,
    SharesAlready,
    answer,
    gather,
    invite,
    leave,
    save_policy,
)
from loyalty.sharing.values import SharingPolicy
from tests.factories import NOW
from tests.integration.sharing.people import LATER, add_points, asked, member

People = tuple[CustomerID, CustomerID, CustomerID]


def people(session: Session) -> People:
    return (
        member(session, "ada@example.org", 100),
        member(session, "bob@example.org", 50),
        member(session, "cy@example.org", 30),
    )


def join(session: Session, keeper: CustomerID, other: CustomerID) -> None:
    made = invite(session, keeper=keeper, invited=other, actor="customer:1", now=NOW)
    answer(session, customer_id=other, invitation_id=made.id, accept=True, now=NOW)


class TestAHousehold:
    def test_shares_one_balance_once_both_agree(self, database: Database) -> None:
        with database.transaction() as session:
            ada, bob, _ = people(session)
            invite(session, keeper=ada, invited=bob, actor="customer:1", now=NOW)
            before = purse_of(session, customer_id=bob)
            (waiting,) = invitations_for(session, customer_id=bob, now=NOW)
            answer(
                session,
                customer_id=bob,
                invitation_id=waiting.id,
                accept=True,
                now=NOW,
            )

            assert before == bob
            assert purse_of(session, customer_id=bob) == ada
            assert purse_of(session, customer_id=ada) == ada
            assert balance(session, customer_id=ada) == 150
            assert balance(session, customer_id=bob) == 0
            found = household_of(session, customer_id=bob)
            assert found is not None
            assert (found.keeper, found.members) == (ada, (ada, bob))
            assert verify(session).wrong == ()

    def test_is_not_joined_by_a_no(self, database: Database) -> None:
        with database.transaction() as session:
            ada, bob, _ = people(session)
            made = invite(session, keeper=ada, invited=bob, actor="c:1", now=NOW)
            answer(
                session, customer_id=bob, invitation_id=made.id, accept=False, now=NOW
            )

            assert household_of(session, customer_id=bob) is None
            assert balance(session, customer_id=bob) == 50
            assert invitations_for(session, customer_id=bob, now=NOW) == ()

    def test_is_not_joined_after_a_week_or_by_another(self, database: Database) -> None:
        with database.transaction() as session:
            ada, bob, cy = people(session)
            made = invite(session, keeper=ada, invited=bob, actor="c:1", now=NOW)

        for who, when in ((bob, NOW + timedelta(days=7)), (cy, NOW)):
            with (
                pytest.raises(HouseholdNotFound),
                database.transaction() as session,
            ):
                answer(
                    session,
                    customer_id=who,
                    invitation_id=made.id,
                    accept=True,
                    now=when,
                )

    def test_gathers_what_members_earn_later(self, database: Database) -> None:
        with database.transaction() as session:
            ada, bob, _ = people(session)
            join(session, ada, bob)
            add_points(session, bob, 25, now=LATER)
            first = gather(session, customer_id=bob, actor="system", now=LATER)
            again = gather(session, customer_id=bob, actor="system", now=LATER)

            assert (first, again) == (25, 0)
            assert gather(session, customer_id=ada, actor="system", now=LATER) == 0
            assert balance(session, customer_id=ada) == 175

    def test_gives_who_leaves_what_is_left_of_theirs(self, database: Database) -> None:
        with database.transaction() as session:
            ada, bob, cy = people(session)
            lots = open_lots(session, customer_id=bob)
            join(session, ada, bob)
            join(session, ada, cy)
            back = leave(session, customer_id=bob, actor="customer:1", now=LATER)

            assert back == 50
            assert open_lots(session, customer_id=bob)[0].expires_at == (
                lots[0].expires_at
            )
            assert balance(session, customer_id=ada) == 130
            assert purse_of(session, customer_id=bob) == bob
            assert verify(session).wrong == ()

    def test_gives_nothing_back_of_what_was_spent(self, database: Database) -> None:
        with database.transaction() as session:
            ada, bob, _ = people(session)
            join(session, ada, bob)
            spend(
                session,
                customer_id=ada,
                spending=Spending(points=140, request=asked("s")),
                now=NOW,
            )
            back = leave(session, customer_id=bob, actor="customer:1", now=LATER)

            assert back + balance(session, customer_id=ada) == 10
            assert balance(session, customer_id=bob) == back
            assert verify(session).wrong == ()

    def test_ends_when_the_keeper_leaves(self, database: Database) -> None:
        with database.transaction() as session:
            ada, bob, cy = people(session)
            join(session, ada, bob)
            join(session, ada, cy)
            leave(session, customer_id=ada, actor="customer:1", now=LATER)

            balances = [balance(session, customer_id=one) for one in (ada, bob, cy)]
            assert balances == [100, 50, 30]
            assert household_of(session, customer_id=cy) is None
            join(session, bob, ada)
            assert purse_of(session, customer_id=ada) == bob

    def test_has_room_for_so_many(self, database: Database) -> None:
        with database.transaction() as session:
            policy = SharingPolicy(household_most=2)
            save_policy(session, policy=policy, actor="staff:1", now=NOW)
            ada, bob, cy = people(session)
            join(session, ada, bob)

        with pytest.raises(HouseholdFull), database.transaction() as session:
            invite(session, keeper=ada, invited=cy, actor="customer:1", now=NOW)

    def test_is_opened_by_its_keeper_alone_and_one_at_a_time(
        self, database: Database
    ) -> None:
        with database.transaction() as session:
            ada, bob, cy = people(session)
            join(session, ada, bob)

        with pytest.raises(NotTheKeeper), database.transaction() as session:
            invite(session, keeper=bob, invited=cy, actor="customer:1", now=NOW)
        with pytest.raises(SharesAlready), database.transaction() as session:
            invite(session, keeper=cy, invited=bob, actor="customer:1", now=NOW)
        with pytest.raises(Invalid), database.transaction() as session:
            invite(session, keeper=cy, invited=cy, actor="customer:1", now=NOW)
