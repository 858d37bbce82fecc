"""What is told of, and what is not."""

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from loyalty.core.database import Database
from loyalty.customers.values import CustomerID
from loyalty.offers.queries import get_campaign
from loyalty.offers.service import create_campaign, make_offers
from loyalty.offers.values import NewCampaign, NewOffer
from loyalty.purchases.values import PurchaseID
from loyalty.tiers.service import save_ladder
from loyalty.tiers.values import Basis, Ladder, Span, Tier
from loyalty.usecases.checkout import ReturnRequest, record_purchase, return_goods
from loyalty.webhooks import service as webhooks
from loyalty.webhooks.models import DeliveryRow, EventRow
from loyalty.webhooks.values import EndpointTerms, EventType
from tests.factories import NOW, activate, basket, enrol, payment, promotion
from tests.integration.webhooks.conftest import Shop


def told(shop: Shop) -> list[tuple[str, dict[str, Any]]]:
    bodies = [json.loads(one.body) for one in shop.deliveries()]
    return [(body["type"], body["data"]) for body in bodies]


def buy(shop: Shop, card: str | None) -> str:
    with shop.database.transaction() as session:
        receipt = record_purchase(
            session, request=basket(card, COFFEE=2), payment=payment(), now=NOW
        )
    number: str = json.loads(receipt.reply)["purchase"]
    return number


def give_back(shop: Shop, purchase: str, units: str | None) -> None:
    with shop.database.transaction() as session:
        return_goods(
            session,
            request=ReturnRequest(
                purchase_id=PurchaseID(int(purchase)),
                lines=None if units is None else (("1", Decimal(units)),),
                actor="key:1",
                request_key=f"r-{units}",
                request_hash=b"r",
            ),
            now=NOW,
        )


LADDER = Ladder(
    basis=Basis.POINTS,
    span=Span.ROLLING,
    days=30,
    grace_days=10,
    tiers=(Tier(code="silver", name={"en": "Silver"}, threshold=5),),
)


def make_offer(session: Session, customer_id: CustomerID) -> None:
    """Offer coffee to somebody, from yesterday until tomorrow."""
    create_campaign(
        session,
        campaign=NewCampaign(
            code="november",
            name="November",
            starts_at=NOW - timedelta(days=1),
            ends_at=NOW + timedelta(days=1),
            promotions=("coffee-20",),
        ),
        actor="staff:1",
        now=NOW,
    )
    offer = NewOffer(
        customer_id=customer_id,
        promotion="coffee-20",
        score=0.9,
        reason={"kind": "popular"},
        model_version="test",
    )
    campaign = get_campaign(session, code="november")
    make_offers(session, campaign=campaign, offers=[offer], now=NOW)


class TestRecord:
    def test_tells_of_an_enrolment_and_a_purchase(self, shop: Shop) -> None:
        with shop.database.transaction() as session:
            activate(session, promotion("coffee-20"))
            ada = enrol(session)

        purchase = buy(shop, ada.card.number)

        assert told(shop) == [
            ("customer.enrolled", {"customer": ada.profile.id, "store": "324"}),
            (
                "points.changed",
                {
                    "customer": ada.profile.id,
                    "entry": 1,
                    "kind": "earn",
                    "points": 7,
                    "available": 7,
                    "pending": 0,
                    "purchase": purchase,
                },
            ),
            (
                "purchase.recorded",
                {
                    "purchase": purchase,
                    "receipt": "1",
                    "store": "324",
                    "customer": ada.profile.id,
                    "currency": "EUR",
                    "gross": "9.98",
                    "discount": "2.00",
                    "net": "7.98",
                    "points_earned": 7,
                    "promotions": ["coffee-20"],
                    "at": NOW.isoformat(),
                },
            ),
        ]

    def test_tells_of_a_return_and_a_cancellation(self, shop: Shop) -> None:
        purchase = buy(shop, None)

        give_back(shop, purchase, "1")
        give_back(shop, purchase, None)

        assert [(kind, data.get("refund")) for kind, data in told(shop)] == [
            ("purchase.recorded", None),
            ("purchase.returned", "4.99"),
            ("purchase.cancelled", "4.99"),
        ]

    def test_tells_of_an_offer_made_and_used_and_of_a_tier(self, shop: Shop) -> None:
        with shop.database.transaction() as session:
            activate(session, promotion("coffee-20", trigger="personal"))
            ada = enrol(session)
            save_ladder(session, ladder=LADDER, actor="staff:1", now=NOW)
            make_offer(session, ada.profile.id)

        purchase = buy(shop, ada.card.number)

        found = dict(told(shop))
        offer = found["offer.made"]
        assert offer == {
            "offer": offer["offer"],
            "customer": ada.profile.id,
            "promotion": "coffee-20",
            "campaign": "november",
            "valid_from": (NOW - timedelta(days=1)).isoformat(),
            "valid_until": (NOW + timedelta(days=1)).isoformat(),
        }
        assert found["offer.redeemed"] == {
            "offer": offer["offer"],
            "customer": ada.profile.id,
            "promotion": "coffee-20",
            "purchase": purchase,
        }
        assert found["tier.changed"] == {
            "customer": ada.profile.id,
            "change": "up",
            "before": None,
            "after": "silver",
            "falls_at": None,
        }

    def test_names_nobody(self, shop: Shop) -> None:
        with shop.database.transaction() as session:
            ada = enrol(session, "ada.canary@example.org")
        buy(shop, ada.card.number)

        bodies = "".join(one.body for one in shop.deliveries())

        assert "canary" not in bodies
        assert "Ada" not in bodies
        assert ada.card.number not in bodies

    def test_tells_nothing_of_what_was_rolled_back(self, shop: Shop) -> None:
        class Broken(Exception):
            pass

        def fail() -> None:
            with shop.database.transaction() as session:
                request = basket(None, COFFEE=2)
                record_purchase(session, request=request, payment=payment(), now=NOW)
                raise Broken

        with pytest.raises(Broken):
            fail()
        shop.send()

        assert shop.deliveries() == ()
        assert shop.sink.received == []

    def test_writes_nothing_that_nobody_wants(self, database: Database) -> None:
        with database.transaction() as session:
            enrol(session)

            assert session.scalar(select(func.count()).select_from(EventRow)) == 0

    def test_tells_each_endpoint_what_it_wants(self, shop: Shop) -> None:
        with shop.database.transaction() as session:
            other = webhooks.create_endpoint(
                session,
                terms=EndpointTerms(
                    url="https://hooks.example.org/",
                    description="",
                    events=frozenset({EventType.PURCHASE_RECORDED}),
                ),
                allow_private=False,
                actor="staff:1",
                now=NOW,
            )
            enrol(session)
        buy(shop, None)

        with shop.database.transaction() as session:
            events = session.scalars(
                select(EventRow.type)
                .join(DeliveryRow, DeliveryRow.event_id == EventRow.id)
                .where(DeliveryRow.endpoint_id == other.endpoint_id)
            ).all()
        assert events == [EventType.PURCHASE_RECORDED]
        assert len(shop.deliveries()) == 2

    def test_events_are_never_altered(self, shop: Shop) -> None:
        shop.ping()

        with (
            pytest.raises(DBAPIError, match="webhook_event"),
            shop.database.transaction() as session,
        ):
            session.execute(text("update webhook_event set body = 'x'"))
