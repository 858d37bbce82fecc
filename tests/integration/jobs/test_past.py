"""What became of earlier offers, as the recommender learns from it."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from jobs.tasks.past import OWN, read_past
from loyalty.core.database import Database
from loyalty.customers.values import CustomerID
from loyalty.offers import service
from loyalty.offers.queries import campaign_offers, get_campaign
from loyalty.offers.values import (
    NewCampaign,
    NewOffer,
    PastCampaign,
    PastOffer,
    PastRedemption,
)
from loyalty.usecases.merge_customers import merge_customers
from recommender.data import Answer, Offer, Response
from tests.factories import NOW, activate, enrol, promotion

TODAY = NOW.date()
SPRING = PastCampaign(
    code="SPRING",
    kind="mailing",
    first_day=date(2026, 3, 1),
    last_day=date(2026, 3, 31),
    offers=(
        PastOffer(code="C1", skus=("TEA",), reward="coupon", percent=20, price=350),
        PastOffer(code="C2", categories=("drinks",)),
    ),
)


@pytest.fixture
def people(database: Database) -> tuple[CustomerID, CustomerID, CustomerID]:
    with database.transaction() as session:
        found = [
            enrol(session, f"{name}@example.org").profile.id
            for name in ("ada", "bea", "cyd")
        ]
    return found[0], found[1], found[2]


def take_over(session: Session, campaign: PastCampaign) -> None:
    service.import_campaigns(
        session, campaigns=[campaign], recorded_by="import:x", now=NOW
    )


class TestReadPast:
    def test_tells_of_campaigns_that_were_taken_over(
        self, database: Database, people: tuple[CustomerID, CustomerID, CustomerID]
    ) -> None:
        ada, bea, cyd = people
        used = PastRedemption(ada, "C1", date(2026, 3, 12))
        with database.transaction() as session:
            spring = replace(
                SPRING, reached=(ada, bea), held_out=(cyd,), redemptions=(used,)
            )
            take_over(session, spring)

            past = read_past(session, customer_ids=[ada, cyd], now=NOW)

        (campaign,) = past.campaigns
        assert (campaign.code, campaign.kind, campaign.days) == (
            "SPRING",
            "mailing",
            31,
        )
        assert (campaign.customers, campaign.holdout) == ((ada,), (cyd,))
        assert campaign.made is None
        assert campaign.offers == (
            Offer(key="C1", skus=("TEA",), kind="coupon", depth=0.2, price=350),
            Offer(key="C2", categories=("drinks",), departments=("drinks",)),
        )
        assert past.responses == (
            Response(
                customer=ada,
                offer="C1",
                answer=Answer.REDEEMED,
                day=date(2026, 3, 12),
                campaign="SPRING",
            ),
        )

    def test_counts_a_merged_record_for_the_one_that_stands_for_it(
        self, database: Database, people: tuple[CustomerID, CustomerID, CustomerID]
    ) -> None:
        ada, bea, _ = people
        used = PastRedemption(bea, "C1", date(2026, 3, 12))
        with database.transaction() as session:
            spring = replace(SPRING, reached=(ada, bea), redemptions=(used,))
            take_over(session, spring)
            merge_customers(session, into=ada, merged=bea, actor="staff:1", now=NOW)

            past = read_past(session, customer_ids=[ada], now=NOW)

        assert past.campaigns[0].customers == (ada,)
        assert [answer.customer for answer in past.responses] == [ada]

    def test_tells_of_our_own_offers_with_those_held_out(
        self, database: Database, people: tuple[CustomerID, CustomerID, CustomerID]
    ) -> None:
        ada, bea, cyd = people
        with database.transaction() as session:
            plan(session, {ada: False, bea: False, cyd: True})
            (offer,) = campaign_offers(
                session, campaign_id=get_campaign(session, code="MAY").id
            )
            service.dismiss(session, offer_id=offer.id, customer_id=ada, now=NOW)

            past = read_past(session, customer_ids=people, now=NOW)
            bare = read_past(session, customer_ids=people, now=NOW, with_offers=False)

        (campaign,) = past.campaigns
        assert (campaign.code, campaign.kind, campaign.start) == ("MAY", OWN, TODAY)
        assert campaign.customers == (ada,)
        assert campaign.holdout == (cyd,)
        assert campaign.made == ((ada, 0),)
        assert campaign.offers[0].key == "coffee"
        assert campaign.offers[0].kind == "percent_off"
        (answer,) = past.responses
        assert (answer.answer, answer.categories) == (
            Answer.NOT_FOR_ME,
            ("drinks/coffee",),
        )
        assert bare.campaigns[0].offers == ()
        assert bare.campaigns[0].customers == (ada,)

    def test_says_nothing_of_who_is_not_asked_for(
        self, database: Database, people: tuple[CustomerID, CustomerID, CustomerID]
    ) -> None:
        ada, _, cyd = people
        with database.transaction() as session:
            used = PastRedemption(ada, "C1", date(2026, 3, 12))
            take_over(session, replace(SPRING, reached=(ada,), redemptions=(used,)))
            past = read_past(session, customer_ids=[cyd], now=NOW)

        assert past.campaigns[0].customers == ()
        assert past.responses == ()


def plan(session: Session, groups: dict[CustomerID, bool]) -> None:
    """Plan a campaign in which the first customer gets the only offer."""
    activate(session, promotion("coffee", trigger="personal"))
    new = NewCampaign(
        code="MAY",
        name="May",
        starts_at=NOW,
        ends_at=NOW + timedelta(days=14),
        promotions=("coffee",),
    )
    service.create_campaign(session, campaign=new, actor="staff:1", now=NOW)
    campaign = get_campaign(session, code="MAY")
    service.add_members(session, campaign=campaign, groups=groups)
    service.mark_planned(session, campaign=campaign, now=NOW)
    offer = NewOffer(
        customer_id=next(iter(groups)),
        promotion="coffee",
        score=0.5,
        reason={"kind": "popular"},
        model_version="v",
    )
    service.make_offers(session, campaign=campaign, offers=[offer], now=NOW)
