"""The best combination of a basket: groups of claims that compete, one by one.

Claims that could hold the same units form a group. What a group saves does not depend
on the others, and rewards on the whole basket leave no less of more; so the best of
each group together are the best of all. Only thresholds after item discounts and
budgets of whole-basket rewards tie groups together: then all are searched at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from loyalty.promotions.rules.amounts import saved_alone
from loyalty.promotions.rules.bounds import worth_of
from loyalty.promotions.rules.claims import (
    FREE,
    Claim,
    Claims,
    selectors_of,
    unit_classes,
)
from loyalty.promotions.rules.holdings import piece_of
from loyalty.promotions.rules.pieces import Piece
from loyalty.promotions.rules.plans import WHOLE_PERCENTAGE, Cover, Sets
from loyalty.promotions.rules.search import Best, Search
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

_FEW = 6
"""Up to so many item claims ties with whole-basket rewards are looked at."""


_MANY = 12
"""Up to so many item claims fewer applications are looked for when work ran out."""


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
    price = bests[0].score[0]
    bests += [
        best_together(Claims.of([claim]), ground, work=work // 2)
        for claim in claims
        if claim.alone and _least_alone(claim, ground) <= price
    ]
    best = min(bests, key=lambda one: one.score)
    least = min(one.score[0] if one.missed is None else one.missed for one in bests)
    best.missed = least if least < best.score[0] else None
    return best


def _least_alone(claim: Claim, ground: Ground) -> int:
    """Return a price below which a claim that stands alone cannot lead, quickly."""
    plan, goods = claim.plan, ground.goods
    if isinstance(plan, Cover):
        most = saved_alone(plan, goods)
    elif isinstance(plan, Sets):
        worth = worth_of(claim, unit_classes(goods, Claims.of([claim]), goods.all))
        most = -(-(worth.total + worth.slack) // WHOLE_PERCENTAGE)
    else:
        return 0
    return goods.gross + ground.fee - most


def best_together(claims: Claims, ground: Ground, *, work: int) -> Best:
    """Return the best combination of claims that bear each other."""
    items = ground.goods.items
    pieces: list[Piece] = []
    least = spent = 0
    groups = _groups(claims.on_items, ground)
    for number, group in enumerate(groups):
        part = (work - spent) // (len(groups) - number)
        local = _search_group(group, claims, ground, work=part)
        spent += local.spent
        least += local.score[0] if local.missed is None else local.missed
        pieces += [
            piece_of(ground.goods, at, count, marks) for at, count, marks in local.held
        ]
    taken = {piece.at for piece in pieces}
    for at, item in enumerate(items):
        if at not in taken:
            pieces.append(piece_of(ground.goods, at, item.count))
            least += item.gross if item.discountable else 0
    best = _settled(pieces, claims, ground)
    if _tied(claims):
        best.work, best.settled = max(0, work - spent), True
        Search(claims, ground, best, ground.goods.all).run()
        _simplify(best, claims, ground, ground.goods.all)
        return best
    lowest = _lowest_price(least, claims, ground)
    best.missed = lowest if lowest < best.score[0] else None
    return best


def _tied(claims: Claims) -> bool:
    """
    Test whether what is best for each group need not be best for all.

    Thresholds after item discounts and budgets tie groups to what follows them. So do
    ties in the price, where leaving out an item reward costs nothing in the end; they
    are looked at where there are few claims.
    """
    following = (*claims.on_whole, *claims.on_delivery)
    if any(claim.after_items for claim in following):
        return True
    if any(claim.budget is not None for claim in claims.on_whole):
        return True
    return bool(claims.on_whole) and len(claims.on_items) <= _FEW


def _settled(pieces: list[Piece], claims: Claims, ground: Ground) -> Best:
    """Price the combination that the groups make together."""
    held = [(piece.at, piece.count, piece.marks) for piece in pieces]
    ages = {age for _, _, marks in held for age, _, _ in marks}
    holding = [claim for claim in claims.on_items if claim.age in ages]
    given = settle(pieces, holding, claims, ground)
    if isinstance(given, list):  # each group has been priced, so nothing can be wrong
        message = "a combination that was priced cannot be settled"
        raise RuntimeError(message)  # noqa: TRY004 - a bug, whatever its type
    best = Best(given, given.score(ground.fee))
    best.held = held
    return best


def _lowest_price(least: int, claims: Claims, ground: Ground) -> int:
    """Return the price to pay when the discountable goods cost at least so much."""
    items = ground.goods.items
    floors = sum(item.floor * item.count for item in items if item.discountable)
    goods = least_after_whole(claims.on_whole, least, max(0, least - floors))
    kept = sum(item.gross for item in items if not item.discountable)
    off = Given()
    for claim in best_choice(
        claims.on_delivery, lambda chosen: delivery_total(chosen, ground.fee)
    ):
        give_on_delivery(claim, off, ground)
    return goods + kept + ground.fee - sum(off.off_delivery.values())


def _search_group(group: _Group, claims: Claims, ground: Ground, *, work: int) -> Best:
    goods = ground.goods
    local = replace(ground, fee=0)
    nothing = Given(net=sum(goods.items[at].gross for at in group.items))
    best = Best(nothing, (nothing.net, 1, 0, ()), work=work, ties=_TIES)
    best.held = [(at, goods.items[at].count, FREE) for at in group.items]
    if len(group.claims) == 1 and _covers_all(group.claims[0], best, ground):
        return best
    only = Claims(
        on_items=group.claims, on_whole=(), on_delivery=(), on_points=claims.on_points
    )
    Search(only, local, best, group.items).run()
    _simplify(best, only, local, group.items)
    return best


def _simplify(
    best: Best, claims: Claims, ground: Ground, within: Sequence[int]
) -> None:
    """
    Look for fewer applications at the same price, where not all could be tried.

    No claim is tried, every one by itself and, where there are few, with each other
    one; and every one that applies is left out.
    """
    exhausted = best.ties <= 0 or best.spent >= best.work
    if not exhausted or len(claims.on_items) > _MANY:
        return
    missed, score = best.missed, None
    while score != best.score:
        score = best.score
        applied = {mark[0] for _, _, marks in best.held for mark in marks}
        ages = [claim.age for claim in claims.on_items]
        fewer = [set[int](), *({age} for age in ages)]
        fewer += [applied - {age} for age in sorted(applied)]
        if len(ages) <= _FEW:
            fewer += [{*pair} for pair in combinations(ages, 2)]
        for some in fewer:
            chosen = tuple(claim for claim in claims.on_items if claim.age in some)
            best.work, best.ties = best.spent + _TIES, _TIES
            Search(replace(claims, on_items=chosen), ground, best, within).run()
    best.missed = missed


def _covers_all(claim: Claim, best: Best, ground: Ground) -> bool:
    """Let a claim without rivals hold all that it matches, if that is what it does."""
    plan = claim.plan
    if not isinstance(plan, Cover) or plan.units is not None:
        return False
    saving = saved_alone(plan, ground.goods)
    if saving and claim.within_budget(saving):
        held = frozenset({(claim.age, 0, 0)})
        best.held = [(at, count, held) for at, count, _ in best.held]
        best.score = (best.score[0] - saving, 0, 1, (claim.age,))
    return True


def _groups(claims: Sequence[Claim], ground: Ground) -> list[_Group]:
    """Join claims that could hold the same items, directly or through others."""
    groups: list[tuple[set[int], list[Claim]]] = []
    for claim in claims:
        items = {
            at for on in selectors_of(claim.plan) for at in ground.goods.usable(on)
        }
        if not items:
            continue
        joined = [group for group in groups if not group[0].isdisjoint(items)]
        if joined:
            groups = [group for group in groups if group[0].isdisjoint(items)]
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
