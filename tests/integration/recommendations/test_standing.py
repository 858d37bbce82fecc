"""What is recommended to each customer: written at once, read with consent only."""

from dataclasses import replace
from datetime import timedelta

import pytest

from loyalty.core.database import Database
from loyalty.customers.queries import get_profile
from loyalty.customers.values import CustomerID, Speaker
from loyalty.delivery.values import DeliveryPolicy
from loyalty.offers.values import Aim, NothingBecause
from loyalty.recommendations.queries import (
    coverage,
    customers_without,
    nothing_for,
    recommendations_of,
)
from loyalty.recommendations.service.standing import remove_unasked, replace_scores
from loyalty.recommendations.values import NewRecommendation, Scores
from loyalty.usecases.change_preferences import (
    Wishes,
    change_preferences,
)
from tests.factories import NOW, activate, enrol, promotion

Pair = tuple[CustomerID, CustomerID]


@pytest.fixture
def pair(database: Database) -> Pair:
    with database.transaction() as session:
        activate(session, promotion("coffee", trigger="personal"))
        activate(session, promotion("tea", trigger="personal"))
        first, second = (
            enrol(session, contact).profile.id
            for contact in ("ada@example.org", "bea@example.org")
        )
    return first, second


def recommended(customer_id: CustomerID, code: str, rank: int) -> NewRecommendation:
    return NewRecommendation(
        customer_id=customer_id,
        rank=rank,
        promotion=code,
        score=1.5,
        probability=0.25,
        value=12.5,
        aim=Aim.REWARD,
        parts={"habit": 1.25},
        reason={"kind": "popular"},
    )


def scores(pair: Pair, *codes: str) -> Scores:
    """Recommend these to the first, and nothing to the second."""
    first, second = pair
    return Scores(
        customers=pair,
        recommended=tuple(
            recommended(first, code, rank) for rank, code in enumerate(codes, start=1)
        ),
        nothing={second: NothingBecause.NOTHING_FITS},
        model_version="v1",
    )


def withdraw(database: Database, customer_id: CustomerID) -> None:
    with database.transaction() as session:
        profile = get_profile(session, customer_id=customer_id)
        change_preferences(
            session,
            customer_id=customer_id,
            wishes=Wishes(
                language=profile.language,
                channels=profile.preferences.channels,
                windows=(),
                topics=(),
                max_per_week=None,
                pause_until=None,
                personalised=False,
                marketing=profile.marketing_channels,
            ),
            speaker=Speaker(actor="customer:1", source="portal"),
            policy=DeliveryPolicy(),
            now=NOW,
        )


def codes(database: Database, customer_id: CustomerID) -> list[str]:
    with database.transaction() as session:
        found = recommendations_of(session, customer_id=customer_id)
    return [one.promotion for one in found]


class TestReplacing:
    def test_keeps_what_is_recommended_and_why_nothing(
        self, database: Database, pair: Pair
    ) -> None:
        with database.transaction() as session:
            count = replace_scores(
                session, scores=scores(pair, "tea", "coffee"), as_of=NOW
            )
        assert count == 2
        with database.transaction() as session:
            best, _ = recommendations_of(session, customer_id=pair[0])
            nothing = nothing_for(session, customer_id=pair[1])
            assert nothing_for(session, customer_id=pair[0]) is None
        assert (best.promotion, best.rank, best.probability) == ("tea", 1, 0.25)
        assert (best.value, best.aim) == (12.5, Aim.REWARD)
        assert (best.parts, best.reason) == ({"habit": 1.25}, {"kind": "popular"})
        assert (best.model_version, best.scored_at) == ("v1", NOW)
        assert nothing is not None
        assert nothing.because is NothingBecause.NOTHING_FITS

    def test_leaves_nothing_of_what_stood(self, database: Database, pair: Pair) -> None:
        with database.transaction() as session:
            replace_scores(session, scores=scores(pair, "tea", "coffee"), as_of=NOW)
            later = NOW + timedelta(hours=1)
            replace_scores(session, scores=scores(pair, "coffee"), as_of=later)
        assert codes(database, pair[0]) == ["coffee"]

    def test_does_not_undo_what_was_computed_from_later_books(
        self, database: Database, pair: Pair
    ) -> None:
        with database.transaction() as session:
            replace_scores(session, scores=scores(pair, "tea"), as_of=NOW)
            slow = NOW - timedelta(minutes=5)
            count = replace_scores(session, scores=scores(pair, "coffee"), as_of=slow)
        assert count == 0
        assert codes(database, pair[0]) == ["tea"]

    def test_writes_nothing_for_who_withdrew_meanwhile(
        self, database: Database, pair: Pair
    ) -> None:
        computed = scores(pair, "tea")
        withdraw(database, pair[0])
        with database.transaction() as session:
            assert replace_scores(session, scores=computed, as_of=NOW) == 1
            assert coverage(session).by_promotion == {}

    def test_is_all_or_nothing(self, database: Database, pair: Pair) -> None:
        with database.transaction() as session:
            replace_scores(session, scores=scores(pair, "tea"), as_of=NOW)
        twice = scores(pair, "coffee", "coffee")
        with (
            pytest.raises(Exception, match="uq_recommendation"),
            database.transaction() as session,
        ):
            replace_scores(session, scores=twice, as_of=NOW + timedelta(hours=1))
        assert codes(database, pair[0]) == ["tea"]


class TestReading:
    def test_gives_nothing_from_the_moment_consent_is_withdrawn(
        self, database: Database, pair: Pair
    ) -> None:
        with database.transaction() as session:
            replace_scores(session, scores=scores(pair, "tea"), as_of=NOW)

        withdraw(database, pair[0])
        withdraw(database, pair[1])

        assert codes(database, pair[0]) == []
        with database.transaction() as session:
            assert nothing_for(session, customer_id=pair[1]) is None
            assert coverage(session).agreed == 0

    def test_counts_who_gets_what_and_who_nothing(
        self, database: Database, pair: Pair
    ) -> None:
        with database.transaction() as session:
            third = enrol(session, "cora@example.org").profile.id
            replace_scores(session, scores=scores(pair, "tea", "coffee"), as_of=NOW)
            found = coverage(session)
            (without,) = customers_without(session, because=NothingBecause.NOTHING_FITS)
        assert (found.agreed, found.served, found.unscored) == (3, 1, 1)
        assert found.because == {NothingBecause.NOTHING_FITS: 1}
        assert found.by_promotion == {"coffee": 1, "tea": 1}
        assert found.by_aim == {Aim.REWARD: 2}
        assert without.customer_id == pair[1]
        assert codes(database, third) == []

    def test_removes_rows_of_people_who_do_not_agree(
        self, database: Database, pair: Pair
    ) -> None:
        with database.transaction() as session:
            replace_scores(session, scores=scores(pair, "tea"), as_of=NOW)
        withdraw(database, pair[0])
        with database.transaction() as session:
            remove_unasked(session)
            later = replace(scores(pair), model_version="v2")
            assert replace_scores(session, scores=later, as_of=NOW) == 1
