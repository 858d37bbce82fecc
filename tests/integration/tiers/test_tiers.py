"""Tiers over real purchases and points."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from loyalty.core.database import Database
from loyalty.core.errors import Invalid
from loyalty.core.texts import use_language
from loyalty.customers.values import CustomerID
from loyalty.points.service import take_back
from loyalty.points.values import Request
from loyalty.purchases.queries import list_purchases
from loyalty.tiers import queries
from loyalty.tiers.models import LadderRow
from loyalty.tiers.render import (
    change_sentence,
    distance_sentence,
    keep_sentence,
    rule_sentence,
)
from loyalty.tiers.service import review_member, review_members, save_ladder
from loyalty.tiers.values import Basis, Change, Ladder, Span, Tier
from loyalty.usecases.checkout import record_purchase
from tests.factories import NOW, WARSAW, basket, enrol, payment

POINTS = Ladder(
    basis=Basis.POINTS,
    span=Span.ROLLING,
    days=30,
    grace_days=10,
    tiers=(
        Tier(code="silver", name={"en": "Silver"}, threshold=20),
        Tier(code="gold", name={"en": "Gold"}, threshold=60),
    ),
)
MONEY = Ladder(
    basis=Basis.SPENT,
    span=Span.CALENDAR_YEAR,
    days=1,
    grace_days=0,
    tiers=(Tier(code="silver", name={"en": "Silver"}, threshold=2000),),
)


def buy(session: Session, card: str, coffees: int, *, now: datetime = NOW) -> None:
    """Buy coffee at 4.99: so many times 4.99 points, rounded down."""
    key = f"{card}:{coffees}:{now.isoformat()}"
    record_purchase(
        session,
        request=basket(card, COFFEE=coffees),
        payment=payment(receipt=key, key=key, body=key.encode()),
        now=now,
    )


def member(
    session: Session, contact: str = "ada@example.org"
) -> tuple[CustomerID, str]:
    found = enrol(session, contact)
    return found.profile.id, found.card.number


class TestAMember:
    def test_rises_at_once_and_is_told_why(self, database: Database) -> None:
        with database.transaction() as session:
            save_ladder(session, ladder=POINTS, actor="staff:1", now=NOW)
            ada, card = member(session)
            buy(session, card, 5)
            found = queries.standing(session, customer_id=ada, now=NOW)
            (entry,) = queries.history(session, customer_id=ada)

        assert entry.change is Change.UP
        assert found is not None
        assert found.tier == POINTS.tiers[0]
        assert (found.measure, found.since) == (24, NOW)
        assert [step.counted for step in entry.latest] == [24]
        with use_language("en"):
            assert change_sentence(entry, currency="EUR", zone=WARSAW) == (
                "Reached Silver. 24 points from 21 Oct 2026 to 20 Nov 2026. "
                "Silver needs 20 points."
            )
            assert distance_sentence(found) == "36 points more, and it is Gold."

    def test_falls_after_the_grace_period_and_no_sooner(
        self, database: Database
    ) -> None:
        with database.transaction() as session:
            save_ladder(session, ladder=POINTS, actor="staff:1", now=NOW)
            ada, card = member(session)
            buy(session, card, 5)
            changes = [
                review_member(session, customer_id=ada, now=NOW + timedelta(days=days))
                for days in (0, 30, 31, 40, 41, 42)
            ]
            warned = queries.standing(
                session, customer_id=ada, now=NOW + timedelta(days=31)
            )
            entries = queries.history(session, customer_id=ada)

        assert changes == [None, None, Change.WARNED, None, Change.DOWN, None]
        assert [entry.change for entry in entries] == [
            Change.DOWN,
            Change.WARNED,
            Change.UP,
        ]
        assert warned is not None
        assert warned.tier is None
        with use_language("en"):
            down, warning, _up = (
                change_sentence(entry, currency="EUR", zone=WARSAW) for entry in entries
            )
        assert warning == (
            "Keeps Silver until 31 Dec 2026. 0 points from 21 Nov 2026 to 21 Dec "
            "2026. Silver needs 20 points."
        )
        assert down.startswith("From Silver to no tier: the grace period ended. ")

    def test_in_grace_is_told_what_keeps_the_tier(self, database: Database) -> None:
        later = NOW + timedelta(days=31)
        with database.transaction() as session:
            save_ladder(session, ladder=POINTS, actor="staff:1", now=NOW)
            ada, card = member(session)
            buy(session, card, 5)
            review_member(session, customer_id=ada, now=NOW)
            buy(session, card, 1, now=later)
            review_member(session, customer_id=ada, now=later)
            found = queries.standing(session, customer_id=ada, now=later)

        assert found is not None
        with use_language("en"):
            assert keep_sentence(found, zone=WARSAW) == (
                "16 points more by 31 Dec 2026 keep Silver."
            )

    def test_loses_what_a_return_takes_back(self, database: Database) -> None:
        ladder = Ladder(
            basis=POINTS.basis,
            span=POINTS.span,
            days=30,
            grace_days=0,
            tiers=POINTS.tiers,
        )
        with database.transaction() as session:
            save_ladder(session, ladder=ladder, actor="staff:1", now=NOW)
            ada, card = member(session)
            buy(session, card, 5)
            review_member(session, customer_id=ada, now=NOW)
            (bought,) = list_purchases(session, customer_id=ada)
            take_back(
                session,
                customer_id=ada,
                purchase_id=bought.id,
                points=5,
                request=Request(key="return", actor="staff:1"),
                now=NOW,
            )
            change = review_member(session, customer_id=ada, now=NOW)
            found = queries.standing(session, customer_id=ada, now=NOW)

        assert change is Change.DOWN
        assert found is not None
        assert (found.tier, found.measure) == (None, 19)

    def test_by_money_since_new_year(self, database: Database) -> None:
        with database.transaction() as session:
            save_ladder(session, ladder=MONEY, actor="staff:1", now=NOW)
            ada, card = member(session)
            buy(session, card, 4)
            before = queries.tier_of(session, customer_id=ada)
            near = queries.standing(session, customer_id=ada, now=NOW)
            buy(session, card, 1)
            after = queries.tier_of(session, customer_id=ada)

        assert (before, after) == (None, "silver")
        assert near is not None
        with use_language("en"):
            assert distance_sentence(near) == "€0.04 more, and it is Silver."
            assert rule_sentence(MONEY) == (
                "What was paid since New Year counts. "
                "Who falls below a tier loses it at once."
            )

    def test_of_a_shop_without_tiers_has_none(self, database: Database) -> None:
        with database.transaction() as session:
            ada, card = member(session)
            buy(session, card, 5)

            assert review_member(session, customer_id=ada, now=NOW) is None
            assert queries.standing(session, customer_id=ada, now=NOW) is None


class TestAShopsTiers:
    def test_are_counted_before_they_are_saved(self, database: Database) -> None:
        with database.transaction() as session:
            for place, coffees in enumerate((1, 5, 5, 13)):
                _, card = member(session, f"member{place}@example.org")
                buy(session, card, coffees)

            counts = queries.count_by_tier(session, ladder=POINTS, now=NOW)

            assert counts == {"silver": 2, "gold": 1}
            assert queries.count_held(session) == {}

    def test_that_change_settle_who_held_one_that_is_no_more(
        self, database: Database
    ) -> None:
        changed = Ladder(
            basis=POINTS.basis,
            span=POINTS.span,
            days=30,
            grace_days=10,
            tiers=(Tier(code="friend", name={"en": "Friend"}, threshold=10),),
        )
        with database.transaction() as session:
            save_ladder(session, ladder=POINTS, actor="staff:1", now=NOW)
            ada, card = member(session)
            buy(session, card, 5)
            review_members(session, customer_ids=[ada], now=NOW)
            saved = save_ladder(session, ladder=changed, actor="staff:1", now=NOW)
            review_members(session, customer_ids=[ada], now=NOW)
            entry, first = queries.history(session, customer_id=ada)

        assert saved.version == 2
        assert (entry.change, entry.after) == (Change.LADDER, "friend")
        assert first.ladder.tiers == POINTS.tiers

    def test_saved_again_unchanged_are_no_new_version(self, database: Database) -> None:
        with database.transaction() as session:
            save_ladder(session, ladder=POINTS, actor="staff:1", now=NOW)
            save_ladder(session, ladder=POINTS, actor="staff:1", now=NOW)

            count = session.scalar(select(func.count()).select_from(LadderRow))
        assert count == 1

    def test_that_do_not_rise_are_refused(self, database: Database) -> None:
        tiers = (POINTS.tiers[1], POINTS.tiers[0])
        wrong = Ladder(
            basis=POINTS.basis, span=POINTS.span, days=30, grace_days=0, tiers=tiers
        )
        with (
            pytest.raises(Invalid) as refusal,
            database.transaction() as session,
        ):
            save_ladder(session, ladder=wrong, actor="staff:1", now=NOW)

        assert refusal.value.problems[0].code == "tiers_not_rising"
        with database.transaction() as session:
            assert queries.get_ladder(session).version == 0

    def test_and_their_history_can_only_be_added_to(
        self, shared_database: Database
    ) -> None:
        with shared_database.transaction() as session:
            save_ladder(session, ladder=POINTS, actor="staff:1", now=NOW)
        for table in ("tier_ladder", "member_tier_change"):
            with (
                pytest.raises(IntegrityError, match="only ever added"),
                shared_database.transaction() as session,
            ):
                session.execute(text(f"delete from {table}"))  # noqa: S608  # our names
