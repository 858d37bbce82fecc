"""Two records of one person: merged, looked at, and taken apart again."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from loyalty.cards.queries import get_active_card, list_cards
from loyalty.cards.values import Card
from loyalty.core.database import Database
from loyalty.customers.queries import (
    CustomerNotFound,
    find_by_address,
    get_profile,
    get_row,
    list_consents,
)
from loyalty.customers.rules import Address, parse_address
from loyalty.customers.service.consents import state_consent
from loyalty.customers.service.merging import (
    MergeNotFound,
    MergeRefused,
    UndoRefused,
)
from loyalty.customers.service.preferences import set_frequency, set_topics
from loyalty.customers.values import (
    Channel,
    CustomerID,
    CustomerStatus,
    MergeID,
    Profile,
    Purpose,
)
from loyalty.delivery.queries.recipients import people, recipients
from loyalty.points.queries import balance, open_lots, standing
from loyalty.points.service import Spending, earn, spend, take_back
from loyalty.points.values import Earning, Request
from loyalty.purchases.queries import list_purchases
from loyalty.usecases.checkout import record_purchase
from loyalty.usecases.identify_customer import identify_customer
from loyalty.usecases.merge_customers import (
    Merged,
    follow_merges,
    merge_customers,
    preview_merge,
    undo_merge,
)
from tests.factories import NOW, basket, enrol, payment

ACTOR = "staff:1"
LATER = NOW + timedelta(days=29)


lots_earned = st.lists(
    st.tuples(st.integers(1, 60), st.integers(0, 20)), min_size=0, max_size=4
)
"""Points, and how many days ago they were earned."""


@dataclass(frozen=True)
class Facts:
    """All that a record says, but for statements of consent that were added."""

    profile: Profile
    cards: tuple[Card, ...]
    points: int
    lots: tuple[tuple[datetime, int], ...]
    purchases: int


def facts(session: Session, customer_id: CustomerID) -> Facts:
    session.expire_all()
    return Facts(
        profile=get_profile(session, customer_id=customer_id),
        cards=list_cards(session, customer_id=customer_id),
        points=balance(session, customer_id=customer_id),
        lots=tuple(
            (lot.expires_at, lot.remaining)
            for lot in open_lots(session, customer_id=customer_id)
        ),
        purchases=len(list_purchases(session, customer_id=customer_id)),
    )


def merge(session: Session, into: CustomerID, merged: CustomerID) -> Merged:
    return merge_customers(session, into=into, merged=merged, actor=ACTOR, now=NOW)


def buy(session: Session, card: str, coffees: int, *, at: datetime = NOW) -> None:
    key = f"{card}-{coffees}-{at}"
    record_purchase(
        session,
        request=basket(card, COFFEE=coffees),
        payment=payment(receipt=key, key=key, body=key.encode()),
        now=at,
    )


@dataclass(frozen=True)
class Pair:
    """Ada enrolled by e-mail, and again by phone."""

    into: CustomerID
    merged: CustomerID
    old_card: str
    new_card: str


def pair(session: Session) -> Pair:
    first = enrol(session, "ada@example.org")
    second = enrol(session, "+48601234567")
    buy(session, first.card.number, 2)
    buy(session, second.card.number, 4, at=NOW - timedelta(days=5))
    return Pair(
        into=first.profile.id,
        merged=second.profile.id,
        old_card=second.card.number,
        new_card=first.card.number,
    )


class TestMerging:
    def test_lets_one_record_stand_for_both(self, database: Database) -> None:
        with database.transaction() as session:
            ada = pair(session)
            done = merge(session, ada.into, ada.merged)

            profile = get_profile(session, customer_id=ada.into)
            assert [contact.value for contact in profile.contacts] == [
                "ada@example.org",
                "+48601234567",
            ]
            assert {
                card.number for card in list_cards(session, customer_id=ada.into)
            } == {
                ada.old_card,
                ada.new_card,
            }
            assert len(list_purchases(session, customer_id=ada.into)) == 2
            assert balance(session, customer_id=ada.into) == 9 + 19
            assert balance(session, customer_id=ada.merged) == 0
            assert done.points == 19
            assert done.undo_until == NOW + timedelta(days=30)

    def test_is_found_by_everything_that_either_had(self, database: Database) -> None:
        with database.transaction() as session:
            ada = pair(session)
            merge(session, ada.into, ada.merged)

            for text in ("ada@example.org", "601 234 567", ada.old_card, ada.new_card):
                found = identify_customer(session, text=text, now=NOW)
                assert found.profile.id == ada.into
            again = enrol(session, "+48601234567")
            assert again.already_member
            assert again.profile.id == ada.into

    def test_gives_purchases_with_the_old_card_to_the_standing_record(
        self, database: Database
    ) -> None:
        with database.transaction() as session:
            ada = pair(session)
            merge(session, ada.into, ada.merged)
            buy(session, ada.old_card, 1)

            assert balance(session, customer_id=ada.into) == 9 + 19 + 4
            assert list_purchases(session, customer_id=ada.into)[0].customer_id == (
                ada.into
            )

    def test_reaches_the_person_at_both_addresses(self, database: Database) -> None:
        with database.transaction() as session:
            ada = pair(session)
            merge(session, ada.into, ada.merged)

            known = people(session, customer_ids=[ada.into])[ada.into]
            assert known.addresses == {
                Channel.EMAIL: "ada@example.org",
                Channel.SMS: "+48601234567",
            }
            found = recipients(session, customer_ids=[ada.into, ada.merged], now=NOW)
            assert found[ada.into].unverified == {Channel.EMAIL, Channel.SMS}
            assert found[ada.merged].consents == frozenset()

    def test_marks_the_record(self, database: Database) -> None:
        with database.transaction() as session:
            ada = pair(session)
            merge(session, ada.into, ada.merged)

            profile = get_profile(session, customer_id=ada.merged)
            assert profile.status is CustomerStatus.MERGED
            assert profile.merged_into == ada.into

    def test_is_shown_before_it_is_done(self, database: Database) -> None:
        with database.transaction() as session:
            ada = pair(session)
            before = facts(session, ada.into), facts(session, ada.merged)
            shown = preview_merge(session, into=ada.into, merged=ada.merged)

            assert (shown.into.points, shown.merged.points, shown.points) == (9, 19, 28)
            assert {
                (one.purpose, one.channel): one.counts for one in shown.consents
            } == {
                (Purpose.PERSONALISATION, None): True,
                (Purpose.MARKETING, Channel.EMAIL): True,
                (Purpose.MARKETING, Channel.SMS): True,
                (Purpose.MARKETING, Channel.INBOX): True,
            }
            assert (facts(session, ada.into), facts(session, ada.merged)) == before


class TestTheStricter:
    def test_consent_wins(self, database: Database) -> None:
        with database.transaction() as session:
            into = enrol(session, "ada@example.org").profile.id
            merged = enrol(session, "+48601234567", agrees=False).profile.id
            merge(session, into, merged)

            profile = get_profile(session, customer_id=into)
            assert not profile.preferences.personalised
            # The phone's record had no e-mail address: nobody could have asked.
            assert profile.marketing_channels == {Channel.EMAIL}

    def test_wish_wins(self, database: Database) -> None:
        with database.transaction() as session:
            ada = pair(session)
            set_frequency(
                session, customer_id=ada.into, max_per_week=3, pause_until=None
            )
            set_frequency(
                session, customer_id=ada.merged, max_per_week=1, pause_until=LATER
            )
            merge(session, ada.into, ada.merged)

            wishes = get_profile(session, customer_id=ada.into).preferences
            assert (wishes.max_per_week, wishes.pause_until) == (1, LATER)


class TestRefusal:
    def test_of_one_record_with_itself(self, database: Database) -> None:
        with database.transaction() as session:
            ada = pair(session)
            with pytest.raises(MergeRefused, match="into itself"):
                merge(session, ada.into, ada.into)

    def test_of_nobody(self, database: Database) -> None:
        with database.transaction() as session:
            ada = pair(session)
            with pytest.raises(CustomerNotFound):
                merge(session, ada.into, CustomerID(1))

    @pytest.mark.parametrize("turned", [False, True])
    def test_of_a_merged_record(self, database: Database, *, turned: bool) -> None:
        with database.transaction() as session:
            ada = pair(session)
            other = enrol(session, "eve@example.org").profile.id
            merge(session, ada.into, ada.merged)
            before = facts(session, ada.into), facts(session, other)

            two = (ada.merged, other) if turned else (other, ada.merged)
            with pytest.raises(MergeRefused, match=f"merged into {ada.into} already"):
                merge(session, *two)
            assert (facts(session, ada.into), facts(session, other)) == before


class TestUndoing:
    def test_gives_both_back_what_they_had(self, database: Database) -> None:
        with database.transaction() as session:
            ada = pair(session)
            set_topics(session, customer_id=ada.into, topics=["bakery/bread"])
            set_topics(
                session,
                customer_id=ada.merged,
                topics=["bakery/bread", "drinks/coffee"],
            )
            set_frequency(
                session, customer_id=ada.merged, max_per_week=1, pause_until=LATER
            )
            _refuse(session, ada.merged, Channel.INBOX)
            get_row(session, customer_id=ada.into).first_name = None
            before = facts(session, ada.into), facts(session, ada.merged)
            done = merge(session, ada.into, ada.merged)
            assert get_profile(session, customer_id=ada.into).first_name == "Ada"

            undone = undo_merge(session, merge_id=done.id, actor=ACTOR, now=LATER)

            assert (facts(session, ada.into), facts(session, ada.merged)) == before
            assert (undone.points, undone.missing) == (19, 0)

    def test_gives_back_what_is_left_of_spent_points(self, database: Database) -> None:
        with database.transaction() as session:
            ada = pair(session)
            done = merge(session, ada.into, ada.merged)
            use(session, ada.into, 20)
            undone = undo_merge(session, merge_id=done.id, actor=ACTOR, now=LATER)

            assert (undone.points, undone.missing) == (8, 11)
            assert balance(session, customer_id=ada.merged) == 8
            assert balance(session, customer_id=ada.into) == 0

    def test_leaves_what_happened_since_to_the_standing_record(
        self, database: Database
    ) -> None:
        with database.transaction() as session:
            ada = pair(session)
            before = facts(session, ada.merged)
            done = merge(session, ada.into, ada.merged)
            buy(session, ada.old_card, 1)
            undo_merge(session, merge_id=done.id, actor=ACTOR, now=LATER)

            assert facts(session, ada.merged) == before
            assert facts(session, ada.into).points == 9 + 4
            card = get_active_card(session, number=ada.old_card)
            assert card.customer_id == ada.merged

    def test_keeps_what_was_said_since(self, database: Database) -> None:
        with database.transaction() as session:
            ada = pair(session)
            _refuse(session, ada.merged, Channel.INBOX)
            done = merge(session, ada.into, ada.merged)
            _refuse(session, ada.into, Channel.EMAIL)
            set_frequency(
                session, customer_id=ada.into, max_per_week=5, pause_until=None
            )
            undo_merge(session, merge_id=done.id, actor=ACTOR, now=LATER)

            profile = get_profile(session, customer_id=ada.into)
            assert profile.marketing_channels == {Channel.INBOX}
            assert profile.preferences.max_per_week == 5

    @pytest.mark.parametrize(
        ("now", "said"),
        [
            (NOW + timedelta(days=30), "for 30 days"),
            (NOW + timedelta(days=300), "for 30 days"),
        ],
    )
    def test_is_possible_for_thirty_days(
        self, database: Database, now: datetime, said: str
    ) -> None:
        with database.transaction() as session:
            ada = pair(session)
            done = merge(session, ada.into, ada.merged)
            before = facts(session, ada.into)
            with pytest.raises(UndoRefused, match=said):
                undo_merge(session, merge_id=done.id, actor=ACTOR, now=now)
            assert facts(session, ada.into) == before

    def test_happens_once(self, database: Database) -> None:
        with database.transaction() as session:
            ada = pair(session)
            done = merge(session, ada.into, ada.merged)
            undo_merge(session, merge_id=done.id, actor=ACTOR, now=LATER)
            with pytest.raises(UndoRefused, match="undone already"):
                undo_merge(session, merge_id=done.id, actor=ACTOR, now=LATER)
            with pytest.raises(MergeNotFound):
                undo_merge(session, merge_id=MergeID(0), actor=ACTOR, now=LATER)

    def test_goes_from_the_last_merge_to_the_first(self, database: Database) -> None:
        with database.transaction() as session:
            ada = pair(session)
            other = enrol(session, "eve@example.org").profile.id
            everybody = (ada.into, ada.merged, other)
            start = [facts(session, one) for one in everybody]
            inner = merge(session, ada.into, ada.merged)
            middle = [facts(session, one) for one in everybody]
            outer = merge(session, other, ada.into)

            assert balance(session, customer_id=other) == 28
            card = get_active_card(session, number=ada.old_card)
            assert card.customer_id == other
            with pytest.raises(UndoRefused, match="undo the later merge"):
                undo_merge(session, merge_id=inner.id, actor=ACTOR, now=LATER)

            undo_merge(session, merge_id=outer.id, actor=ACTOR, now=LATER)
            assert [facts(session, one) for one in everybody] == middle
            undo_merge(session, merge_id=inner.id, actor=ACTOR, now=LATER)
            assert [facts(session, one) for one in everybody] == start

    def test_lets_the_two_be_merged_again(self, database: Database) -> None:
        with database.transaction() as session:
            ada = pair(session)
            done = merge(session, ada.into, ada.merged)
            undo_merge(session, merge_id=done.id, actor=ACTOR, now=LATER)
            merge(session, ada.merged, ada.into)

            assert balance(session, customer_id=ada.merged) == 28
            assert find_by_address(session, address=_email()) == ada.merged


class TestPointsThatComeLater:
    def test_follow_the_record(self, database: Database) -> None:
        with database.transaction() as session:
            ada = pair(session)
            before = facts(session, ada.into), facts(session, ada.merged)
            done = merge(session, ada.into, ada.merged)
            give(session, ada.merged, 7, days=0, key="late")

            assert follow_merges(session, actor="system", now=NOW) == 7
            assert follow_merges(session, actor="system", now=NOW) == 0
            assert balance(session, customer_id=ada.into) == 9 + 19 + 7
            assert balance(session, customer_id=ada.merged) == 0

            undo_merge(session, merge_id=done.id, actor=ACTOR, now=LATER)
            assert facts(session, ada.into) == before[0]
            assert facts(session, ada.merged).points == 19 + 7

    def test_pay_what_the_record_owes(self, database: Database) -> None:
        with database.transaction() as session:
            ada = pair(session)
            (bought,) = list_purchases(session, customer_id=ada.merged)
            use(session, ada.merged, 15)
            take_back(
                session,
                customer_id=ada.merged,
                purchase_id=bought.id,
                points=19,
                request=asks("return"),
                now=NOW,
            )
            assert standing(session, customer_id=ada.merged, now=NOW).owing == 15
            done = merge(session, ada.into, ada.merged)

            assert balance(session, customer_id=ada.into) == 0
            assert balance(session, customer_id=ada.merged) == -6
            # Only a return may leave a debt: what was paid stays paid.
            undone = undo_merge(session, merge_id=done.id, actor=ACTOR, now=LATER)
            assert (undone.points, undone.missing) == (0, 9)
            assert balance(session, customer_id=ada.merged) == -6


class TestAnyTwoRecords:
    @settings(
        max_examples=30,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(
        own=lots_earned,
        other=lots_earned,
        since=st.integers(0, 50),
        spent=st.integers(0, 150),
    )
    def test_have_their_points_again(
        self,
        database: Database,
        own: list[tuple[int, int]],
        other: list[tuple[int, int]],
        since: int,
        spent: int,
    ) -> None:
        with database.transaction() as session, rolled_back(session):
            into = enrol(session, "into@example.org").profile.id
            merged = enrol(session, "merged@example.org").profile.id
            for customer_id, lots in ((into, own), (merged, other)):
                for place, (points, days) in enumerate(lots):
                    give(session, customer_id, points, days=days, key=f"k{place}")
            before = facts(session, into), facts(session, merged)
            total = before[0].points + before[1].points
            done = merge(session, into, merged)
            assert balance(session, customer_id=into) == total
            give(session, into, since, days=0, key="since")
            spent = min(spent, total + since)
            use(session, into, spent)
            undone = undo_merge(session, merge_id=done.id, actor=ACTOR, now=LATER)
            after = facts(session, into), facts(session, merged)

            left = total + since - spent
            assert after[1].points == min(before[1].points, left) == undone.points
            assert after[0].points == left - undone.points
            assert undone.missing == before[1].points - undone.points
            for one in after:
                assert sum(points for _end, points in one.lots) == one.points
            if not since and not spent:
                assert after == before


def give(
    session: Session, customer_id: CustomerID, points: int, *, days: int, key: str
) -> None:
    """Let a member earn points so many days ago."""
    if points:
        earn(
            session,
            customer_id=customer_id,
            earning=Earning(points=points, request=asks(key), immediately=True),
            now=NOW - timedelta(days=days),
        )


def use(session: Session, customer_id: CustomerID, points: int) -> None:
    """Let a member spend points."""
    if points:
        spend(
            session,
            customer_id=customer_id,
            spending=Spending(points=points, request=asks(f"spend-{points}")),
            now=NOW,
        )


def asks(key: str) -> Request:
    return Request(key=key, actor=ACTOR)


@contextmanager
def rolled_back(session: Session) -> Iterator[None]:
    """Keep nothing of what is done inside."""
    nested = session.begin_nested()
    yield
    nested.rollback()


def _email() -> Address:
    return parse_address("ada@example.org", region="PL")


def _refuse(session: Session, customer_id: CustomerID, channel: Channel) -> None:
    said = list_consents(session, customer_id=customer_id)
    wording = next(one for one in said if one.purpose is Purpose.MARKETING)
    state_consent(
        session,
        customer_id=customer_id,
        consent=replace(wording, channel=channel, given=False),
    )
