"""A shop's worth of promotions and baskets, made from a seed.

All ten rewards in equal shares, each about a leaf category, a brand, a tag or a list
of articles, with the modes of combining and the limits that shops use. Everything is a
document as the API takes it.

How the catalogue grows: a promotion is about some 28 articles, so with a catalogue of
``n`` articles a basket of 30 of them misses it with a chance of about
``(1 - 28 / n) ** 30``, which is ``exp(-28 * 30 / n)``. Solving for the ``n`` at which
40 promotions of all are not missed gives 1,600 articles for 100 promotions, 20,600 for
1,000 and 209,600 for 10,000. With ten promotions or one at most 0.4 of them touch.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log
from random import Random
from typing import Any, Final

Document = dict[str, Any]

CURRENCY: Final = "EUR"
LINES: Final = 30
UNITS: Final = 67
TOUCHING: Final = 40
DELIVERY_FEE: Final = "4.90"
_SCOPE: Final = 28
"""About how many articles a promotion is, in a catalogue that grows."""

_GREATEST_SHARE: Final = 0.4
_SCOPES_IN_A_SMALL_SHOP: Final = 40
_WITH_A_CONDITION: Final = 0.2
_NOT_DISCOUNTABLE: Final = 0.03
_WITH_A_FLOOR: Final = 0.1
_PRICES: Final = (79, 99, 129, 149, 199, 249, 299, 399, 499, 899, 1299)
_PERCENTS: Final = ("10", "15", "20", "25", "30", "33", "50")
_MODES: Final = ["not_on_same_units"] * 7 + ["freely"] * 2 + ["alone"]


@dataclass(frozen=True, slots=True)
class Workload:
    """Documents as the API takes them."""

    products: list[Document]
    promotions: list[Document]
    baskets: list[list[Document]]
    """Each the lines of one basket."""


@dataclass(frozen=True, slots=True)
class _Shop:
    """What promotions are drawn from."""

    random: Random
    catalogue: Sequence[Document]
    scope: int

    def selector(self) -> Document:
        """Return what chooses about ``scope`` articles in one of four ways."""
        product = self.random.choice(self.catalogue)
        kind = self.random.choice(("categories", "brands", "tags", "skus"))
        if kind == "categories":
            return {"categories": [product["categories"][0]]}
        if kind == "brands":
            return {"brands": [product["brand"]]}
        if kind == "tags":
            return {"tags": [product["tags"][0]]}
        count = min(self.scope, len(self.catalogue))
        some = self.random.sample(self.catalogue, count)
        return {"skus": sorted(one["sku"] for one in some)}


_Made = tuple[Document, list[Document]]
"""A reward, and what it requires."""


def make_workload(
    promotions: int, *, products: int | None = None, baskets: int = 100, seed: int = 1
) -> Workload:
    """
    Make a shop: the same for the same arguments.

    :param promotions: how many, all of which run
    :param products: how many articles; None for as many as let about forty promotions
        touch a basket
    :param baskets: how many baskets of 30 lines with 67 units together
    """
    random = Random(f"{promotions} {products} {seed}")  # noqa: S311  # repeatable
    if products is None:
        scope = _SCOPE
        share = min(_GREATEST_SHARE, TOUCHING / promotions)
        products = round(scope * LINES / -log(1 - share))
    else:
        scope = max(2, products // _SCOPES_IN_A_SMALL_SHOP)
    catalogue = _catalogue(random, products, scope)
    shop = _Shop(random, catalogue, scope)
    return Workload(
        products=catalogue,
        promotions=[_promotion(shop, number) for number in range(promotions)],
        baskets=[_basket(random, catalogue) for _ in range(baskets)],
    )


def _catalogue(random: Random, count: int, scope: int) -> list[Document]:
    groups = max(1, count // scope)
    numbers = {
        kind: random.sample(range(count), count)
        for kind in ("category", "brand", "tag")
    }
    made = []
    for number in range(count):
        price = random.choice(_PRICES)
        leaf = numbers["category"][number] % groups
        made.append(
            {
                "sku": f"P{number:06}",
                "name": f"Article {number}",
                "categories": [f"d{leaf % 12}/c{leaf}"],
                "brand": f"b{numbers['brand'][number] % groups}",
                "tags": [f"t{numbers['tag'][number] % groups}"],
                "price": _money(price),
                "floor_price": _money(price * 6 // 10)
                if random.random() < _WITH_A_FLOOR
                else None,
                "discountable": random.random() >= _NOT_DISCOUNTABLE,
            }
        )
    return made


def _basket(random: Random, catalogue: Sequence[Document]) -> list[Document]:
    lines = min(LINES, len(catalogue))
    quantities = [1] * lines
    for _ in range(UNITS - lines):
        quantities[random.randrange(lines)] += 1
    return [
        {
            "line": str(number),
            "sku": product["sku"],
            "quantity": str(quantity),
            "unit_price": product["price"],
        }
        for number, (product, quantity) in enumerate(
            zip(random.sample(catalogue, lines), quantities, strict=True), start=1
        )
    ]


def _promotion(shop: _Shop, number: int) -> Document:
    random, on = shop.random, shop.selector()
    reward, requires = _REWARDS[number % len(_REWARDS)](shop, on)
    if not requires and random.random() < _WITH_A_CONDITION:
        requires = [{"quantity": {"of": on, "at_least": 2}}]
    return {
        "code": f"promotion-{number}",
        "name": {"en": f"Promotion {number}"},
        "reward": reward,
        "requires": requires,
        "combines": random.choice(_MODES),
        "limits": {
            "per_customer": random.choice((None, None, None, 5)),
            "budget": random.choice((None, None, None, "5000.00")),
        },
    }


def _percent_off(shop: _Shop, on: Document) -> _Made:
    return {"percent_off": {"percent": shop.random.choice(_PERCENTS), "on": on}}, []


def _amount_off(shop: _Shop, on: Document) -> _Made:
    per = shop.random.choice(("unit", "basket"))
    amount = shop.random.choice(("0.20", "0.50", "1.00"))
    return {"amount_off": {"amount": amount, "on": on, "per": per}}, []


def _fixed_price(shop: _Shop, on: Document) -> _Made:
    price = shop.random.choice(("0.99", "1.99"))
    return {"fixed_price": {"price": price, "on": on}}, []


def _buy_get(shop: _Shop, on: Document) -> _Made:
    percent = shop.random.choice(("50", "100"))
    buy, get = {**on, "quantity": 2}, {**on, "quantity": 1, "percent": percent}
    return {"buy_get": {"buy": buy, "get": get}}, []


def _bundle(shop: _Shop, on: Document) -> _Made:
    other = on
    while other == on:
        other = shop.selector()
    parts = [{**on, "quantity": 1}, {**other, "quantity": 1}]
    price = shop.random.choice(("2.50", "4.00"))
    return {"bundle": {"parts": parts, "price": price}}, []


def _steps(shop: _Shop, on: Document) -> _Made:
    by = shop.random.choice(("spend", "quantity"))
    first, second = ("3.00", "8.00") if by == "spend" else (2, 4)
    steps = [
        {"at_least": first, "percent": "10"},
        {"at_least": second, "percent": "20"},
    ]
    return {"steps": {"by": by, "on": on, "steps": steps}}, []


def _free_item(shop: _Shop, on: Document) -> _Made:
    skus = on["skus"] if "skus" in on else [shop.random.choice(shop.catalogue)["sku"]]
    return (
        {"free_item": {"sku": shop.random.choice(skus), "quantity": 1}},
        [{"quantity": {"of": on, "at_least": 2}}],
    )


def _free_delivery(_shop: _Shop, on: Document) -> _Made:
    return (
        {"free_delivery": {"at_most": DELIVERY_FEE}},
        [{"spend": {"on": on, "at_least": "5.00"}}],
    )


def _points_times(_shop: _Shop, on: Document) -> _Made:
    return {"points_times": {"factor": "2", "on": on}}, []


def _points_plus(_shop: _Shop, on: Document) -> _Made:
    return (
        {"points_plus": {"points": 50}},
        [{"quantity": {"of": on, "at_least": 2}}],
    )


_REWARDS: Final[tuple[Callable[[_Shop, Document], _Made], ...]] = (
    _percent_off,
    _amount_off,
    _fixed_price,
    _buy_get,
    _bundle,
    _steps,
    _free_item,
    _free_delivery,
    _points_times,
    _points_plus,
)


def _money(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02}"
