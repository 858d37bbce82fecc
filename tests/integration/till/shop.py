"""A small shop: articles, promotions, a member with an offer, a cashier."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from loyalty.catalogue.service import save_products
from loyalty.catalogue.values import Product
from loyalty.core.clock import machine_now, utc_now
from loyalty.core.database import Database
from loyalty.core.money import Money
from loyalty.customers.values import CustomerID
from loyalty.delivery.values import DeliveryPolicy
from loyalty.offers.queries import get_campaign
from loyalty.offers.service import create_campaign, make_offers
from loyalty.offers.values import NewCampaign, NewOffer
from loyalty.promotions.service import create, move
from loyalty.promotions.values.states import PromotionState
from loyalty.staff.service import members, sessions
from loyalty.staff.values import Post, Role, StaffID
from loyalty.stores.queries import get_store
from loyalty.stores.service import add_store, save_programme
from loyalty.stores.values import PointsRule, Programme, StoreID, Strategy
from loyalty.usecases.enrol_customer import Enrolment, enrol_customer

SECRET = "a secret of at least 32 letters!"  # noqa: S105  # a test's own
SYSTEM = "system"


@dataclass(frozen=True, kw_only=True)
class Shop:
    """Who and what is there."""

    north: StoreID
    south: StoreID
    cashier: StaffID
    anna: CustomerID
    anna_card: str


def set_up(database: Database) -> Shop:
    """Fill an empty database."""
    with database.transaction() as session:
        stores = _stores(session)
        save_products(session, products=_products(), now=utc_now())
        cashier = members.add_member(
            session,
            email="ewa@shop.example.com",
            name="Ewa N.",
            posts=[Post(role=Role.CASHIER, store_id=stores[0])],
            actor=SYSTEM,
            now=machine_now(),
        )
    for document in PROMOTIONS:
        add_promotion(database, document)
    with database.transaction() as session:
        enrolled = enrol_customer(
            session,
            enrolment=Enrolment(
                contact="anna@shop.example.com",
                first_name="Anna",
                language="en",
                personal_offers=True,
            ),
            store=get_store(session, code="north"),
            policy=DeliveryPolicy(),
            actor=SYSTEM,
            now=utc_now() - timedelta(days=40),
        )
    anna = enrolled.profile.id
    give_offers(database, anna)
    return Shop(
        north=stores[0],
        south=stores[1],
        cashier=cashier.id,
        anna=anna,
        anna_card=enrolled.card.number,
    )


def add_promotion(database: Database, document: dict[str, object]) -> None:
    """Keep a promotion and let it count."""
    with database.transaction() as session:
        row = create(session, document=document, actor=SYSTEM, now=utc_now())
        move(
            session,
            code=row.code,
            to=PromotionState.ACTIVE,
            actor=SYSTEM,
            now=utc_now(),
        )


def give_offers(database: Database, customer_id: CustomerID) -> None:
    """Offer the personal promotions to a member."""
    now = utc_now()
    with database.transaction() as session:
        create_campaign(
            session,
            campaign=NewCampaign(
                code="november",
                name="November",
                starts_at=now - timedelta(days=1),
                ends_at=now + timedelta(days=2, hours=5),
                promotions=("coffee-20", "milk-points"),
            ),
            actor=SYSTEM,
            now=now,
        )
        make_offers(
            session,
            campaign=get_campaign(session, code="november"),
            offers=[
                NewOffer(
                    customer_id=customer_id,
                    promotion="coffee-20",
                    score=0.9,
                    reason={
                        "kind": "often_bought",
                        "category": "drinks/coffee",
                        "times": 5,
                        "every_days": 14,
                        "last": "2026-11-02",
                    },
                    model_version="test",
                ),
                NewOffer(
                    customer_id=customer_id,
                    promotion="milk-points",
                    score=0.5,
                    reason={"kind": "popular"},
                    model_version="test",
                ),
            ],
            now=now,
        )


def sign_in(database: Database, client: FlaskClient, shop: Shop) -> None:
    """Let the cashier work in the northern store."""
    with database.transaction() as session:
        token = sessions.open_session(
            session,
            staff_id=shop.cashier,
            browser="test",
            store_id=shop.north,
            now=machine_now(),
        )
    client.set_cookie("staff", token)


def euros(cents: int) -> Money:
    """Return an amount in the shop's currency."""
    return Money(amount=cents, currency="EUR")


def at(hour: int) -> datetime:
    """Return a moment on a day of November."""
    return datetime(2026, 11, 3, hour, tzinfo=UTC)


PROMOTIONS: tuple[dict[str, object], ...] = (
    {
        "code": "coffee-20",
        "name": {"en": "20% off coffee"},
        "trigger": "personal",
        "reward": {
            "percent_off": {"percent": "20", "on": {"categories": ["drinks/coffee"]}}
        },
    },
    {
        "code": "milk-points",
        "name": {"en": "Five times the points on milk"},
        "trigger": "personal",
        "reward": {"points_times": {"factor": "5", "on": {"categories": ["dairy"]}}},
    },
    {
        "code": "big-shop",
        "name": {"en": "5 euros off 40"},
        "requires": [{"spend": {"on": {"all": True}, "at_least": "40.00"}}],
        "reward": {
            "amount_off": {"amount": "5.00", "on": {"all": True}, "per": "basket"}
        },
    },
)


def _stores(session: Session) -> tuple[StoreID, StoreID]:
    save_programme(
        session,
        programme=Programme(
            name="Lab market",
            currency="EUR",
            time_zone=ZoneInfo("Europe/Warsaw"),
            strategy=Strategy.BEST_FOR_CUSTOMER,
            points_rule=PointsRule(
                points=1, per=Decimal(1), lifetime_days=365, version=1
            ),
            card_prefix="261000",
            phone_region="PL",
            languages=("en", "pl", "ru", "sl", "fa"),
            quiet_from_minute=1260,
            quiet_until_minute=480,
            max_messages_per_week=3,
        ),
        actor=SYSTEM,
        now=utc_now(),
    )
    north, south = (
        add_store(session, code=code, name=name, address="", phone="", opening_hours="")
        for code, name in (("north", "North"), ("south", "South"))
    )
    return north, south


def _products() -> list[Product]:
    rows = [
        ("1001", "Ground coffee 500 g", "drinks/coffee", 799, False),
        ("1002", "Coffee beans 1 kg", "drinks/coffee", 1499, False),
        ("2001", "Milk 3.2% 1 l", "dairy/milk", 129, False),
        ("2002", "Butter 200 g", "dairy/butter", 289, False),
        ("3001", "Bananas", "fruit/bananas", 179, True),
        ("4001", "Rye bread", "bakery/bread", 249, False),
    ]
    return [
        Product(
            sku=sku,
            name=name,
            categories=(category,),
            price=euros(cents),
            weighed=weighed,
        )
        for sku, name, category, cents, weighed in rows
    ]
