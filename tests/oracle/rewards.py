"""Random rewards, one function each."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from tests.oracle.reading import Document

_SELECTORS: list[Document] = [
    {"all": True},
    {"all": True},
    {"skus": ["A"]},
    {"skus": ["B"]},
    {"skus": ["A", "B"]},
    {"skus": ["B", "C", "D"]},
    {"categories": ["food"]},
    {"categories": ["food/tea", "drinks"]},
    {"brands": ["Nova"]},
    {"tags": ["bio"]},
    {"all": True, "except": {"skus": ["C"]}},
]


@dataclass(frozen=True)
class Drawn:
    """Draws the parts of documents in a currency of so many decimals."""

    random: Random
    digits: int

    def text(self, amount: int) -> str:
        if not self.digits:
            return str(amount)
        padded = str(amount).rjust(self.digits + 1, "0")
        return f"{padded[: -self.digits]}.{padded[-self.digits :]}"

    def money(self, least: int, most: int) -> str:
        return self.text(self.random.randint(least, most))

    def percent(self) -> str:
        return self.random.choice(["7", "10", "12.5", "33", "50", "66.67", "100"])

    def selector(self) -> dict[str, Any]:
        if self.random.random() < 0.1:
            return {"unit_price": {"at_least": self.text(150)}}
        return dict(self.random.choice(_SELECTORS))

    def units(self) -> Document | None:
        if self.random.random() < 0.6:
            return None
        which = self.random.choice(["cheapest", "dearest"])
        return {"at_most": self.random.randint(1, 3), "which": which}

    def counted(self, most: int) -> dict[str, Any]:
        return {**self.selector(), "quantity": self.random.randint(1, most)}


def percent_off(drawn: Drawn) -> dict[str, Any]:
    most = drawn.money(10, 250) if drawn.random.random() < 0.3 else None
    return {
        "percent": drawn.percent(),
        "on": drawn.selector(),
        "units": drawn.units(),
        "at_most": most,
    }


def amount_off(drawn: Drawn) -> dict[str, Any]:
    return {
        "amount": drawn.money(1, 250),
        "on": drawn.selector(),
        "per": drawn.random.choice(["unit", "basket"]),
        "units": drawn.units(),
    }


def fixed_price(drawn: Drawn) -> dict[str, Any]:
    return {
        "price": drawn.money(0, 250),
        "on": drawn.selector(),
        "units": drawn.units(),
    }


def buy_get(drawn: Drawn) -> dict[str, Any]:
    buy, get = drawn.counted(2), drawn.counted(2)
    if drawn.random.random() < 0.5:
        get = {**buy, "quantity": get["quantity"]}
    return {"buy": buy, "get": {**get, "percent": drawn.percent()}}


def bundle(drawn: Drawn) -> dict[str, Any]:
    parts = [drawn.counted(2), drawn.counted(1)]
    if parts[0] == parts[1]:
        parts.pop()
    return {"parts": parts, "price": drawn.money(0, 600)}


def steps(drawn: Drawn) -> dict[str, Any]:
    by = drawn.random.choice(["spend", "quantity"])
    levels = [
        (1, 3),
        (2, 4),
        (1, 2),
    ][drawn.random.randrange(3)]
    amounts = sorted(drawn.random.sample(range(1, 300), 2))
    kind = drawn.random.choice(["percent", "amount", "both"])
    first: Document = {"percent": drawn.percent()}
    second: Document = {"amount": drawn.text(amounts[1])}
    if kind == "percent":
        second = {"percent": drawn.percent()}
    elif kind == "amount":
        first = {"amount": drawn.text(amounts[0])}
    return {
        "by": by,
        "on": drawn.selector(),
        "steps": [
            {"at_least": drawn.text(level * 170) if by == "spend" else level, **step}
            for level, step in zip(levels, (first, second), strict=True)
        ],
    }


def free_item(drawn: Drawn) -> dict[str, Any]:
    return {
        "sku": drawn.random.choice("ABCD"),
        "quantity": drawn.random.randint(1, 2),
    }


def free_delivery(drawn: Drawn) -> dict[str, Any]:
    return {"at_most": drawn.random.choice([None, drawn.money(50, 500)])}


def points_times(drawn: Drawn) -> dict[str, Any]:
    factor = drawn.random.choice(["2", "1.5", "3"])
    return {"factor": factor, "on": drawn.selector()}


def points_plus(drawn: Drawn) -> dict[str, Any]:
    return {"points": drawn.random.randint(1, 30)}


REWARDS: dict[str, Callable[[Drawn], dict[str, Any]]] = {
    function.__name__: function
    for function in (
        percent_off,
        amount_off,
        fixed_price,
        buy_get,
        bundle,
        steps,
        free_item,
        free_delivery,
        points_times,
        points_plus,
    )
}
