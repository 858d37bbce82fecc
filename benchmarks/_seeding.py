"""A database with a workload's articles and promotions, a key and some members."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

from sqlalchemy import insert
from sqlalchemy.orm import Session

from benchmarks._engine import ZONE
from benchmarks.workload import CURRENCY, Document, Workload
from loyalty.catalogue.service import save_products
from loyalty.catalogue.values import Product
from loyalty.core.money import parse_money
from loyalty.delivery.values import DeliveryPolicy
from loyalty.promotions.models import PromotionRow, VersionRow
from loyalty.promotions.schema import dump_promotion, load_promotion
from loyalty.promotions.values.states import PromotionState
from loyalty.staff.service.keys import make_key
from loyalty.staff.values import ApiScope
from loyalty.stores.queries import get_store
from loyalty.stores.service import add_store, save_programme
from loyalty.stores.values import PointsRule, Programme, Strategy
from loyalty.usecases.enrol_customer import Enrolment, enrol_customer

STORE: Final = "main"
_MEMBERS: Final = 50
_ACTOR: Final = "benchmark"
PROGRAMME: Final = Programme(
    name="Benchmark",
    currency=CURRENCY,
    time_zone=ZONE,
    strategy=Strategy.BEST_FOR_CUSTOMER,
    points_rule=PointsRule(points=1, per=Decimal("1.00"), lifetime_days=365, version=1),
    card_prefix="240112",
    phone_region="PL",
    languages=("en",),
    quiet_from_minute=21 * 60,
    quiet_until_minute=8 * 60,
    max_messages_per_week=2,
)


def fill(
    session: Session, *, workload: Workload, now: datetime
) -> tuple[str, list[str]]:
    """Make the shop; return an API key and the members' cards."""
    save_programme(session, programme=PROGRAMME, actor=_ACTOR, now=now)
    add_store(session, code=STORE, name="Main", address="", phone="", opening_hours="")
    products = (_product(one) for one in workload.products)
    save_products(session, products=products, now=now)
    _add_promotions(session, workload.promotions, now=now)
    cards = [_enrol(session, number, now=now) for number in range(_MEMBERS)]
    key = make_key(
        session,
        label=_ACTOR,
        scopes=[
            ApiScope.CHECKOUT_QUOTE,
            ApiScope.PURCHASES_WRITE,
            ApiScope.CATALOGUE_READ,
        ],
        store_id=None,
        actor=_ACTOR,
        now=now,
    )
    return key, cards


def _add_promotions(
    session: Session, documents: Sequence[Document], *, now: datetime
) -> None:
    """Add them as if each had been created and activated; all at once, for speed."""
    promotions = [load_promotion(one, currency=CURRENCY) for one in documents]
    rows = [
        {
            "code": promotion.code,
            "state": PromotionState.ACTIVE,
            "version": 1,
            "created_at": now,
            "created_by": _ACTOR,
            "changed_at": now,
            "activated_at": now,
        }
        for promotion in promotions
    ]
    adding = insert(PromotionRow).returning(
        PromotionRow.id, sort_by_parameter_order=True
    )
    numbers = session.scalars(adding, rows).all()
    session.execute(
        insert(VersionRow),
        [
            {
                "promotion_id": number,
                "version": 1,
                "document": dump_promotion(promotion),
                "at": now,
                "actor": _ACTOR,
            }
            for number, promotion in zip(numbers, promotions, strict=True)
        ],
    )


def _enrol(session: Session, number: int, *, now: datetime) -> str:
    enrolled = enrol_customer(
        session,
        enrolment=Enrolment(contact=f"member{number}@example.org"),
        store=get_store(session, code=STORE),
        policy=DeliveryPolicy(),
        actor=_ACTOR,
        now=now,
    )
    return enrolled.card.number


def _product(document: Document) -> Product:
    floor = document["floor_price"]
    return Product(
        sku=document["sku"],
        name=document["name"],
        categories=tuple(document["categories"]),
        price=parse_money(document["price"], CURRENCY),
        brand=document["brand"],
        tags=tuple(document["tags"]),
        discountable=document["discountable"],
        floor_price=parse_money(floor, CURRENCY) if floor else None,
    )
