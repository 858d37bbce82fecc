"""Pricing a basket: which promotions apply, what they give, which were missed."""

from collections.abc import Mapping
from dataclasses import dataclass

from loyalty.core.errors import Invalid, Problem
from loyalty.core.money import Money
from loyalty.promotions.rules import rewards
from loyalty.promotions.rules.claims import Claim
from loyalty.promotions.rules.combining import best_for_customer
from loyalty.promotions.rules.compiling import Compiled
from loyalty.promotions.rules.eligibility import (
    NotExpected,
    Situation,
    after_item_spends,
    obstacle,
)
from loyalty.promotions.rules.in_turn import price_in_turn
from loyalty.promotions.rules.plans import Delivery, Lacking, MorePoints
from loyalty.promotions.rules.quoting import Priced, quote_of
from loyalty.promotions.rules.search import WORK_LIMIT
from loyalty.promotions.rules.settling import Ground
from loyalty.promotions.values import (
    Basket,
    Facts,
    MissedReason,
    Programme,
    Promotion,
    Quote,
    Strategy,
    Used,
)


class NotPriceable(Invalid):
    """The basket itself is wrong: no lines, a line twice, a quantity of nothing."""

    code = "basket_invalid"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Sorted:
    claims: tuple[Claim, ...]
    lacking: Mapping[int, Lacking]


def price(
    compiled: Compiled,
    basket: Basket,
    facts: Facts,
    programme: Programme,
    *,
    work_limit: int = WORK_LIMIT,
) -> Quote:
    """
    Price a basket by the programme's strategy.

    The order of lines does not matter. Beyond ``work_limit`` branches of the search
    the quote is the best found, and says what could still exist.

    :raises NotPriceable: with a problem for each line at fault
    """
    _check(basket, programme)
    situation = Situation.of(basket, facts, programme.time_zone)
    ground = _ground(situation, programme)
    found = _claims(compiled, situation)
    if programme.strategy is Strategy.PRIORITY:
        given, bound = price_in_turn(found.claims, ground), None
    else:
        best = best_for_customer(found.claims, ground, work=work_limit)
        given, bound = best.given, best.missed
    return quote_of(
        Priced(
            compiled=compiled,
            situation=situation,
            ground=ground,
            claims=found.claims,
            lacking=found.lacking,
            given=given,
            bound=bound,
        )
    )


def _ground(situation: Situation, programme: Programme) -> Ground:
    fee = situation.basket.delivery_fee
    return Ground(
        goods=situation.goods,
        fee=fee.amount if fee else 0,
        points=programme.points,
        earns=situation.facts.customer is not None,
    )


def _claims(compiled: Compiled, situation: Situation) -> _Sorted:
    claims: list[Claim] = []
    lacking: dict[int, Lacking] = {}
    for age in compiled.concerning(situation):
        promotion = compiled.promotions[age]
        reason = obstacle(promotion, situation)
        if isinstance(reason, NotExpected):
            continue
        plan = reason or rewards.plan(promotion.reward, situation.goods)
        if not isinstance(plan, Lacking) and not _relevant(plan, situation):
            continue
        if isinstance(plan, Lacking):
            lacking[age] = plan
            continue
        if isinstance(plan, MorePoints) and situation.facts.customer is None:
            lacking[age] = Lacking(reason=MissedReason.FOR_MEMBERS)
            continue
        claims.append(
            Claim(
                age=age,
                promotion=promotion,
                plan=plan,
                budget=_budget(promotion, situation),
                after_items=tuple(after_item_spends(promotion)),
            )
        )
    return _Sorted(claims=tuple(claims), lacking=lacking)


def _relevant(plan: object, situation: Situation) -> bool:
    """Test whether there is anything for it: no delivery is no missed delivery."""
    return not isinstance(plan, Delivery) or bool(situation.basket.delivery_fee)


def _budget(promotion: Promotion, situation: Situation) -> int | None:
    budget = promotion.limits.budget
    if budget is None:
        return None
    used = situation.facts.used.get(promotion.code, Used())
    return budget.amount - used.given


def _check(basket: Basket, programme: Programme) -> None:
    problems: list[Problem] = []

    def wrong(at: int, field: str, message: str) -> None:
        problems.append(Problem(pointer=f"/lines/{at}/{field}", message=message))

    if basket.at.tzinfo is None:
        problems.append(Problem(pointer="/at", message="Must have a zone."))
    if basket.currency != programme.currency:
        message = f"Must be {programme.currency} in this programme."
        problems.append(Problem(pointer="/currency", message=message))
    fee = basket.delivery_fee
    if fee is not None and not _fine(fee, basket.currency):
        message = f"Must not be negative, in {basket.currency}."
        problems.append(Problem(pointer="/delivery_fee", message=message))
    seen: set[str] = set()
    for at, line in enumerate(basket.lines):
        if line.line in seen:
            wrong(at, "line", "Must be a line of its own.")
        seen.add(line.line)
        if line.quantity <= 0:
            wrong(at, "quantity", "Must be above zero.")
        if not _fine(line.unit_price, basket.currency):
            wrong(at, "unit_price", f"Must not be negative, in {basket.currency}.")
    if problems:
        raise NotPriceable(problems)


def _fine(money: Money, currency: str) -> bool:
    return money.currency == currency and money.amount >= 0
