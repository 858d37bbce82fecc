"""The strategy ``priority``: one promotion after the other takes what it can."""

from collections.abc import Sequence
from dataclasses import replace

from loyalty.promotions.rules.claims import Claim, Claims, cut
from loyalty.promotions.rules.combining import best_together
from loyalty.promotions.rules.goods import Goods
from loyalty.promotions.rules.holdings import piece_of
from loyalty.promotions.rules.pieces import Mark, Piece
from loyalty.promotions.rules.plans import Cover, Delivery, MorePoints, Sets, Whole
from loyalty.promotions.rules.selecting import Item
from loyalty.promotions.rules.settling import (
    Given,
    Ground,
    give_on_delivery,
    give_on_items,
    give_on_whole,
    give_points,
    spends_lacking,
)
from loyalty.promotions.values import Which

_WORK = 200
"""Branches entered to find the sets with which one promotion saves most."""


def price_in_turn(claims: Sequence[Claim], ground: Ground) -> Given:
    """
    Apply claims in descending priority, equal ones by age.

    Each is computed on what the earlier ones left. One that stands alone is skipped
    after another has applied, and ends the list when it applies.
    """
    pieces = [
        piece_of(ground.goods, at, item.count)
        for at, item in enumerate(ground.goods.items)
    ]
    given = Given()
    freely = {claim.age for claim in claims if claim.freely}
    on_points: list[Claim] = []
    for claim in sorted(claims, key=lambda c: (-c.promotion.priority, c.age)):
        begun = bool(given.off_items or given.off_delivery or on_points)
        if claim.alone and begun:
            continue
        if isinstance(claim.plan, MorePoints):
            # Points are counted on what is paid in the end, so they come last.
            if not _adds_points(claim, pieces, ground):
                continue
            on_points.append(claim)
        elif not _apply(claim, pieces, given, ground, freely):
            continue
        if claim.alone:
            break
    given.net = sum(piece.left for piece in pieces)
    give_points(on_points, pieces, given, ground)
    return given


def _adds_points(claim: Claim, pieces: Sequence[Piece], ground: Ground) -> bool:
    trial = Given()
    give_points([claim], pieces, trial, ground)
    return bool(trial.points)


def _apply(
    claim: Claim, pieces: list[Piece], given: Given, ground: Ground, freely: set[int]
) -> bool:
    """Apply one claim to what is left; return False (nothing changed) if it cannot."""
    tried = [replace(piece) for piece in pieces]
    trial = Given()
    trial.off_delivery.update(given.off_delivery)
    plan = claim.plan
    if isinstance(plan, Delivery):
        give_on_delivery(claim, trial, ground)
    elif isinstance(plan, Whole):
        if not spends_lacking(claim.after_items, tried, ground):
            give_on_whole(claim, [p for p in tried if p.item.discountable], trial)
    else:
        _take(claim, tried, freely, ground)
        if give_on_items(tried, [claim], trial):
            return False
    amount = trial.amount(claim.age)
    if not amount or not claim.within_budget(amount):
        return False
    pieces[:] = tried
    given.off_items.update(trial.off_items)
    given.off_delivery.update(trial.off_delivery)
    given.times.update(trial.times)
    return True


def _take(claim: Claim, pieces: list[Piece], freely: set[int], ground: Ground) -> None:
    """Mark the units that the claim holds."""
    able = [
        piece
        for piece in pieces
        if piece.item.discountable
        and (
            not piece.marks
            or (claim.freely and all(age in freely for age, _, _ in piece.marks))
        )
    ]
    plan = claim.plan
    if isinstance(plan, Sets):
        _take_sets(claim, pieces, able)
    elif isinstance(plan, Cover):
        on = ground.goods.matching(plan.on)
        able = [piece for piece in able if piece.at in on]
        missing = sum(piece.count for piece in able)
        if plan.units is not None:
            sign = 1 if plan.units.which is Which.CHEAPEST else -1
            able.sort(key=lambda piece: (sign * piece.item.price, piece.at))
            missing = plan.units.at_most
        _mark(pieces, able, (claim.age, 0, 0), missing)


def _mark(pieces: list[Piece], able: Sequence[Piece], mark: Mark, missing: int) -> None:
    for piece in able:
        count = min(piece.count, missing)
        if count:
            part = cut(pieces, piece, count)
            part.marks |= {mark}
            missing -= count


def _take_sets(claim: Claim, pieces: list[Piece], able: Sequence[Piece]) -> None:
    """Hold the units with which the claim saves most, given what they cost by now."""
    able = [part for piece in able for part in _evenly(pieces, piece)]
    ground = Ground(
        goods=Goods(_as_left(piece) for piece in able),
        fee=0,
        points=None,
        earns=False,
    )
    best = best_together(Claims.of([claim]), ground, work=_WORK)
    for at, count, marks in best.held:
        if marks:
            part = cut(pieces, able[at], count)
            part.marks |= marks


def _evenly(pieces: list[Piece], piece: Piece) -> list[Piece]:
    """Split a piece so that units of one piece cost the same."""
    dearer = piece.left % piece.count
    if not dearer:
        return [piece]
    part = cut(pieces, piece, dearer)
    each = (part.left + piece.left) // (part.count + piece.count)
    piece.left, part.left = each * piece.count, (each + 1) * part.count
    return [part, piece]


def _as_left(piece: Piece) -> Item:
    price = piece.left // piece.count
    floor = min(price, piece.item.floor)
    return replace(piece.item, count=piece.count, price=price, floor=floor)
