"""The probabilities with which a list of offers comes about, place by place."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from recommender.allocation.choosing import Slots
from recommender.allocation.limits import Numbers
from recommender.allocation.market import worth_at
from recommender.allocation.result import Prices
from recommender.allocation.table import Table
from recommender.data import BoolArray

Pick = Callable[[int, Numbers], NDArray[np.intp]]
"""Is given a place and what each candidate's probability is; names a column or -1."""


def walk(
    table: Table, prices: Prices, there: BoolArray, warmth: float, pick: Pick
) -> tuple[Slots, Numbers]:
    """
    Fill each customer's places in turn; return the columns and their probabilities.

    At each place a candidate that may still come has the weight exp(worth /
    temperature), worth being its value less prices and less what it loses beside
    related ones, and stopping has the weight 1 (the Plackett-Luce model with an
    outside choice). The temperature is ``warmth`` times the value of the customer's
    best candidate. A place after a stop stays empty, with the probability 0.

    :param there: (rows, columns) which candidates may come now
    """
    row = np.arange(len(table))
    worth = worth_at(table, prices, exactly=True)
    open_ = there & (table.values > 0)
    best = np.maximum(table.values.max(axis=1), np.finfo(np.float32).tiny)
    heat = warmth * best.astype(np.float64)
    habits = table.habits.copy()
    slots = np.full((len(table), table.places), -1, np.int16)
    chances = np.zeros((len(table), table.places))
    going = np.ones(len(table), np.bool_)
    for place in range(table.places):
        may = open_ & going[:, None] & (table.fresh | (habits > 0)[:, None])
        chance = _softmax(np.where(may, worth / heat[:, None], -np.inf))
        column = pick(place, chance)
        going &= column >= 0
        at = np.where(going, column, 0)
        slots[:, place] = np.where(going, column, -1)
        chances[:, place] = np.where(going, chance[row, at], 0)
        habits -= going & ~table.fresh[row, at]
        open_ &= (table.groups != table.groups[row, at][:, None]) | ~going[:, None]
        circle = table.related == table.related[row, at][:, None]
        worth = worth - circle * np.where(going, table.step, 0)[:, None]
    return slots, chances


def _softmax(logits: Numbers) -> Numbers:
    """Return the probabilities beside an outside choice whose logit is 0."""
    top = np.maximum(logits.max(axis=1, keepdims=True), 0)
    weights = np.exp(logits - top)
    found: Numbers = weights / (weights.sum(axis=1, keepdims=True) + np.exp(-top))
    return found
