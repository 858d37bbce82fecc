"""Pricing from a file: one case a line, with everything that a price depends on.

No database and no server: a case holds the programme, catalogue, promotions, codes,
uses, customer and basket. Products that its catalogue leaves out are plain ones.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from loyalty.core.errors import Invalid
from loyalty.core.money import Money, parse_money
from loyalty.promotions.rules import compile_promotions, price
from loyalty.promotions.schema.promotions import load_promotion
from loyalty.promotions.values import (
    Basket,
    BasketLine,
    Code,
    CustomerFacts,
    Facts,
    PastPurchase,
    PointsRule,
    Product,
    Programme,
    Promotion,
    Quote,
    Strategy,
    Trigger,
    Used,
)

Case = Mapping[str, Any]

_WHOLE = ""


class CaseInvalid(Invalid):
    """The case lacks something, or something in it is not what it should be."""

    code = "case_invalid"


@dataclass(frozen=True, kw_only=True, slots=True)
class PricedCase:
    """The quote of a case, with the promotions it was priced by."""

    quote: Quote
    promotions: tuple[Promotion, ...]
    points: PointsRule | None


def quote_of_case(case: Case) -> PricedCase:
    """
    Price a case.

    :raises Invalid: when the case or a promotion in it is not well formed
    """
    try:
        at = datetime.fromisoformat(case["basket"]["at"])
        programme = _programme(case["programme"], at)
        promotions = tuple(
            load_promotion(document, currency=programme.currency)
            for document in case["promotions"]
        )
        basket = _basket(case["basket"], programme.currency, at)
        facts = _facts(case, basket, promotions)
    except (KeyError, TypeError, ValueError, InvalidOperation) as error:
        message = f"Not a case: {type(error).__name__} {error}."
        raise CaseInvalid.field(_WHOLE, message) from error
    quote = price(compile_promotions(promotions), basket, facts, programme)
    return PricedCase(quote=quote, promotions=promotions, points=programme.points)


def _programme(given: Case, at: datetime) -> Programme:
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
            points=int(rule["points"]), per=parse_money(rule["per"], currency)
        )
        if rule
        else None,
    )


def _basket(given: Case, currency: str, at: datetime) -> Basket:
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


def _facts(case: Case, basket: Basket, promotions: tuple[Promotion, ...]) -> Facts:
    currency = basket.currency
    catalogue = {line.sku: Product(sku=line.sku) for line in basket.lines}
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
    expires = given.get("expires")
    return Code(
        code=given["code"],
        promotion=given["promotion"],
        used=given.get("used", 0),
        uses=given.get("uses", 1),
        expires=datetime.fromisoformat(expires) if expires else None,
    )


def _optional_money(text: str | None, currency: str) -> Money | None:
    return None if text is None else parse_money(text, currency)


def _optional_day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def check_case(case: Case, quote: Case) -> list[str]:
    """
    Compare a quote document with what the case expects; return the differences.

    Any part of a quote may be expected: ``applied`` as a set of codes, ``lines`` as
    discounts by line, ``points`` as what is earned, each of ``missed`` to be among
    those of the quote with at least these values.
    """
    found: dict[str, Any] = {
        **quote,
        "applied": sorted(applied["promotion"] for applied in quote["applied"]),
        "lines": {line["line"]: line["discount"] for line in quote["lines"]},
        "points": quote["points"]["earned"],
    }
    differences: list[str] = []
    for key, wanted in case.get("expected", {}).items():
        if key == "missed":
            differences += [
                f"missed: expected {one}, got {quote['missed']}"
                for one in wanted
                if not any(one.items() <= there.items() for there in quote["missed"])
            ]
            continue
        value, got = wanted, found.get(key)
        if key == "applied":
            value = sorted(wanted)
        elif key == "lines" and isinstance(got, dict):
            got = {line: got.get(line) for line in wanted}
        if value != got:
            differences.append(f"{key}: expected {wanted}, got {got}")
    return differences
