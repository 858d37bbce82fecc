"""The whole loop without a browser: enrol, buy, train, plan, deliver, redeem."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from jobs.tasks.planning import Shop, plan_offers
from jobs.tasks.training import train_model
from loyalty.core.database import Database
from loyalty.customers.service.people import verify_contact
from loyalty.customers.values import Channel
from loyalty.delivery import service as delivery
from loyalty.delivery.queries.recipients import people
from loyalty.delivery.render import compose
from loyalty.delivery.values import Claimed, DeliveryPolicy
from loyalty.offers.queries import counts, get_campaign, valid_offers
from loyalty.offers.service import create_campaign
from loyalty.offers.values import NewCampaign
from loyalty.usecases.checkout import BasketRequest, record_purchase
from tests.factories import (
    NOW,
    activate,
    basket,
    enrol,
    payment,
    promotion,
    small_vault,
)

POLICY = DeliveryPolicy()
HABITS = ({"COFFEE": 2, "BREAD": 1}, {"TEA": 1, "PIZZA": 2})


def quiet(_step: str, _done: int, _total: int) -> None:
    pass


def buy(database: Database, request: BasketRequest, *, days_ago: int, key: str) -> None:
    with database.transaction() as session:
        record_purchase(
            session,
            request=request,
            payment=payment(receipt=key, key=key, body=key.encode()),
            now=NOW - timedelta(days=days_ago),
        )


@pytest.fixture
def cards(database: Database) -> list[str]:
    """Enrol twelve people, of two habits, who have bought every week."""
    numbers = []
    for place in range(12):
        with database.transaction() as session:
            found = enrol(session, f"person{place}@example.org")
            verify_contact(session, contact_id=found.profile.contacts[0].id, now=NOW)
            numbers.append(found.card.number)
        for week in range(12):
            wanted = basket(numbers[-1], **HABITS[place % 2])
            buy(database, wanted, days_ago=7 * week + 1, key=f"{place}-{week}")
    return numbers


class TestWholeLoop:
    def test_an_offer_is_chosen_delivered_and_redeemed(
        self, database: Database, cards: list[str], tmp_path: Path
    ) -> None:
        with database.transaction() as session:
            for code, category in (("coffee", "drinks/coffee"), ("tea", "drinks/tea")):
                reward = {
                    "percent_off": {"percent": "25", "on": {"categories": [category]}}
                }
                activate(session, promotion(code, trigger="personal", reward=reward))
            create_campaign(
                session,
                campaign=NewCampaign(
                    code="week-47",
                    name="Week 47",
                    starts_at=NOW,
                    ends_at=NOW + timedelta(days=14),
                    promotions=("coffee", "tea"),
                    offers_per_customer=1,
                    holdout_percent=20,
                ),
                actor="staff:1",
                now=NOW,
            )

        train_model(database, tmp_path, now=NOW, progress=quiet)
        outcome = plan_offers(
            Shop(database=database, data_dir=tmp_path, providers=POLICY.providers),
            campaign="week-47",
            now=NOW,
        )

        with database.transaction() as session:
            campaign = get_campaign(session, code="week-47")
            made = counts(session, campaign_id=campaign.id)
        assert made.members == 12
        assert 0 < made.holdout < 12
        assert outcome.offers == outcome.messages == made.members - made.holdout

        claims = self.claim(database)
        assert len(claims) == outcome.messages
        one = claims[0]
        with database.transaction() as session:
            person = people(session, customer_ids=[one.customer_id])[one.customer_id]
            (offer,) = valid_offers(session, customer_id=one.customer_id, now=NOW)
        mail = compose(
            one, person, vault=small_vault(), public_url="https://shop.example", now=NOW
        )
        assert mail.address is not None
        assert mail.address.endswith("@example.org")
        assert "25% off" in mail.text
        assert "https://shop.example/o/" in mail.text
        assert mail.unsubscribe_url is not None

        place = int(mail.address.removeprefix("person").partition("@")[0])
        sku = {"coffee": "COFFEE", "tea": "TEA"}[offer.promotion]
        with database.transaction() as session:
            receipt = record_purchase(
                session,
                request=basket(cards[place], **{sku: 1}),
                payment=payment("last", "last"),
                now=NOW + timedelta(days=1),
            )
        assert json.loads(receipt.reply)["applied"][0]["promotion"] == offer.promotion
        with database.transaction() as session:
            assert valid_offers(session, customer_id=one.customer_id, now=NOW) == ()
            assert counts(session, campaign_id=campaign.id).redeemed == 1

    def claim(self, database: Database) -> tuple[Claimed, ...]:
        """Take everything that falls due within the campaign, as a worker would."""
        later = NOW + timedelta(days=7)
        with database.transaction() as session:
            claims = delivery.claim_due(
                session,
                channel=Channel.EMAIL,
                at_most=100,
                worker="test",
                now=later,
                machine_now=later,
            )
        return tuple(claim for claim in claims if claim.campaign_id is not None)
