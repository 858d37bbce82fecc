"""What a price depends on, read from a document: cases of a file, and kept quotes."""

from collections.abc import Mapping
from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from loyalty.core.money import Money, parse_money
from loyalty.promotions.values import (
    Basket,
    BasketLine,
    Code,
    CustomerFacts,
    Facts,
    MissedReason,
    PastPurchase,
    PointsRule,
    Product,
    Programme,
    Promotion,
    Strategy,
    Trigger,
    Used,
)

Case = Mapping[str, Any]


def read_programme(given: Case, at: datetime) -> Programme:
    """Return the settings; without a zone, that of the moment is the clock."""
    currency = given["currency"]
    rule = given.get("points")
    zone: tzinfo | None = at.tzinfo
    if given.get("time_zone"):
        zone = ZoneInfo(given["time_zone"])
    if zone is None:
        message = "no time zone"
        raise ValueError(message)
    return Programme(
        currency=currency,
        time_zone=zone,
        strategy=Strategy(given.get("strategy", "best_for_customer")),
        points=PointsRule(
            points=int(rule["points"]),
            per=parse_money(rule["per"], currency),
            version=rule.get("version"),
        )
        if rule
        else None,
    )


def read_basket(given: Case, currency: str, at: datetime) -> Basket:
    """Return the basket."""
    fee = given.get("delivery_fee")
    return Basket(
        store=given.get("store", ""),
        sales_channel=given.get("sales_channel", "till"),
        at=at,
        currency=given.get("currency") or currency,
        lines=tuple(
            BasketLine(
                line=line["line"],
                sku=line["sku"],
                quantity=Decimal(line["quantity"]),
                unit_price=parse_money(line["unit_price"], currency),
            )
            for line in given["lines"]
        ),
        codes=tuple(given.get("codes") or ()),
        delivery_fee=parse_money(fee, currency) if fee else None,
        payment=given.get("payment"),
    )


def read_facts(case: Case, basket: Basket, promotions: tuple[Promotion, ...]) -> Facts:
    """
    Return what else pricing reads.

    Products that the catalogue leaves out are plain ones, but for ``unknown_skus``.
    """
    currency = basket.currency
    unknown = set(case.get("unknown_skus") or ())
    catalogue = {
        line.sku: Product(sku=line.sku)
        for line in basket.lines
        if line.sku not in unknown
    }
    for product in case.get("catalogue") or ():
        catalogue[product["sku"]] = _product(product, currency)
    return Facts(
        catalogue=catalogue,
        customer=_customer(case.get("customer"), currency, promotions),
        codes={code["code"]: _code(code) for code in case.get("codes") or ()},
        used={
            code: Used(
                total=used.get("total", 0),
                by_customer=used.get("by_customer", 0),
                today=used.get("today", 0),
                given=parse_money(used.get("given") or "0", currency).amount,
            )
            for code, used in (case.get("used") or {}).items()
        },
    )


def _product(given: Case, currency: str) -> Product:
    return Product(
        sku=given["sku"],
        name=given.get("name"),
        categories=tuple(given.get("categories") or ()),
        brand=given.get("brand"),
        tags=tuple(given.get("tags") or ()),
        discountable=given.get("discountable", True),
        floor_price=_optional_money(given.get("floor_price"), currency),
        cost=_optional_money(given.get("cost"), currency),
        weighed=bool(given.get("weighed")),
    )


def _customer(
    given: Case | None, currency: str, promotions: tuple[Promotion, ...]
) -> CustomerFacts | None:
    if given is None:
        return None
    personal = [p.code for p in promotions if p.trigger is Trigger.PERSONAL]
    return CustomerFacts(
        tier=given.get("tier"),
        segments=tuple(given.get("segments") or ()),
        member_since=_optional_day(given.get("member_since")),
        birthday=_optional_day(given.get("birthday")),
        language=given.get("language"),
        home_store=given.get("home_store"),
        interests=tuple(given.get("interests") or ()),
        purchases=tuple(
            PastPurchase(
                at=datetime.fromisoformat(purchase["at"]),
                net=parse_money(purchase["net"], currency),
            )
            for purchase in given.get("purchases") or ()
        ),
        offered=frozenset(given.get("offered", personal)),
    )


def _code(given: Case) -> Code:
    expires, problem = given.get("expires"), given.get("problem")
    return Code(
        code=given["code"],
        promotion=given["promotion"],
        used=given.get("used", 0),
        uses=given.get("uses", 1),
        expires=datetime.fromisoformat(expires) if expires else None,
        problem=MissedReason(problem) if problem else None,
        retry_after=given.get("retry_after"),
    )


def _optional_money(text: str | None, currency: str) -> Money | None:
    return None if text is None else parse_money(text, currency)


def _optional_day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
