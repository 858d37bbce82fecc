"""How likely another model would have been to make the offers that were made."""

import numpy as np
from numpy.typing import NDArray

from recommender.allocation import Candidates, Limits, Prices
from recommender.allocation.choosing import Slots
from recommender.allocation.eligibility import wanted_of
from recommender.allocation.limits import Numbers
from recommender.allocation.market import whole
from recommender.allocation.table import Table, lay_out
from recommender.data import IntArray, LongArray
from recommender.exploration.walking import walk


def chances_of(
    candidates: Candidates,
    limits: Limits,
    prices: Prices,
    made: tuple[LongArray, IntArray],
    *,
    temperature: float,
) -> Numbers:
    """
    Return each offer's probability under a softmax policy, given those before it.

    ``candidates`` are those of the customers with *another* model's values, ``prices``
    its allocation's. Which offers were open to whom when the draws were made does not
    matter: a policy is judged as if all were open. An offer that the policy would never
    make has the probability 0.

    :param made: positions in the candidates' columns, and ranks from 1
    """
    positions, ranks = made
    rows = np.searchsorted(candidates.starts, positions, side="right") - 1
    limits = whole(limits)
    wanted = wanted_of(candidates, limits, candidates.among(limits.recent))
    places = np.full((len(candidates), limits.per_customer), -1, np.int64)
    places[rows, ranks - 1] = positions - candidates.starts[rows]
    found = np.zeros(places.shape)
    everyone = np.arange(len(candidates), dtype=np.int64)
    for table in lay_out(candidates, limits, wanted, everyone):
        found[table.rows] = _followed(table, places[table.rows], prices, temperature)
    given: Numbers = found[rows, ranks - 1]
    return given


def _followed(
    table: Table, places: NDArray[np.int64], prices: Prices, temperature: float
) -> Numbers:
    """Return the probabilities of these columns, place by place."""

    def pick(place: int, _chances: Numbers) -> NDArray[np.intp]:
        return places[:, place].astype(np.intp)

    slots: Slots
    slots, chances = walk(
        table, prices, np.ones(table.values.shape, np.bool_), temperature, pick
    )
    return np.where(slots >= 0, chances, 0)
