"""Pairs for the re-ranker to learn from, each seen from the start of its period."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import numpy as np

from recommender.config import Config
from recommender.data import IntArray
from recommender.dataset import Events
from recommender.features import Audience, told, wishes
from recommender.features.demand import Demand
from recommender.features.pairs import FEATURES, tabulate
from recommender.models.base import Model
from recommender.models.popularity import Popularity
from recommender.models.trees import Lessons
from recommender.splitting import Window, bought, shortened, within
from recommender.training.examples import kept_baskets
from recommender.training.lesson import Lesson

MOST_PAIRS: Final = 600_000
"""So many pairs of one period are learned from; of more, the customers are drawn."""
UNBOUGHT: Final = 100_000
"""So many of a period's pairs that were not bought are shown, each for several."""
_INTERESTS: Final = 3
"""So many interests a customer with a shortened history declares at most."""
_SILENT: Final = 0.5
_NOISE: Final = 1 / 6


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Period:
    """A window, and the models that have not seen it."""

    window: Window
    inputs: Sequence[Model]


def make_lessons(
    lesson: Lesson, periods: Sequence[Period], config: Config
) -> tuple[Lessons, Lessons]:
    """
    Return customers with every item, in each of the periods: to learn, to calibrate.

    One customer of ten is for calibration only. Some customers are shown with a
    shortened history, down to none; of these, half declare interests (drawn from all
    they bought before, the hidden part too). The others declare none.
    """
    chance = np.random.default_rng(config.seed)
    aside = chance.random(len(lesson.events.ids)) < 0.1  # noqa: PLR2004
    learn, check = [], []
    for period in periods:
        rows = _drawn(lesson, chance)
        pairs = _pairs(lesson, period, rows, config, chance)
        held = np.repeat(aside[rows], len(lesson.items))
        drawn = pairs.bought | (chance.random(len(held)) * pairs.weight < 1)
        learn.append(pairs.select(~held & drawn))
        check.append(pairs.select(held))
    return Lessons.together(learn), Lessons.together(check)


def _drawn(lesson: Lesson, chance: np.random.Generator) -> IntArray:
    """Draw the customers of a period, in their order."""
    everybody = len(lesson.events.ids)
    most = max(MOST_PAIRS // max(len(lesson.items), 1), 1)
    drawn = chance.permutation(everybody)[:most]
    return np.sort(drawn).astype(np.int32)


def _pairs(
    lesson: Lesson,
    period: Period,
    rows: IntArray,
    config: Config,
    chance: np.random.Generator,
) -> Lessons:
    """Return the customers of these rows with every item."""
    window = period.window
    past = lesson.before(window.start)
    demand = Demand.fit(past.events, day=window.start)
    audience = shown(past, rows, config, chance)
    scores = {
        model.name: model.score(audience, lesson.items) for model in period.inputs
    }
    table = tabulate(audience, lesson.items, demand, scores)
    future = bought(within(lesson.events, window.start, window.end))[rows]
    found = future.toarray().ravel() > 0
    several = max((~found).sum() / UNBOUGHT, 1)
    weight = np.where(found, np.float32(1), np.float32(several))
    return Lessons(table=table.reshape(-1, len(FEATURES)), bought=found, weight=weight)


def shown(
    past: Lesson, rows: IntArray, config: Config, chance: np.random.Generator
) -> Audience:
    """Return customers as of the lesson's day, some of them with less history."""
    events = past.events.rows(rows)
    keep = kept_baskets(len(rows), config, chance)
    customers = [past.customers[row] for row in rows.tolist()]
    interests = _interests(events, past.space.items.names, chance)
    pretending = [
        customer if most < 0 else replace(customer, interests=declared)
        for customer, most, declared in zip(
            customers, keep.tolist(), interests, strict=True
        )
    ]
    popularity = Popularity.fit(past.events, day=past.day, config=config)
    wanted = wishes(
        pretending, catalogue=past.catalogue, buyers=popularity.buyers, config=config
    )
    return Audience.of(
        shortened(events, keep),
        told(customers, space=past.space),
        wanted,
        day=past.day,
        space=past.space,
        config=config,
    )


def _interests(
    events: Events, names: Sequence[str], chance: np.random.Generator
) -> list[tuple[str, ...]]:
    """
    Draw what customers declare: half of them nothing, others up to three items.

    What was bought on more days is drawn more often (by its square), and one of six
    is any item of the shop.
    """
    days = bought(events)
    edges = days.indptr.tolist()
    found: list[tuple[str, ...]] = []
    for start, end in pairwise(edges):
        count = min(int(chance.integers(1, _INTERESTS + 1)), end - start)
        if chance.random() < _SILENT or not count:
            found.append(())
            continue
        weights = days.data[start:end].astype(np.float64) ** 2
        mine = days.indices[start:end]
        drawn = chance.choice(mine, count, replace=False, p=weights / weights.sum())
        anything = chance.integers(0, len(names), count)
        drawn = np.where(chance.random(count) < _NOISE, anything, drawn)
        found.append(tuple(dict.fromkeys(names[item] for item in drawn.tolist())))
    return found
