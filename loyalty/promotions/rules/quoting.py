"""The quote: what was given as lines, applications, points and missed offers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from loyalty.core.money import Money
from loyalty.promotions.rules.claims import Claim
from loyalty.promotions.rules.compiling import Compiled
from loyalty.promotions.rules.eligibility import (
    Situation,
    after_item_spends,
    code_for,
    code_problem,
)
from loyalty.promotions.rules.plans import Lacking
from loyalty.promotions.rules.settling import (
    Given,
    Ground,
    spends_lacking,
)
from loyalty.promotions.rules.why_not import pieces_left, why_not
from loyalty.promotions.values import (
    Applied,
    DeliveryPrice,
    LineApplication,
    Missed,
    MissedReason,
    PointsEarned,
    Quote,
    QuoteLine,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Priced:
    """Everything that a quote is written from."""

    compiled: Compiled
    situation: Situation
    ground: Ground
    claims: tuple[Claim, ...]
    lacking: Mapping[int, Lacking]
    given: Given
    bound: int | None

    def money(self, amount: int) -> Money:
        """Return minor units as money of the basket."""
        return Money(amount=amount, currency=self.situation.basket.currency)


def quote_of(priced: Priced) -> Quote:
    """Return the quote."""
    given, money = priced.given, priced.money
    gross = sum(item.gross for item in priced.ground.goods.items)
    fee = priced.ground.fee
    off_delivery = sum(given.off_delivery.values())
    points = tuple(_points(priced))
    return Quote(
        currency=priced.situation.basket.currency,
        gross=money(gross),
        discount=money(gross - given.net),
        net=money(given.net),
        delivery=DeliveryPrice(
            gross=money(fee),
            discount=money(off_delivery),
            net=money(fee - off_delivery),
        ),
        lines=_lines(priced),
        applied=tuple(_applied(priced)),
        missed=tuple(_missed(priced)),
        points_earned=sum(earned.points for earned in points),
        points=points,
        unknown_skus=tuple(
            sorted({i.line.sku for i in priced.ground.goods.items if i.product is None})
        ),
        bound=None if priced.bound is None else money(priced.bound),
    )


def _lines(priced: Priced) -> tuple[QuoteLine, ...]:
    """Return the lines in the basket's own order."""
    taken: dict[int, dict[int, int]] = {}
    for age, amounts in sorted(priced.given.off_items.items()):
        for at, amount in amounts.items():
            if amount:
                taken.setdefault(at, {})[age] = amount
    nothing = priced.money(0)
    lines: dict[str, QuoteLine] = {}
    for at, item in enumerate(priced.ground.goods.items):
        gross, off = priced.money(item.gross), taken.get(at)
        discount = priced.money(sum(off.values())) if off else nothing
        lines[item.line.line] = QuoteLine(
            line=item.line.line,
            gross=gross,
            discount=discount,
            net=gross - discount if off else gross,
            applications=_applications(priced, off) if off else (),
        )
    return tuple(lines[line.line] for line in priced.situation.basket.lines)


def _applications(
    priced: Priced, off: Mapping[int, int]
) -> tuple[LineApplication, ...]:
    promotions = priced.compiled.promotions
    return tuple(
        LineApplication(promotion=promotions[age].code, amount=priced.money(amount))
        for age, amount in off.items()
    )


def _applied(priced: Priced) -> Iterator[Applied]:
    given = priced.given
    for claim in sorted(priced.claims, key=lambda claim: claim.age):
        amount, points = given.amount(claim.age), given.points.get(claim.age, 0)
        if amount or points:
            yield Applied(
                promotion=claim.promotion.code,
                name=claim.promotion.name,
                amount=priced.money(amount),
                points=points,
                times=given.times.get(claim.age, 1),
                code=code_for(claim.promotion, priced.situation),
            )


def _points(priced: Priced) -> Iterator[PointsEarned]:
    given = priced.given
    if given.base_points:
        yield PointsEarned(promotion=None, points=given.base_points)
    for age, points in sorted(given.points.items()):
        code = priced.compiled.promotions[age].code
        yield PointsEarned(promotion=code, points=points)


def _missed(priced: Priced) -> Iterator[Missed]:
    situation, given = priced.situation, priced.given
    for text in dict.fromkeys(situation.basket.codes):
        code = situation.facts.codes.get(text)
        problem = code_problem(code, situation)
        if problem is not None:
            yield Missed(
                promotion=code.promotion if code else None,
                reason=problem,
                code=text,
                retry_after=code.retry_after if code else None,
            )
    lacking = {
        age: _as_spent(priced, age, lack) for age, lack in priced.lacking.items()
    }
    for claim in priced.claims:
        if not given.amount(claim.age) and not given.points.get(claim.age):
            lacking[claim.age] = why_not(claim, priced.ground, given)
    for age, lack in sorted(lacking.items()):
        promotion = priced.compiled.promotions[age]
        yield Missed(
            promotion=promotion.code,
            reason=lack.reason,
            name=promotion.name,
            short_by=lack.short_by,
            missing=lack.missing,
            of=lack.of,
            reward=promotion.reward,
        )


def _as_spent(priced: Priced, age: int, lack: Lacking) -> Lacking:
    """Measure a spend after item discounts on what is left after them."""
    spends = after_item_spends(priced.compiled.promotions[age])
    if lack.reason is not MissedReason.SPEND_SHORT or not spends:
        return lack
    left = pieces_left(priced.ground, priced.given)
    return spends_lacking(spends, left, priced.ground) or lack
