"""Small shops and people for tests, made through the services themselves."""

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from loyalty.catalogue.service import save_products
from loyalty.catalogue.values import Product
from loyalty.core.money import Money
from loyalty.core.vault import Vault
from loyalty.delivery.values import DeliveryPolicy
from loyalty.promotions.service import create, move
from loyalty.promotions.values import BasketLine
from loyalty.promotions.values.states import PromotionState
from loyalty.stores.models import PointsRuleRow
from loyalty.stores.queries import get_store
from loyalty.stores.service import add_store, save_programme
from loyalty.stores.values import Lifetime, PointsRule, Programme, Strategy
from loyalty.usecases.checkout import BasketRequest, Payment
from loyalty.usecases.enrol_customer import Enrolled, Enrolment, enrol_customer

NOW = datetime(2026, 11, 20, 11, 0, tzinfo=UTC)
"""A Friday, noon in Warsaw."""

WARSAW = ZoneInfo("Europe/Warsaw")
STORE = "324"


def small_vault() -> Vault:
    """Return the keys that test databases are opened with."""
    return Vault("long enough to be an installation's secret")


def make_shop(session: Session) -> None:
    """Set up a programme, one store and a handful of articles."""
    save_programme(
        session,
        programme=Programme(
            name="Lab market",
            currency="EUR",
            time_zone=WARSAW,
            strategy=Strategy.BEST_FOR_CUSTOMER,
            points_rule=PointsRule(
                points=1, per=Decimal("1.00"), lifetime_days=365, version=1
            ),
            card_prefix="240112",
            phone_region="PL",
            languages=("en", "pl", "ru", "sl", "fa"),
            quiet_from_minute=21 * 60,
            quiet_until_minute=8 * 60,
            max_messages_per_week=2,
        ),
        actor="system",
        now=NOW,
    )
    add_store(
        session,
        code=STORE,
        name="Lab market Centre",
        address="1 Market Square",
        phone="+48 22 555 01 00",
        opening_hours="Mon-Sat 7-21",
    )
    save_products(
        session,
        products=[
            article("COFFEE", "drinks/coffee", 499),
            article("TEA", "drinks/tea", 350),
            article("BREAD", "bakery/bread", 220),
            article("PIZZA", "frozen/pizza", 380),
        ],
        now=NOW,
    )


def article(sku: str, category: str, cents: int) -> Product:
    """Return a plain article of one category."""
    return Product(
        sku=sku,
        name=sku.capitalize(),
        categories=(category,),
        price=Money(amount=cents, currency="EUR"),
    )


def enrol(
    session: Session,
    contact: str = "ada@example.org",
    *,
    agrees: bool = True,
    policy: DeliveryPolicy | None = None,
) -> Enrolled:
    """Enrol somebody at the store."""
    return enrol_customer(
        session,
        enrolment=Enrolment(contact=contact, first_name="Ada", personal_offers=agrees),
        store=get_store(session, code=STORE),
        policy=policy or DeliveryPolicy(),
        actor="staff:1",
        now=NOW,
    )


def promotion(code: str, **parts: object) -> dict[str, object]:
    """Return a promotion's document: 20 % off coffee unless said otherwise."""
    return {
        "code": code,
        "name": {"en": code},
        "reward": {
            "percent_off": {"percent": "20", "on": {"categories": ["drinks/coffee"]}}
        },
        **parts,
    }


def activate(session: Session, document: dict[str, object]) -> None:
    """Save a promotion and let it run."""
    create(session, document=document, actor="staff:1", now=NOW)
    move(
        session,
        code=str(document["code"]),
        to=PromotionState.ACTIVE,
        actor="staff:1",
        now=NOW,
    )


def basket(card: str | None = None, **units: int) -> BasketRequest:
    """Return a basket of articles by sku, at the catalogue's prices."""
    prices = {"COFFEE": 499, "TEA": 350, "BREAD": 220, "PIZZA": 380}
    return BasketRequest(
        store=STORE,
        card=card,
        payment="card",
        lines=tuple(
            BasketLine(
                line=str(place),
                sku=sku,
                quantity=Decimal(count),
                unit_price=Money(amount=prices[sku], currency="EUR"),
            )
            for place, (sku, count) in enumerate(units.items(), start=1)
        ),
    )


def payment(receipt: str = "1", key: str = "key-1", body: bytes = b"1") -> Payment:
    """Return what turns a basket into a purchase."""
    return Payment(receipt=receipt, request_key=key, request_hash=body, actor="key:1")


def points_rule_row() -> PointsRuleRow:
    """Return the row of the first points rule: one point for each euro."""
    return PointsRuleRow(
        version=1,
        points=1,
        per=Decimal(1),
        currency="EUR",
        lifetime=Lifetime.ROLLING,
        lifetime_days=365,
        fixed_month=12,
        fixed_day=31,
        fixed_years=1,
        delay_days=0,
        value=Decimal("0.01"),
        since=NOW,
    )
