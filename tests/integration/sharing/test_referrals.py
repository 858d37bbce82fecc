"""Bringing friends."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from loyalty.core.database import Database
from loyalty.customers.models import CustomerRow
from loyalty.customers.values import CustomerID
from loyalty.points.queries import balance
from loyalty.points.service import Spending, spend
from loyalty.purchases.queries import list_purchases
from loyalty.sharing.queries import ReferralNotFound, list_referrals, referral_of
from loyalty.sharing.service import (
    NotAFriend,
    claim,
    code_of,
    note_device,
    note_return,
    save_policy,
    settle,
)
from loyalty.sharing.values import ReferralState, SharingPolicy
from loyalty.usecases.checkout import record_purchase
from tests.factories import NOW, basket, enrol, payment
from tests.integration.sharing.people import asked, member

POLICY = SharingPolicy(friend_points=100, referrer_points=200, referrals_a_year=2)


def referrer(session: Session) -> tuple[CustomerID, str]:
    """Return a member of a year, and the code they bring friends by."""
    save_policy(session, policy=POLICY, actor="staff:1", now=NOW)
    ada = member(session, "ada@example.org")
    enrolled(session, ada, NOW - timedelta(days=365))
    return ada, code_of(session, customer_id=ada)


def enrolled(session: Session, customer_id: CustomerID, at: datetime) -> None:
    session.execute(
        update(CustomerRow).where(CustomerRow.id == customer_id).values(enrolled_at=at)
    )


def buy(session: Session, contact: str) -> tuple[CustomerID, int]:
    """Let a member buy coffee for the first time."""
    found = enrol(session, contact)
    record_purchase(
        session,
        request=basket(found.card.number, COFFEE=1),
        payment=replace(payment(receipt=contact, key=contact), request_hash=b"x"),
        now=NOW,
    )
    (bought,) = list_purchases(session, customer_id=found.profile.id)
    return found.profile.id, bought.id


class TestBringingAFriend:
    def test_gives_both_points_after_the_first_purchase(
        self, database: Database
    ) -> None:
        with database.transaction() as session:
            ada, code = referrer(session)
            bob = member(session, "bob@example.org")
            claim(session, friend=bob, code=f"{code[:4]} {code[4:].lower()}", now=NOW)
            assert settle(session, now=NOW) is None
            assert balance(session, customer_id=ada) == 0
            buy(session, "bob@example.org")
            settled = settle(session, now=NOW)
            assert settle(session, now=NOW) is None

            assert settled is not None
            assert settled.state is ReferralState.PAID
            assert balance(session, customer_id=ada) == 200
            assert balance(session, customer_id=bob) == 104
            assert list_referrals(session, referrer=ada) == (settled,)

    def test_takes_the_points_back_when_that_purchase_comes_back(
        self, database: Database
    ) -> None:
        with database.transaction() as session:
            ada, code = referrer(session)
            bob = member(session, "bob@example.org")
            claim(session, friend=bob, code=code, now=NOW)
            _, purchase = buy(session, "bob@example.org")
            settle(session, now=NOW)
            note_return(session, purchase_id=purchase)
            settled = settle(session, now=NOW)
            assert not note_return(session, purchase_id=purchase)

            assert settled is not None
            assert settled.state is ReferralState.REVERSED
            assert balance(session, customer_id=ada) == 0
            assert balance(session, customer_id=bob) == 4

    def test_leaves_what_is_spent_and_takes_back_the_rest(
        self, database: Database
    ) -> None:
        with database.transaction() as session:
            ada, code = referrer(session)
            bob = member(session, "bob@example.org")
            claim(session, friend=bob, code=code, now=NOW)
            _, purchase = buy(session, "bob@example.org")
            settle(session, now=NOW)
            spend(
                session,
                customer_id=ada,
                spending=Spending(points=150, request=asked("s")),
                now=NOW,
            )
            note_return(session, purchase_id=purchase)
            settle(session, now=NOW)

            assert balance(session, customer_id=ada) == 50
            assert balance(session, customer_id=bob) == 4

    def test_gives_the_referrer_points_for_so_many_a_year(
        self, database: Database
    ) -> None:
        with database.transaction() as session:
            ada, code = referrer(session)
            for name in ("bob", "cy", "dan"):
                friend = member(session, f"{name}@example.org")
                claim(session, friend=friend, code=code, now=NOW)
                buy(session, f"{name}@example.org")
                settle(session, now=NOW)

            assert balance(session, customer_id=ada) == 400
            given = [
                one.referrer_points for one in list_referrals(session, referrer=ada)
            ]
            assert sorted(given) == [0, 200, 200]

    def test_has_one_referrer_a_friend(self, database: Database) -> None:
        with database.transaction() as session:
            _, code = referrer(session)
            eve = member(session, "eve@example.org")
            enrolled(session, eve, NOW - timedelta(days=9))
            other = code_of(session, customer_id=eve)
            bob = member(session, "bob@example.org")
            first = claim(session, friend=bob, code=code, now=NOW)
            assert claim(session, friend=bob, code=code, now=NOW) == first

        with pytest.raises(NotAFriend), database.transaction() as session:
            claim(session, friend=bob, code=other, now=NOW)

    @pytest.mark.parametrize(
        ("contact", "why"),
        [
            ("ada+new@example.org", "brings themselves"),
            ("Ada+2@example.org", "brings themselves"),
        ],
    )
    def test_is_not_oneself_by_address(
        self, database: Database, contact: str, why: str
    ) -> None:
        with database.transaction() as session:
            _, code = referrer(session)
            again = member(session, contact)

        with (
            pytest.raises(NotAFriend, match=why),
            database.transaction() as session,
        ):
            claim(session, friend=again, code=code, now=NOW)

        with database.transaction() as session:
            assert referral_of(session, friend=again) is None

    def test_is_not_oneself_by_card_or_browser(self, database: Database) -> None:
        with database.transaction() as session:
            ada, code = referrer(session)
            note_device(session, customer_id=ada, device="a browser's cookie")
            bob = member(session, "bob@example.org")

        for friend, device in ((ada, None), (bob, "a browser's cookie")):
            with pytest.raises(NotAFriend), database.transaction() as session:
                claim(session, friend=friend, code=code, device=device, now=NOW)

    def test_is_for_new_members_who_have_not_bought(self, database: Database) -> None:
        with database.transaction() as session:
            _, code = referrer(session)
            bob, _ = buy(session, "bob@example.org")
            old = member(session, "old@example.org")
            enrolled(session, old, NOW - timedelta(days=31))

        for friend in (bob, old):
            with pytest.raises(NotAFriend), database.transaction() as session:
                claim(session, friend=friend, code=code, now=NOW)

    def test_by_an_unknown_code_is_refused(self, database: Database) -> None:
        with database.transaction() as session:
            bob = member(session, "bob@example.org")

        with pytest.raises(ReferralNotFound), database.transaction() as session:
            claim(session, friend=bob, code="NOBODYS1", now=NOW)
