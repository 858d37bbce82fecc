"""Random small baskets with overlapping promotions, as cases."""

from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Any

from tests.oracle.reading import DIGITS, Document
from tests.oracle.rewards import REWARDS, Drawn

MODES = ("freely", "not_on_same_units", "alone")
FLOORS = ("none", "some", "tight")
STRATEGIES = ("best_for_customer", "priority")
SKUS = ("A", "B", "C", "D")
_PRODUCTS: dict[str, Document] = {
    "A": {"categories": ["food/bread"], "brand": "Nova"},
    "B": {"categories": ["food/tea"], "tags": ["bio"]},
    "C": {"categories": ["drinks"], "brand": "Nova"},
    "D": {"categories": ["drinks"], "tags": ["bio"]},
}


@dataclass(frozen=True)
class Focus:
    """What a basket is meant to try: one reward, its mode, and the kind of floors."""

    reward: str
    mode: str
    floors: str
    strategy: str = "best_for_customer"


ALL_FOCUSES = [
    Focus(reward, mode, floors)
    for reward in REWARDS
    for mode in MODES
    for floors in FLOORS
]


def situation(random: Random, focus: Focus) -> dict[str, Any]:
    """Return a case with at least one promotion as the focus says."""
    currency = random.choice(["EUR", "EUR", "EUR", "JPY", "KWD"])
    drawn = Drawn(random, DIGITS[currency])
    in_turn = focus.strategy == "priority"
    kinds = [(focus.reward, focus.mode)]
    for _ in range(random.choice([0, 1, 2, 2, 3, 3, 4])):
        mode = random.choice([*MODES[:2], *MODES[:2], "alone"])
        kinds.append((random.choice(list(REWARDS)), mode))
    random.shuffle(kinds)
    promotions = [
        promotion(drawn, age, kind, mode, in_turn=in_turn)
        for age, (kind, mode) in enumerate(kinds)
    ]
    sharing = sum(mode == "freely" for _, mode in kinds) > 1
    most = 4 if sum(mode == "freely" for _, mode in kinds) > 2 else 6
    lines, catalogue = _goods(drawn, focus.floors, most, single=sharing or in_turn)
    fee = drawn.money(100, 700) if random.random() < 0.4 else None
    if focus.reward == "free_delivery":
        fee = fee or drawn.money(100, 700)
    return {
        "case": "drawn",
        "programme": {
            "currency": currency,
            "strategy": focus.strategy,
            "points": {"points": random.choice([1, 3]), "per": drawn.text(10)},
        },
        "catalogue": catalogue,
        "promotions": promotions,
        "used": {
            one["code"]: {"total": random.choice([3, 3, 4]), "given": drawn.text(20)}
            for one in promotions
        },
        "customer": {} if "points" in focus.reward or random.random() < 0.6 else None,
        "basket": {
            "at": "2026-11-20T12:00:00+01:00",
            "delivery_fee": fee,
            "lines": lines,
        },
    }


def large(
    random: Random, *, lines: int, promotions: int, strategy: str
) -> dict[str, Any]:
    """Return a case that is too large for the oracle."""
    drawn = Drawn(random, DIGITS["EUR"])
    goods: list[dict[str, Any]] = []
    while len(goods) < lines:
        more, catalogue = _goods(drawn, "some", 6, single=False)
        goods += more
    return {
        "case": "drawn",
        "programme": {
            "currency": "EUR",
            "strategy": strategy,
            "points": {"points": 1, "per": "1.00"},
        },
        "catalogue": catalogue,
        "promotions": [
            promotion(
                drawn,
                age,
                random.choice(list(REWARDS)),
                random.choice([*MODES[:2], *MODES[:2], "alone"]),
                in_turn=strategy == "priority",
            )
            for age in range(promotions)
        ],
        "customer": {},
        "basket": {
            "at": "2026-11-20T12:00:00+01:00",
            "delivery_fee": drawn.money(0, 700),
            "lines": [
                {**line, "line": str(at)} for at, line in enumerate(goods[:lines])
            ],
        },
    }


def promotion(
    drawn: Drawn, age: int, kind: str, mode: str, *, in_turn: bool
) -> dict[str, Any]:
    random = drawn.random
    reward = REWARDS[kind](drawn)
    if in_turn and mode == "freely":
        # The contract does not say which units "the cheapest" of shared ones are.
        reward.pop("units", None)
    whole = reward.get("on") == {"all": True} and not reward.get("units")
    whole = whole and kind in ("percent_off", "steps", "amount_off")
    whole = whole and reward.get("per") != "unit"
    requires = [_requirement(drawn)] if random.random() < 0.2 else []
    if whole and not in_turn and random.random() < 0.3:
        spend = {
            "on": drawn.selector(),
            "at_least": drawn.money(100, 900),
            "counting": "after_item_discounts",
        }
        requires.append({"spend": spend})
    return {
        "code": f"p{age}",
        "name": {"en": "P"},
        "requires": requires,
        "reward": {kind: reward},
        "limits": {
            "per_purchase": random.choice([None, None, 1, 2]),
            "total": random.choice([None, None, None, 4]),
            "budget": drawn.money(30, 300) if random.random() < 0.2 else None,
        },
        "combines": mode,
        "priority": random.choice([0, 0, 1, 2]) if in_turn else 0,
    }


def _requirement(drawn: Drawn) -> Document:
    if drawn.random.random() < 0.5:
        least = drawn.random.randint(1, 4)
        return {"quantity": {"of": drawn.selector(), "at_least": least}}
    return {"spend": {"on": drawn.selector(), "at_least": drawn.money(50, 800)}}


def _goods(
    drawn: Drawn, floors: str, most: int, *, single: bool
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    random = drawn.random
    alike = random.random() < 0.3
    prices = {
        sku: random.choice([100, 200, 300]) if alike else random.randint(1, 400)
        for sku in SKUS
    }
    weighed = random.choice(SKUS) if random.random() < 0.15 else None
    lines: list[dict[str, Any]] = []
    units = 0
    while units < most and len(lines) < 6 and (not lines or random.random() < 0.85):
        sku = random.choice(SKUS)
        count = 1 if single else random.randint(1, min(3, most - units))
        quantity = str(count)
        if sku == weighed:
            count, quantity = 1, random.choice(["0.350", "1.204", "2"])
        units += count
        lines.append(
            {
                "line": str(len(lines) + 1),
                "sku": sku,
                "quantity": quantity,
                "unit_price": drawn.text(prices[sku]),
            }
        )
    catalogue = [
        {
            "sku": sku,
            **_PRODUCTS[sku],
            "floor_price": drawn.text(floor) if floor else None,
            "discountable": random.random() >= 0.07,
            "weighed": sku == weighed,
        }
        for sku in SKUS
        for floor in [_floor(random, floors, prices[sku])]
    ]
    return lines, catalogue


def _floor(random: Random, floors: str, price: int) -> int:
    if floors == "none" or (floors == "some" and random.random() < 0.6):
        return 0
    share = random.choice([20, 50, 80]) if floors == "some" else random.randint(75, 105)
    return int(Decimal(price) * share / 100)
