"""More trouble taken where there are few customers."""

import numpy as np

from recommender.allocation.choosing import Slots
from recommender.allocation.market import Answer, Market
from recommender.allocation.pairing import exchange_pairs
from recommender.allocation.rounding import improve

FEW = 4_000
"""Above so many customers a place is too small a part to take trouble over."""
TRIES, TRIES_OF = 60, 2_400
"""So many tries to do better at most, and so many customers in all of them."""
ENOUGH = 1e-3
RUINED = (0.05, 0.5)
"""The share of the customers from whom a try takes everything back."""


def refine(
    market: Market, slots: list[Slots], certain: Answer, *, seed: int
) -> list[Slots]:
    """
    Improve until it is within a thousandth of the certain bound, or tries run out.

    Exchange in pairs; take some customers' offers back and give them out again.

    What is better is kept (ruin and recreate: Schrimpf et al., 2000).
    """
    customers = sum(len(table) for table in market.tables)
    if not 0 < customers <= FEW or len(market.tables) > 1:
        return slots
    chance = np.random.default_rng(seed)
    prices, enough = certain.prices, certain.bound * (1 - ENOUGH)
    slots = exchange_pairs(market, slots, prices)
    value = market.worth_of(slots)
    for _ in range(min(TRIES, TRIES_OF // customers)):
        if value >= enough:
            break
        share = chance.uniform(*RUINED)
        ruined = [
            np.where(chance.random((len(mine), 1)) < share, -1, mine).astype(np.int16)
            for mine in slots
        ]
        again = exchange_pairs(market, improve(market, ruined, prices), prices)
        worth = market.worth_of(again)
        if worth > value:
            slots, value = again, worth
    return slots
