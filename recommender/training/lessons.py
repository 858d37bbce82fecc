"""Pairs for the re-ranker to learn from, each seen from the start of its period."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from recommender.config import Config
from recommender.data import Customer
from recommender.features import Audience, told, wishes
from recommender.features.demand import Demand
from recommender.features.pairs import FEATURES, tabulate
from recommender.models.base import Model
from recommender.models.popularity import Popularity
from recommender.models.ranker import Lessons
from recommender.splitting import Window, bought, shortened, within
from recommender.training.examples import kept_baskets
from recommender.training.lesson import Lesson

_INTERESTS = 3
"""So many interests a customer with a shortened history declares at most."""


def make_lessons(
    lesson: Lesson, windows: Sequence[Window], inputs: Sequence[Model], config: Config
) -> Lessons:
    """
    Return every customer with every item, in each of the periods.

    Some customers are shown with a shortened history, down to none; of these, half
    declare interests in what they bought before (the part that is hidden counts).
    """
    chance = np.random.default_rng(config.seed)
    tables, labels = [], []
    for window in windows:
        past = lesson.before(window.start)
        audience = _shown(past, config, chance)
        demand = Demand.fit(past.events, day=window.start)
        scores = {model.name: model.score(audience, lesson.items) for model in inputs}
        table = tabulate(audience, lesson.items, demand, scores)
        future = bought(within(lesson.events, window.start, window.end))
        tables.append(table.reshape(-1, len(FEATURES)))
        labels.append(future.toarray().ravel() > 0)
    return Lessons(table=np.concatenate(tables), bought=np.concatenate(labels))


def _shown(past: Lesson, config: Config, chance: np.random.Generator) -> Audience:
    """Return the customers as of the period's start, some with less history."""
    keep = kept_baskets(len(past.events.ids), config, chance)
    customers = [
        customer if most < 0 else _declaring(customer, names, chance)
        for customer, most, names in zip(
            past.customers, keep.tolist(), _bought_names(past), strict=True
        )
    ]
    popularity = Popularity.fit(past.events, day=past.day, config=config)
    wanted = wishes(
        customers, catalogue=past.catalogue, buyers=popularity.buyers, config=config
    )
    return Audience.of(
        shortened(past.events, keep),
        told(past.customers, space=past.space),
        wanted,
        day=past.day,
        space=past.space,
        config=config,
    )


def _bought_names(past: Lesson) -> list[list[str]]:
    """Return the names of the items that each customer has bought."""
    names = past.space.items.names
    items = bought(past.events)
    return [
        [names[item] for item in items.indices[start:end].tolist()]
        for start, end in zip(
            items.indptr[:-1].tolist(), items.indptr[1:].tolist(), strict=True
        )
    ]


def _declaring(
    customer: Customer, names: Sequence[str], chance: np.random.Generator
) -> Customer:
    """Return the customer with interests in some of the names, or in none."""
    count = int(chance.integers(0, _INTERESTS + 1))
    if chance.random() < 0.5 or not names:  # noqa: PLR2004
        return replace(customer, interests=())
    drawn = chance.choice(len(names), min(count, len(names)), replace=False)
    return replace(customer, interests=tuple(names[place] for place in drawn.tolist()))
