"""Households most of whose history is hidden: known as a new customer is known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from recommender.config import Config
from recommender.data import Customer, IntArray
from recommender.dataset import distinct
from recommender.evaluation.rows import HISTORIES
from recommender.features import Audience, told, wishes
from recommender.splitting import bought, shortened
from recommender.training import Lesson, Trained

HOUSEHOLDS: Final = 350
"""So many are hidden at a time, or a fifth of those that could be."""
FEWEST_BASKETS: Final = 11
"""Who has fewer is not hidden: the test would be the same with and without."""
INTERESTS: Final = 3
"""So many interests a household declares."""
NOISE: Final = 0.2
"""The chance that a declared interest has nothing to do with what is bought."""
_KEPT: Final[Mapping[str, tuple[int, int]]] = dict(
    zip(HISTORIES, ((0, 0), (1, 3), (4, 10), (-1, -1)), strict=True)
)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Hidden:
    """
    Some of the households, and the past without them.

    ``rows``: which of the ``past``'s customers are hidden; ``customers`` are these,
    with interests. ``open`` is what is left to learn from.
    """

    past: Lesson
    rows: IntArray
    customers: Sequence[Customer]
    open: Lesson

    @classmethod
    def of(cls, past: Lesson, chance: np.random.Generator) -> "Hidden":
        """Draw households, and what they declare."""
        who, _ = distinct(past.events.customers, past.events.days)
        baskets = np.bincount(who, minlength=len(past.customers))
        could = np.flatnonzero(baskets >= FEWEST_BASKETS)
        drawn = chance.choice(could, min(HOUSEHOLDS, len(could) // 5), replace=False)
        rows = np.sort(drawn).astype(np.int32)
        others = np.setdiff1d(np.arange(len(past.customers), dtype=np.int32), rows)
        return cls(
            past=past,
            rows=rows,
            customers=_declaring(past, rows, chance),
            open=replace(
                past,
                events=past.events.rows(others),
                customers=[past.customers[row] for row in others.tolist()],
            ),
        )

    def left(
        self,
        history: str,
        trained: Trained,
        config: Config,
        chance: np.random.Generator,
    ) -> Audience:
        """
        Return the households with so much of their history left, the latest baskets.

        :param history: one of ``HISTORIES``; how many of 1 to 3 or of 4 to 10 baskets
            is drawn by lot for each household
        """
        low, high = _KEPT[history]
        keep = chance.integers(low, high + 1, len(self.rows)).astype(np.int32)
        past = self.past
        wanted = wishes(
            self.customers,
            catalogue=past.catalogue,
            buyers=trained.popularity.buyers,
            config=config,
        )
        return Audience.of(
            shortened(past.events.rows(self.rows), keep),
            told(self.customers, space=past.space),
            wanted,
            day=past.day,
            space=past.space,
            config=config,
        )


def _declaring(
    past: Lesson, rows: IntArray, chance: np.random.Generator
) -> list[Customer]:
    """
    Let the households declare interests, from what they bought before the day.

    These are the three categories that they bought on most days, equals by lot; each
    of them, with a chance of one in five, is any category of the shop instead.
    """
    names = past.space.items.names
    days = bought(past.events.rows(rows))
    found = []
    for row, place in enumerate(rows.tolist()):
        start, end = days.indptr[row : row + 2]
        items, weights = days.indices[start:end], days.data[start:end]
        order = np.lexsort((chance.random(len(items)), -weights))
        drawn = items[order[:INTERESTS]]
        anything = chance.integers(0, len(names), len(drawn))
        drawn = np.where(chance.random(len(drawn)) < NOISE, anything, drawn)
        interests = tuple(dict.fromkeys(names[item] for item in drawn.tolist()))
        found.append(replace(past.customers[place], interests=interests))
    return found
