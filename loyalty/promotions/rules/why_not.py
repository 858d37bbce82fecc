"""Why a promotion that may apply gave nothing in the combination chosen."""

from dataclasses import replace

from loyalty.promotions.rules.amounts import saved_alone
from loyalty.promotions.rules.claims import Claim, Claims
from loyalty.promotions.rules.combining import best_together
from loyalty.promotions.rules.goods import Goods
from loyalty.promotions.rules.holdings import piece_of
from loyalty.promotions.rules.pieces import Piece
from loyalty.promotions.rules.plans import (
    WHOLE_PERCENTAGE,
    Cover,
    Lacking,
    Percentage,
    Sets,
)
from loyalty.promotions.rules.settling import Given, Ground, spends_lacking
from loyalty.promotions.values import MissedReason

_LITTLE_WORK = 500


def why_not(claim: Claim, ground: Ground, given: Given) -> Lacking:
    """Return the reason, with figures where there are some."""
    if claim.after_items:
        lacking = spends_lacking(claim.after_items, pieces_left(ground, given), ground)
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
    plan, goods = claim.plan, ground.goods
    if isinstance(plan, Cover) and plan.units is None:
        saving = saved_alone(plan, goods)
        return bool(saving) and claim.within_budget(saving)
    if isinstance(plan, Sets) and claim.budget is None and _surely(plan, goods):
        return True
    given = best_together(Claims.of([claim]), ground, work=_LITTLE_WORK).given
    return bool(given.amount(claim.age) or given.points.get(claim.age))


def _surely(plan: Sets, goods: Goods) -> bool:
    """Test whether some set saves something, where that can be seen at once."""
    places = [goods.usable(role.of) for role in plan.roles]
    if not isinstance(plan.saving, Percentage) or not plan.saving.basis_points:
        return False
    one_pool = all(own == places[0] for own in places)
    apart = sum(len(own) for own in places) == len({at for own in places for at in own})
    return (one_pool or apart) and all(
        goods.items[at].room * plan.saving.basis_points >= WHOLE_PERCENTAGE
        for own in places
        for at in own
    )


def pieces_left(ground: Ground, given: Given) -> list[Piece]:
    """Return what each line still costs after item rewards."""
    pieces = []
    for at, item in enumerate(ground.goods.items):
        piece = piece_of(ground.goods, at, item.count)
        piece.left -= sum(
            taken.get(at, 0)
            for age, taken in given.off_items.items()
            if age not in given.on_whole
        )
        pieces.append(piece)
    return pieces
