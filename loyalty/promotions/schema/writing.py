"""What a price depends on, written as a document: what ``reading`` reads."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from loyalty.core.money import decimal_text
from loyalty.promotions.values import (
    AllOf,
    AnyOf,
    Audience,
    Basket,
    BirthdayWithinDays,
    Code,
    CustomerFacts,
    DaysSincePurchase,
    Facts,
    Not,
    PastPurchase,
    Product,
    Programme,
    Promotion,
    PurchaseCount,
    Spent,
    Used,
)

Document = dict[str, Any]

_ABOUT_PURCHASES: set[type] = {PurchaseCount, Spent, DaysSincePurchase}


def write_pricing(basket: Basket, facts: Facts, programme: Programme) -> Document:
    """
    Return everything that a price depends on but the promotions.

    The names and costs of products are left out: nothing is priced by them.
    """
    skus = {line.sku for line in basket.lines}
    known = [facts.catalogue[sku] for sku in sorted(skus) if sku in facts.catalogue]
    return {
        "programme": _programme(programme),
        "catalogue": [_product(product, basket.currency) for product in known],
        "unknown_skus": sorted(skus - {product.sku for product in known}),
        "customer": facts.customer and _customer(facts.customer, basket.currency),
        "codes": [_code(code) for code in facts.codes.values()],
        "used": {
            code: _used(used, basket.currency) for code, used in facts.used.items()
        },
        "basket": write_basket(basket),
    }


def write_basket(basket: Basket) -> Document:
    """Return the basket's document."""
    fee = basket.delivery_fee
    return {
        "store": basket.store,
        "sales_channel": basket.sales_channel,
        "at": basket.at.isoformat(),
        "currency": basket.currency,
        "lines": [
            {
                "line": line.line,
                "sku": line.sku,
                "quantity": f"{line.quantity.normalize():f}",
                "unit_price": str(line.unit_price),
            }
            for line in basket.lines
        ],
        "codes": list(basket.codes),
        "delivery_fee": None if fee is None else str(fee),
        "payment": basket.payment,
    }


def rename_codes(
    inputs: Document, result: Document, names: Mapping[str, str]
) -> tuple[Document, Document]:
    """Return the documents of a quote with other texts in the place of its codes."""

    def renamed(entry: Document) -> Document:
        code = entry.get("code")
        return entry if code is None else {**entry, "code": names.get(code, code)}

    basket = inputs["basket"]
    return (
        {
            **inputs,
            "basket": {
                **basket,
                "codes": [names.get(code, code) for code in basket["codes"]],
            },
            "codes": [renamed(code) for code in inputs["codes"]],
        },
        {
            **result,
            "applied": [renamed(one) for one in result["applied"]],
            "missed": [renamed(one) for one in result["missed"]],
        },
    )


def facts_for(facts: Facts, promotions: Iterable[Promotion]) -> Facts:
    """Return the facts without what these promotions never read."""
    promotions = tuple(promotions)
    codes = {promotion.code for promotion in promotions}
    asked = _asked(promotions)
    customer = facts.customer
    return Facts(
        catalogue=facts.catalogue,
        customer=customer
        and replace(
            customer,
            birthday=customer.birthday if BirthdayWithinDays in asked else None,
            purchases=customer.purchases if asked & _ABOUT_PURCHASES else (),
            offered=customer.offered & codes,
        ),
        codes=facts.codes,
        used={code: used for code, used in facts.used.items() if code in codes},
    )


def conditions(audience: Audience | None) -> Iterator[Audience]:
    """Yield all conditions of the tree."""
    if isinstance(audience, AllOf | AnyOf):
        for part in audience.parts:
            yield from conditions(part)
    elif isinstance(audience, Not):
        yield from conditions(audience.part)
    elif audience is not None:
        yield audience


def asks_for_purchases(promotions: Iterable[Promotion]) -> bool:
    """Test whether an audience asks what the customer bought before."""
    return not _ABOUT_PURCHASES.isdisjoint(_asked(promotions))


def _asked(promotions: Iterable[Promotion]) -> set[type]:
    return {type(one) for p in promotions for one in conditions(p.audience)}


def _programme(programme: Programme) -> Document:
    rule = programme.points
    return {
        "currency": programme.currency,
        "time_zone": str(programme.time_zone),
        "strategy": programme.strategy.value,
        "points": rule
        and {
            "points": rule.points,
            "per": str(rule.per),
            "version": rule.version,
        },
    }


def _product(product: Product, currency: str) -> Document:
    floor = product.floor_price
    return {
        "sku": product.sku,
        "categories": list(product.categories),
        "brand": product.brand,
        "tags": list(product.tags),
        "discountable": product.discountable,
        "floor_price": floor and decimal_text(floor.amount, currency),
        "weighed": product.weighed,
    }


def _customer(customer: CustomerFacts, currency: str) -> Document:
    return {
        "tier": customer.tier,
        "segments": list(customer.segments),
        "member_since": customer.member_since and customer.member_since.isoformat(),
        "birthday": customer.birthday and customer.birthday.isoformat(),
        "language": customer.language,
        "home_store": customer.home_store,
        "interests": list(customer.interests),
        "purchases": [_purchase(p, currency) for p in customer.purchases],
        "offered": sorted(customer.offered),
    }


def _purchase(purchase: PastPurchase, currency: str) -> Document:
    net = decimal_text(purchase.net.amount, currency)
    return {"at": purchase.at.isoformat(), "net": net}


def _code(code: Code) -> Document:
    return {
        "code": code.code,
        "promotion": code.promotion,
        "used": code.used,
        "uses": code.uses,
        "expires": code.expires and code.expires.isoformat(),
        "problem": code.problem and code.problem.value,
        "retry_after": code.retry_after,
    }


def _used(used: Used, currency: str) -> Document:
    return {
        "total": used.total,
        "by_customer": used.by_customer,
        "today": used.today,
        "given": decimal_text(used.given, currency),
    }
