"""Why a promotion that may apply gave nothing in the combination chosen."""

from collections.abc import Sequence
from dataclasses import replace

from loyalty.promotions.rules.claims import Claim, Claims
from loyalty.promotions.rules.combining import best_together
from loyalty.promotions.rules.eligibility import spend_lacking
from loyalty.promotions.rules.plans import Lacking, Whole
from loyalty.promotions.rules.selecting import matches
from loyalty.promotions.rules.settling import Given, Ground
from loyalty.promotions.values import MissedReason

_LITTLE_WORK = 500


def why_not(claim: Claim, ground: Ground, given: Given) -> Lacking:
    """Return the reason, with figures where there are some."""
    lacking = _threshold(claim, ground, given)
    if lacking is not None:
        return lacking
    if gives_something(claim, ground):
        return Lacking(reason=MissedReason.OTHER_OFFER_BETTER)
    if claim.budget is not None and gives_something(
        replace(claim, budget=None), ground
    ):
        return Lacking(reason=MissedReason.USED_UP)
    return Lacking(reason=MissedReason.NOTHING_TO_REDUCE)


def gives_something(claim: Claim, ground: Ground) -> bool:
    """Test whether the promotion would give something if it were the only one."""
    given = best_together(Claims.of([claim]), ground, work=_LITTLE_WORK).given
    return bool(given.amount(claim.age) or given.points.get(claim.age))


def _threshold(claim: Claim, ground: Ground, given: Given) -> Lacking | None:
    """Return what is missing to a spend that item discounts brought down."""
    if not isinstance(claim.plan, Whole):
        return None
    for spend in claim.after_items:
        reached = sum(
            item.gross - discount
            for item, discount in zip(
                ground.items, _discounts(ground, given), strict=True
            )
            if matches(spend.on, item)
        )
        lacking = spend_lacking(spend, reached)
        if lacking is not None:
            return lacking
    return None


def _discounts(ground: Ground, given: Given) -> Sequence[int]:
    return [
        sum(taken.get(at, 0) for taken in given.off_items.values())
        for at in range(len(ground.items))
    ]
