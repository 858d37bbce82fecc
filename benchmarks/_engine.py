"""Pricing in this process: ``price`` with everything that it needs at hand."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from statistics import mean
from typing import Final
from zoneinfo import ZoneInfo

from benchmarks._timing import Timed, middle, p95
from benchmarks.workload import CURRENCY, DELIVERY_FEE, Document, Workload
from loyalty.core.money import parse_money
from loyalty.promotions.rules import compile_promotions, price
from loyalty.promotions.schema import load_promotion
from loyalty.promotions.values import (
    Basket,
    BasketLine,
    CustomerFacts,
    Facts,
    PointsRule,
    Product,
    Programme,
    Promotion,
    Quote,
)

NOW: Final = datetime(2026, 11, 20, 11, tzinfo=UTC)
ZONE: Final = ZoneInfo("Europe/Warsaw")
_MEMBER: Final = CustomerFacts(member_since=date(2025, 1, 1), language="en")
_PROGRAMME: Final = Programme(
    currency=CURRENCY,
    time_zone=ZONE,
    points=PointsRule(points=1, per=parse_money("1.00", CURRENCY)),
)


@dataclass(frozen=True, slots=True)
class Scene:
    """Promotions and baskets as the engine takes them."""

    promotions: list[Promotion]
    baskets: list[tuple[Basket, Facts]]


def scene_of(workload: Workload) -> Scene:
    """Return documents as values."""
    catalogue = {one["sku"]: _product(one) for one in workload.products}
    return Scene(
        promotions=[
            load_promotion(one, currency=CURRENCY) for one in workload.promotions
        ],
        baskets=[
            (
                _basket(lines),
                Facts(
                    catalogue={line["sku"]: catalogue[line["sku"]] for line in lines},
                    customer=_MEMBER,
                ),
            )
            for lines in workload.baskets
        ],
    )


def measure(scene: Scene, *, products: int) -> dict[str, object]:
    """Price every basket, and return what to print of it."""
    compiling = Timed()
    compiled = compiling.call(compile_promotions, scene.promotions)
    priced = Timed()
    quotes = [
        priced.call(price, compiled, basket, facts, _PROGRAMME)
        for basket, facts in scene.baskets
    ]
    unproven = [_gap(quote) for quote in quotes if not quote.optimal]
    return {
        "promotions": len(scene.promotions),
        "articles": products,
        "touch": round(mean(len(one.applied) + len(one.missed) for one in quotes)),
        "apply": round(mean(len(one.applied) for one in quotes)),
        "median ms": middle(priced.wall),
        "p95 ms": p95(priced.wall),
        "CPU median ms": middle(priced.cpu),
        "CPU p95 ms": p95(priced.cpu),
        "optimal %": 100 - 100 * len(unproven) / len(quotes),
        "worst gap %": 100 * max(unproven, default=0.0),
        "compiled ms": middle(compiling.wall),
    }


def _gap(quote: Quote) -> float:
    """Return how much of the price a better combination could still take off."""
    asked = quote.net.amount + quote.delivery.net.amount
    bound = asked if quote.bound is None else quote.bound.amount
    return (asked - bound) / asked if asked else 0.0


def _product(document: Document) -> Product:
    floor = document["floor_price"]
    return Product(
        sku=document["sku"],
        name=document["name"],
        categories=tuple(document["categories"]),
        brand=document["brand"],
        tags=tuple(document["tags"]),
        discountable=document["discountable"],
        floor_price=parse_money(floor, CURRENCY) if floor else None,
    )


def _basket(lines: list[Document]) -> Basket:
    return Basket(
        store="main",
        sales_channel="till",
        at=NOW,
        currency=CURRENCY,
        lines=tuple(
            BasketLine(
                line=line["line"],
                sku=line["sku"],
                quantity=Decimal(line["quantity"]),
                unit_price=parse_money(line["unit_price"], CURRENCY),
            )
            for line in lines
        ),
        delivery_fee=parse_money(DELIVERY_FEE, CURRENCY),
        payment="card",
    )
