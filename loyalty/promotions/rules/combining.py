"""The best combination of a basket: groups of claims that compete, one by one.

Claims that could hold the same units form a group. What a group saves does not depend
on the others, and rewards on the whole basket leave no less of more; so the best of
each group together are the best of all. Only thresholds after item discounts and
budgets of whole-basket rewards tie groups together: then all are searched at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from loyalty.promotions.rules.claims import Claim, Claims, selectors_of
from loyalty.promotions.rules.pieces import Mark, Piece
from loyalty.promotions.rules.search import Best, Search
from loyalty.promotions.rules.selecting import Item, matches
from loyalty.promotions.rules.settling import (
    Given,
    Ground,
    best_choice,
    delivery_total,
    give_on_delivery,
    least_after_whole,
    settle,
)

_TIES = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class _Group:
    """Claims that compete, and the items (by index) that they could hold."""

    claims: tuple[Claim, ...]
    items: tuple[int, ...]


def best_for_customer(claims: Sequence[Claim], ground: Ground, *, work: int) -> Best:
    """
    Return the best of all permitted combinations.

    Those that bear each other compete with each that stands alone. ``missed`` of the
    result is None when it is proven to be the cheapest.
    """
    sharing = [claim for claim in claims if not claim.alone]
    bests = [best_together(Claims.of(sharing), ground, work=work)]
    bests += [
        best_together(Claims.of([claim]), ground, work=work // 2)
        for claim in claims
        if claim.alone
    ]
    best = min(bests, key=lambda one: one.score)
    least = min(one.score[0] if one.missed is None else one.missed for one in bests)
    best.missed = least if least < best.score[0] else None
    return best


def best_together(claims: Claims, ground: Ground, *, work: int) -> Best:
    """Return the best combination of claims that bear each other."""
    groups = _groups(claims.on_items, ground)
    pieces: list[Piece] = []
    least = spent = 0
    for number, group in enumerate(groups):
        part = (work - spent) // (len(groups) - number)
        local = _search_group(group, claims, ground, work=part)
        spent += local.spent
        least += local.score[0] if local.missed is None else local.missed
        pieces += [
            _piece(group.items[at], ground.items, count, marks)
            for at, count, marks in local.held
        ]
    taken = {piece.at for piece in pieces}
    for at, item in enumerate(ground.items):
        if at not in taken:
            pieces.append(_piece(at, ground.items, item.count, frozenset()))
            least += item.gross if item.discountable else 0
    best = _settled(pieces, claims, ground)
    if any(claim.after_items or claim.budget is not None for claim in claims.on_whole):
        best.work, best.settled = max(0, work - spent), True
        Search(claims, ground, best).run()
        return best
    lowest = _lowest_price(least, claims, ground)
    best.missed = lowest if lowest < best.score[0] else None
    return best


def _piece(at: int, items: Sequence[Item], count: int, marks: frozenset[Mark]) -> Piece:
    item = items[at]
    return Piece(at=at, item=item, count=count, left=count * item.price, marks=marks)


def _settled(pieces: list[Piece], claims: Claims, ground: Ground) -> Best:
    """Price the combination that the groups make together."""
    held = [(piece.at, piece.count, piece.marks) for piece in pieces]
    ages = {age for _, _, marks in held for age, _ in marks}
    holding = [claim for claim in claims.on_items if claim.age in ages]
    given = settle(pieces, holding, claims, ground)
    if given is None:  # each group has been priced, so nothing can be wrong here
        message = "a combination that was priced cannot be settled"
        raise RuntimeError(message)
    best = Best(given, given.score(ground.fee))
    best.held = held
    return best


def _lowest_price(least: int, claims: Claims, ground: Ground) -> int:
    """Return the price to pay when the discountable goods cost at least so much."""
    floors = sum(i.floor * i.count for i in ground.items if i.discountable)
    goods = least_after_whole(claims.on_whole, least, max(0, least - floors))
    kept = sum(item.gross for item in ground.items if not item.discountable)
    off = Given()
    for claim in best_choice(
        claims.on_delivery, lambda chosen: delivery_total(chosen, ground.fee)
    ):
        give_on_delivery(claim, off, ground)
    return goods + kept + ground.fee - sum(off.off_delivery.values())


def _search_group(group: _Group, claims: Claims, ground: Ground, *, work: int) -> Best:
    items = tuple(ground.items[at] for at in group.items)
    local = replace(ground, items=items, fee=0)
    nothing = Given(net=sum(item.gross for item in items))
    best = Best(nothing, (nothing.net, 1, 0, ()), work=work, ties=_TIES)
    best.held = [(at, item.count, frozenset[Mark]()) for at, item in enumerate(items)]
    only = Claims(
        on_items=group.claims, on_whole=(), on_delivery=(), on_points=claims.on_points
    )
    Search(only, local, best).run()
    return best


def _groups(claims: Sequence[Claim], ground: Ground) -> list[_Group]:
    """Join claims that could hold the same items, directly or through others."""
    groups: list[tuple[set[int], list[Claim]]] = []
    for claim in claims:
        selectors = selectors_of(claim.plan)
        items = {
            at
            for at, item in enumerate(ground.items)
            if item.discountable and any(matches(on, item) for on in selectors)
        }
        if not items:
            continue
        joined = [group for group in groups if group[0] & items]
        groups = [group for group in groups if not group[0] & items]
        members = [claim]
        for other_items, other_claims in joined:
            items |= other_items
            members += other_claims
        groups.append((items, members))
    return [
        _Group(
            claims=tuple(sorted(members, key=lambda claim: claim.age)),
            items=tuple(sorted(items)),
        )
        for items, members in groups
    ]
