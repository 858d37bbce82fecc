"""A case as the oracle reads it: whole minor units, lines of units, offers by age."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

Document = Mapping[str, Any]

DIGITS = {"JPY": 0, "EUR": 2, "KWD": 3}


@dataclass(frozen=True)
class Line:
    """
    Some units of one product at one price.

    A weighed line is one unit; ``rate`` is its price per kilogram, ``weight`` its
    kilograms. Otherwise ``rate`` is the price and ``weight`` is 1.
    """

    name: str
    product: Document
    units: int
    weight: Fraction
    rate: int

    @property
    def sku(self) -> str:
        return str(self.product["sku"])

    @property
    def price(self) -> int:
        return half_up(self.weight * self.rate)

    @property
    def gross(self) -> int:
        return self.units * self.price


@dataclass(frozen=True, eq=False)
class Offer:
    """A promotion that may apply; ``budget`` is what is left of it."""

    age: int
    code: str
    kind: str
    fields: Document
    mode: str
    priority: int
    most_sets: int | None
    budget: int | None
    after_items: tuple[Document, ...]

    @property
    def place(self) -> str:
        """Where in the order of pricing the reward stands."""
        if self.kind == "free_delivery":
            return "delivery"
        if self.kind in ("points_times", "points_plus"):
            return "points"
        everything = self.fields.get("on") == {"all": True}
        per_basket = self.fields.get("per", "basket") == "basket"
        whole = ("percent_off", "amount_off", "steps")
        if self.kind in whole and everything and per_basket:
            return "item" if self.fields.get("units") else "whole"
        return "item"


@dataclass(frozen=True)
class Basket:
    """Everything that the price of a case depends on."""

    lines: tuple[Line, ...]
    offers: tuple[Offer, ...]
    digits: int
    fee: int
    points_per_unit: Fraction

    def money(self, text: str) -> int:
        return int(Decimal(text) * 10**self.digits)

    def floor(self, at: int) -> int:
        """Return the least that a unit of the line may cost."""
        line = self.lines[at]
        text = line.product.get("floor_price")
        floor = half_up(line.weight * self.money(text)) if text else 0
        return min(floor, line.price)

    def touchable(self, at: int) -> bool:
        return bool(self.lines[at].product.get("discountable", True))

    def matching(self, selector: Document) -> list[int]:
        """Return the lines that a selector matches, touchable or not."""
        return [at for at, line in enumerate(self.lines) if self.hits(selector, line)]

    def hits(self, selector: Document, line: Line) -> bool:
        product, given = line.product, selector.get("except")
        if given and self.hits(given, line):
            return False
        price = selector.get("unit_price") or {}
        within = [
            "/".join(steps[: depth + 1])
            for category in product.get("categories") or ()
            for steps in [category.split("/")]
            for depth in range(len(steps))
        ]
        wanted: list[tuple[Sequence[str] | None, Sequence[str | None]]] = [
            (selector.get("skus"), [line.sku]),
            (selector.get("brands"), [product.get("brand")]),
            (selector.get("tags"), product.get("tags") or ()),
            (selector.get("categories"), within),
        ]
        return all(
            (
                *(not some or bool(set(some) & set(own)) for some, own in wanted),
                not price.get("at_least") or self.money(price["at_least"]) <= line.rate,
                not price.get("below") or line.rate < self.money(price["below"]),
            )
        )

    def spend(self, selector: Document) -> int:
        return sum(self.lines[at].gross for at in self.matching(selector))

    def count(self, selector: Document) -> int:
        return sum(self.lines[at].units for at in self.matching(selector))


def half_up(value: Fraction) -> int:
    return int(value + Fraction(1, 2))


def read(case: Document) -> Basket:
    """Read a case, with the offers whose requirements and limits let them apply."""
    programme, given = case["programme"], case["basket"]
    digits = DIGITS[programme["currency"]]
    rule = programme.get("points")
    per_unit = Fraction(0)
    if rule and case.get("customer") is not None:
        per = Decimal(rule["per"]) * 10**digits
        per_unit = Fraction(rule["points"]) / Fraction(per)
    catalogue = {product["sku"]: product for product in case.get("catalogue") or ()}
    bare = Basket(
        lines=tuple(
            _line(line, catalogue.get(line["sku"]) or {"sku": line["sku"]}, digits)
            for line in given["lines"]
        ),
        offers=(),
        digits=digits,
        fee=int(Decimal(given.get("delivery_fee") or 0) * 10**digits),
        points_per_unit=per_unit,
    )
    used = case.get("used") or {}
    offers = [
        _offer(age, document, used.get(document["code"]) or {}, bare)
        for age, document in enumerate(case["promotions"])
        if _may_apply(document, used.get(document["code"]) or {}, bare)
    ]
    if case.get("customer") is None:
        offers = [offer for offer in offers if offer.place != "points"]
    return Basket(bare.lines, tuple(offers), digits, bare.fee, per_unit)


def _line(line: Document, product: Document, digits: int) -> Line:
    quantity = Fraction(line["quantity"])
    weighed = bool(product.get("weighed")) or quantity.denominator != 1
    return Line(
        name=line["line"],
        product=product,
        units=1 if weighed else int(quantity),
        weight=quantity if weighed else Fraction(1),
        rate=int(Decimal(line["unit_price"]) * 10**digits),
    )


def _offer(age: int, document: Document, used: Document, basket: Basket) -> Offer:
    ((kind, fields),) = document["reward"].items()
    limits = document.get("limits") or {}
    budget = limits.get("budget")
    if budget is not None:
        budget = basket.money(budget) - basket.money(used.get("given") or "0")
    return Offer(
        age=age,
        code=document["code"],
        kind=kind,
        fields=fields,
        mode=document.get("combines", "not_on_same_units"),
        priority=document.get("priority", 0),
        most_sets=limits.get("per_purchase"),
        budget=budget,
        after_items=tuple(
            need["spend"]
            for need in document.get("requires") or ()
            if need.get("spend", {}).get("counting") == "after_item_discounts"
        ),
    )


def _may_apply(document: Document, used: Document, basket: Basket) -> bool:
    for need in document.get("requires") or ():
        spend, quantity = need.get("spend"), need.get("quantity")
        if spend and basket.spend(spend["on"]) < basket.money(spend["at_least"]):
            return False
        if quantity and basket.count(quantity["of"]) < quantity["at_least"]:
            return False
    limits = document.get("limits") or {}
    total = limits.get("total")
    return total is None or used.get("total", 0) < total
