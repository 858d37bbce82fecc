"""Pricing a part of a window: the work that processes share."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple

from loyalty.core.periods import business_day
from loyalty.promotions.rules.backtesting.replaying import (
    Replay,
    Replayed,
    basket_of,
    facts_about,
    to_pay,
)
from loyalty.promotions.rules.backtesting.uses import Uses
from loyalty.promotions.values import Applied, CatalogueFacts, CustomerFacts, Quote
from loyalty.promotions.values.backtests import Bought, Effect, Scene


class Task:
    """A scene that is compiled once in each process, however often it is sent."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.key = sha256(repr(scene).encode()).digest()

    def __hash__(self) -> int:
        """Return the same for the same scene."""
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        """Test whether it is the same scene."""
        return isinstance(other, Task) and other.key == self.key


class Part(NamedTuple):
    """All that some customers bought in a window, and the facts to price it."""

    baskets: tuple[Bought, ...]
    products: CatalogueFacts
    customers: Mapping[int, CustomerFacts]
    uses: Uses
    """As they stood before the window."""


class Priced(NamedTuple):
    """A purchase that the draft applies to, or that its budget kept from it."""

    purchase: int
    effect: Effect | None
    refused: bool
    """Whether more would have been given, had the budget covered it."""


def price_part(task: Task, part: Part) -> list[Priced]:
    """
    Price baskets in the order of time; return those that the draft matters to.

    The limits of each customer are exact. The total and the budget are those of
    the window's beginning: what is used meanwhile is for the caller to see to.
    """
    pricer = pricer_of(task)
    own = part.uses.of(part.customers)
    total, given = own.total, own.given
    found = []
    for bought in part.baskets:
        priced = pricer.price(bought, part.products, part.customers, own)
        if priced.effect is not None:
            own.note(priced.effect)
            own.total, own.given = total, given
        if priced.effect is not None or priced.refused:
            found.append(priced)
    return found


class Pricer:
    """Prices recorded purchases of one scene."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._limited = Replay(scene.draft, scene.others)
        limits = replace(scene.draft.limits, total=None, budget=None)
        self._unlimited = Replay(replace(scene.draft, limits=limits), scene.others)

    def price(
        self,
        bought: Bought,
        products: CatalogueFacts,
        customers: Mapping[int, CustomerFacts],
        uses: Uses,
    ) -> Priced:
        """Return what the draft does to a purchase."""
        if uses.is_used_up:
            return Priced(bought.id, None, refused=False)
        scene = self._scene
        programme = scene.programmes[bought.store]
        day = business_day(bought.at, programme.time_zone)
        customer = None if bought.customer is None else customers.get(bought.customer)
        used = uses.so_far(bought.customer, day)
        facts = facts_about(customer, products, scene.draft, used)
        basket = basket_of(bought)
        # Without the budget the search is shorter, and what is best then is best
        # with any budget that covers it.
        found = self._unlimited.try_on(basket, facts, programme)
        refused = found is not None and not uses.leaves(self._given(found))
        if refused:
            found = self._limited.try_on(basket, facts, programme)
        effect = None if found is None else self._effect(bought, found, products, day)
        return Priced(bought.id, effect, refused)

    def _given(self, found: Replayed) -> int:
        return self._mine(found).amount.amount

    def _mine(self, found: Replayed) -> Applied:
        code = self._scene.draft.code
        return next(one for one in found.after.applied if one.promotion == code)

    def _effect(
        self, bought: Bought, found: Replayed, products: CatalogueFacts, day: date
    ) -> Effect:
        before, after, cost = _known(found, bought, products)
        return Effect(
            purchase=bought.id,
            at=bought.at,
            day=day,
            store=bought.store,
            customer=bought.customer,
            given=self._given(found),
            cost=found.cost,
            points=found.after.points_earned - found.before.points_earned,
            times=self._mine(found).times,
            before=to_pay(found.before),
            known_before=before,
            known_after=after,
            known_cost=cost,
            proven=found.after.optimal and found.before.optimal,
        )


@lru_cache(maxsize=2)
def pricer_of(task: Task) -> Pricer:
    """Return the task's pricer, made once in this process."""
    return Pricer(task.scene)


def _known(
    found: Replayed, bought: Bought, products: CatalogueFacts
) -> tuple[int, int, int]:
    """Return what lines of known cost bring without and with it, and their cost."""
    before = after = cost = 0
    for at, sku in enumerate(bought.skus):
        product = products.get(sku)
        if product is None or product.cost is None:
            continue
        before += _net(found.before, at)
        after += _net(found.after, at)
        # Half a minor unit up, as everywhere.
        cost += (product.cost.amount * bought.thousandths[at] + 500) // 1_000
    return before, after, cost


def _net(quote: Quote, at: int) -> int:
    return quote.lines[at].net.amount
