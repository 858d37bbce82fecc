"""
Prices for the limits: the Lagrangian dual, made as low as it will go.

The bound is convex and piecewise linear in the prices, and what a limit leaves over
is a subgradient of it. Steps have momentum and a length of their own for each price,
from the size of its last slopes (Adam: Kingma and Ba, 2015), and get shorter.

Offers that differ little are chosen by all or by none when a price moves by a hair,
so the choices at the best prices are far from the limits. The *mean* of the choices
over many rounds is not: it converges to a solution of the linear programme (Barahona
and Anbil, 2000, the volume algorithm). Each customer therefore keeps the choice of
one round, drawn evenly from the last rounds: together they are close to that mean.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from recommender.allocation.choosing import Slots
from recommender.allocation.limits import Numbers
from recommender.allocation.market import Answer, Market
from recommender.allocation.result import Prices
from recommender.allocation.table import Table

MOMENTUM = 0.9
BINDING = 1e-3
"""A price counts from this share of what a unit brings on average."""
Each = Callable[[int, int], None]
"""Is told how many rounds are done, and how many there are."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Pace:
    """
    How many rounds, how far a price moves in the first and in the last of them.

    Choices are kept from round ``mixing`` on.
    """

    rounds: int
    first: float
    last: float
    mixing: int

    def length(self, done: int) -> float:
        """Return how far a price moves in this round: a share of its scale."""
        return float(self.first * (self.last / self.first) ** (done / self.rounds))


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Scale:
    """
    All limits as one vector, and what a unit of each brings on average.

    For caps that is the mean value of the offer's candidates, for money the same
    divided by their mean cost.
    """

    limits: Numbers
    size: Numbers

    @classmethod
    def of(cls, market: Market) -> Self:
        """Return the scale of a market's limits."""
        limits, count = market.limits, len(market.limits)

        def one(table: Table) -> Numbers:
            some = table.values > 0
            offers = table.offers[some]
            columns = (np.ones(len(offers)), table.values[some], table.costs[some])
            return np.stack(
                [np.bincount(offers, weights=w, minlength=count) for w in columns]
            )

        sums = sum(market.each(one), np.zeros((3, count)))
        number, value, cost = np.append(sums, sums.sum(axis=1, keepdims=True), axis=1)
        return cls(
            limits=np.concatenate(
                (limits.caps, [limits.cap], limits.budgets, [limits.budget])
            ),
            size=np.concatenate((_quotient(value, number), _quotient(value, cost))),
        )

    def prices(self, vector: Numbers) -> Prices:
        """Return the vector, in shares of ``size``, as prices."""
        caps, money = np.split(vector * self.size, 2)
        return Prices(
            offers=caps[:-1],
            cap=float(caps[-1]),
            money=money[:-1],
            budget=float(money[-1]),
        )

    def vector(self, prices: Prices) -> Numbers:
        """Return the prices in shares of ``size``."""
        caps = np.append(prices.offers, prices.cap)
        money = np.append(prices.money, prices.budget)
        return _quotient(np.concatenate((caps, money)), self.size)

    def slope(self, answer: Answer) -> Numbers:
        """Return how the bound changes with each price: what the limit leaves over."""
        offers = np.append(answer.offers, answer.offers.sum())
        costs = np.append(answer.costs, answer.costs.sum())
        left = self.limits - np.concatenate((offers, costs))
        return np.where(np.isfinite(self.limits), left, 0) * self.size

    def binding(self, prices: Prices) -> dict[str, float]:
        """Return the share of the finite limits of each kind that cost value."""
        there = np.isfinite(self.limits)
        binds = there & (self.vector(prices) > BINDING)
        offers = len(prices.offers)
        parts = {
            "caps": np.arange(offers),
            "budgets": np.arange(offers) + offers + 1,
            "campaign": np.array([offers, -1]),
        }
        return {
            name: float(binds[part].sum() / there[part].sum())
            for name, part in parts.items()
            if there[part].any()
        }


def _quotient(above: Numbers, below: Numbers) -> Numbers:
    """Divide where there is something to divide by, else 0."""
    found: Numbers = np.divide(above, below, out=np.zeros_like(above), where=below > 0)
    return found


def settle(
    market: Market, start: Prices, pace: Pace, *, seed: int, each: Each
) -> Answer:
    """
    Lower the bound by moving the prices, from ``start``.

    Returns the lowest bound with its prices, and choices that are near the limits.
    """
    scale = Scale.of(market)
    vector = scale.vector(start)
    mean, square = np.zeros(len(vector)), np.zeros(len(vector))
    chance = np.random.default_rng(seed)
    best: Answer | None = None
    kept: list[Slots] = []
    for done in range(pace.rounds):
        answer = market.ask(scale.prices(vector))
        if best is None or answer.bound < best.bound:
            best = answer
        if done >= pace.mixing:
            kept = _mixed(kept, answer.slots, done - pace.mixing + 1, chance)
        slope = scale.slope(answer)
        mean = MOMENTUM * mean + (1 - MOMENTUM) * slope
        square = MOMENTUM * square + (1 - MOMENTUM) * slope**2
        fade = 1 - MOMENTUM ** (done + 1)
        step = _quotient(mean / fade, np.sqrt(square / fade))
        vector = np.maximum(vector - pace.length(done) * step, 0)
        each(done + 1, pace.rounds)
    return _with_choices(market, best or market.ask(start), kept)


def _mixed(
    kept: list[Slots], new: list[Slots], rounds: int, chance: np.random.Generator
) -> list[Slots]:
    """Let one of so many customers take the new choice: all rounds count the same."""
    if rounds == 1:
        return [slots.copy() for slots in new]
    for mine, others in zip(kept, new, strict=True):
        turn = chance.random(len(mine)) * rounds < 1
        mine[turn] = others[turn]
    return kept


def _with_choices(market: Market, answer: Answer, slots: list[Slots]) -> Answer:
    if not slots:
        return answer
    offers, costs = market.used(slots)
    return replace(answer, slots=slots, offers=offers, costs=costs)
