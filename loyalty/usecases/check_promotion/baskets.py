"""The recorded basket of which a draft, with what runs, leaves the least."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Final

from loyalty.core.money import Money
from loyalty.promotions.queries.material import Material
from loyalty.promotions.queries.samples import RecordedBasket
from loyalty.promotions.rules.backtesting import Reach, Replay, as_if_it_ran
from loyalty.promotions.rules.backtesting.replaying import Replayed
from loyalty.promotions.values import (
    Facts,
    Programme,
    Promotion,
    Strategy,
    Trigger,
)
from loyalty.promotions.values.findings import WorstBasket
from loyalty.stores.values import Programme as ShopProgramme

_WORK_LIMIT: Final = 100
"""A check needs no proof that each price is the lowest."""


def worst_basket(
    promotion: Promotion,
    running: Sequence[Promotion],
    material: Material,
    programme: ShopProgramme,
    *,
    time_is_up: Callable[[], bool],
) -> WorstBasket | None:
    """Price recorded baskets with the draft; return that with the largest share off."""
    # Nobody of the past was offered the present's personal promotions.
    others = [one for one in running if one.trigger is Trigger.AUTOMATIC]
    limits = replace(promotion.limits, total=None, budget=None)
    draft = replace(as_if_it_ran(promotion), limits=limits)
    replay = Replay(draft, others, work_limit=_WORK_LIMIT)
    terms = Programme(
        currency=programme.currency,
        time_zone=programme.time_zone,
        strategy=Strategy(programme.strategy),
    )
    worst: tuple[tuple[Fraction, int], RecordedBasket, Replayed] | None = None
    looked_at = 0
    for recorded in _concerned(draft, material):
        if time_is_up():
            break
        found = replay.try_on(recorded.basket, _facts(recorded, material), terms)
        looked_at += 1
        if found is None or not found.after.gross:
            continue
        gross = found.after.gross.amount
        # Of shares that differ by cents, that of the larger basket tells more.
        share = round(Fraction(found.after.discount.amount, gross), 2)
        if worst is None or (share, gross) > worst[0]:
            worst = ((share, gross), recorded, found)
    if worst is None:
        return None
    return _to_value(worst[1], worst[2], looked_at)


def _concerned(draft: Promotion, material: Material) -> Iterator[RecordedBasket]:
    reach = Reach(draft)
    for group in material.groups:
        for recorded in group:
            skus = (line.sku for line in recorded.basket.lines)
            if reach.concerns(skus, material.catalogue):
                yield recorded


def _facts(recorded: RecordedBasket, material: Material) -> Facts:
    customer = None
    if recorded.customer_id is not None:
        customer = material.customers.get(recorded.customer_id)
    return Facts(catalogue=material.catalogue, customer=customer)


def _to_value(recorded: RecordedBasket, found: Replayed, looked_at: int) -> WorstBasket:
    basket, after = recorded.basket, found.after
    return WorstBasket(
        store=basket.store,
        at=basket.at,
        gross=after.gross,
        paid=after.net,
        without=Money(amount=found.before.net.amount, currency=after.currency),
        promotions=tuple(applied.promotion for applied in after.applied),
        lines=tuple((line.sku, line.quantity) for line in basket.lines),
        looked_at=looked_at,
    )
