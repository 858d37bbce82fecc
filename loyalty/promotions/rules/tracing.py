"""What became of each promotion that could concern a basket, for explanations."""

from dataclasses import dataclass
from enum import StrEnum

from loyalty.promotions.rules import rewards
from loyalty.promotions.rules.compiling import Compiled
from loyalty.promotions.rules.eligibility import NotExpected, Situation, obstacle
from loyalty.promotions.rules.plans import (
    Cover,
    Delivery,
    Lacking,
    MorePoints,
    Plan,
    Sets,
    Whole,
)
from loyalty.promotions.values import Basket, Facts, Programme, Promotion


class Shape(StrEnum):
    """What a reward takes something off, in the order in which that is done."""

    UNITS = "units"
    SETS = "sets"
    BASKET = "basket"
    DELIVERY = "delivery"
    POINTS = "points"


@dataclass(frozen=True, kw_only=True, slots=True)
class Considered:
    """
    One promotion as it stood before the search.

    ``lacking`` is the first obstacle; without one, and ``expected``, it could apply.
    """

    promotion: Promotion
    expected: bool
    lacking: Lacking | None
    shape: Shape | None


def consider(
    compiled: Compiled, basket: Basket, facts: Facts, programme: Programme
) -> tuple[Considered, ...]:
    """Judge all promotions that touch the basket, the oldest first."""
    situation = Situation.of(basket, facts, programme.time_zone)
    return tuple(
        _consider(compiled.promotions[age], situation)
        for age in compiled.concerning(situation)
    )


def _consider(promotion: Promotion, situation: Situation) -> Considered:
    reason = obstacle(promotion, situation)
    expected = not isinstance(reason, NotExpected)
    plan = reason or rewards.plan(promotion.reward, situation.goods)
    return Considered(
        promotion=promotion,
        expected=expected,
        lacking=plan if isinstance(plan, Lacking) else None,
        shape=None if isinstance(plan, Lacking | NotExpected) else _shape(plan),
    )


def _shape(plan: Plan) -> Shape:
    shapes: dict[type[Plan], Shape] = {
        Cover: Shape.UNITS,
        Sets: Shape.SETS,
        Whole: Shape.BASKET,
        Delivery: Shape.DELIVERY,
        MorePoints: Shape.POINTS,
    }
    return shapes[type(plan)]
