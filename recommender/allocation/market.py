"""What customers would choose at given prices, and the bound that this proves."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from recommender.allocation.candidates import GRAIN
from recommender.allocation.choosing import Slots, Worth, at, choose, total_of
from recommender.allocation.limits import Limits, Numbers
from recommender.allocation.result import Prices
from recommender.allocation.table import Table

Result = TypeVar("Result")


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Answer:
    """
    What customers would choose at some prices.

    ``bound``: no allocation within the limits is worth more. ``slots`` go with the
    tables; ``offers`` and ``costs`` (offers,) are what would be used.
    """

    prices: Prices
    bound: float
    slots: list[Slots]
    offers: Numbers
    costs: Numbers


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Market:
    """Tables of customers, and what they share."""

    tables: Sequence[Table]
    limits: Limits
    threads: int = 1

    def ask(self, prices: Prices, *, exactly: bool = False) -> Answer:
        """
        Return what each customer would choose at these prices, and the bound.

        Weak duality: an allocation within the limits is worth at most its value plus
        prices times what it leaves over, that is, at most prices times limits plus
        the sum of each customer's best choice of values less prices.

        :param exactly: compute in double precision throughout
        """

        def one(table: Table) -> tuple[Slots, float, Numbers, Numbers]:
            slots, total = choose(table, worth_at(table, prices, exactly=exactly))
            return slots, float(total.sum(dtype=np.float64)), *self._used(table, slots)

        answers = self.each(one)
        return Answer(
            prices=prices,
            bound=sum(answer[1] for answer in answers) + self._paid(prices),
            slots=[answer[0] for answer in answers],
            offers=sum((answer[2] for answer in answers), np.zeros(len(self.limits))),
            costs=sum((answer[3] for answer in answers), np.zeros(len(self.limits))),
        )

    def used(self, slots: Sequence[Slots]) -> tuple[Numbers, Numbers]:
        """Return how many customers have each offer, and what that costs (offers,)."""
        offers, costs = np.zeros(len(self.limits)), np.zeros(len(self.limits))
        for table, mine in zip(self.tables, slots, strict=True):
            more, money = self._used(table, mine)
            offers += more
            costs += money
        return offers, costs

    def _used(self, table: Table, slots: Slots) -> tuple[Numbers, Numbers]:
        some, size = slots >= 0, len(self.limits)
        offers = at(table.offers, slots)[some]
        costs = at(table.costs, slots)[some].astype(np.float64)
        return (
            np.bincount(offers, minlength=size).astype(np.float64),
            np.bincount(offers, weights=costs, minlength=size).astype(np.float64),
        )

    def each(self, work: Callable[..., Result], *beside: list[Slots]) -> list[Result]:
        """
        Do it with each table (and what goes with it), on several threads.

        Results are in the tables' order.
        """
        if self.threads == 1 or len(self.tables) == 1:
            return list(map(work, self.tables, *beside))
        with ThreadPoolExecutor(self.threads) as pool:
            return list(pool.map(work, self.tables, *beside))

    def worth_of(self, slots: list[Slots]) -> float:
        """Return what these choices are worth, deductions taken off."""
        return sum(self.each(total_of, slots))

    def _paid(self, prices: Prices) -> float:
        limits = self.limits
        each = np.concatenate((prices.offers, prices.money))
        most = np.concatenate((limits.caps, limits.budgets))
        each = np.append(each, (prices.cap, prices.budget))
        most = np.append(most, (limits.cap, limits.budget))
        paid = each > 0  # nothing is paid for no limit
        return float((each[paid] * most[paid]).sum())


def worth_at(table: Table, prices: Prices, *, exactly: bool = False) -> Worth:
    """Return what each candidate is worth when its offer and its money are paid."""
    offers: Worth = prices.offers + prices.cap
    money: Worth = prices.money + prices.budget
    if not exactly:
        offers, money = offers.astype(np.float32), money.astype(np.float32)
    worth = table.values - offers[table.offers]
    if money.any():
        worth = worth - money[table.offers] * table.costs
    return worth


def paid_for(
    prices: Prices, offers: NDArray[np.intp], costs: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return what must be paid for taking the offers at these costs."""
    each = (prices.offers + prices.cap).astype(np.float32)
    money = (prices.money + prices.budget).astype(np.float32)
    paid: NDArray[np.float32] = each[offers] + money[offers] * costs
    return paid


def no_prices(offers: int) -> Prices:
    """Return prices of zero."""
    return Prices(offers=np.zeros(offers), money=np.zeros(offers), cap=0.0, budget=0.0)


def whole(limits: Limits) -> Limits:
    """Return the limits in whole offers and whole grains of money, never more."""
    return replace(
        limits,
        caps=np.floor(limits.caps),
        budgets=np.floor(limits.budgets * GRAIN) / GRAIN,
        cap=float(np.floor(limits.cap)),
        budget=float(np.floor(limits.budget * GRAIN)) / GRAIN,
    )


def part(limits: Limits, share: float) -> Limits:
    """Return so much of each limit."""
    return replace(
        limits,
        caps=limits.caps * share,
        budgets=limits.budgets * share,
        cap=limits.cap * share,
        budget=limits.budget * share,
    )
