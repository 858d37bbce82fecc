"""What LightFM learns from: periods, each seen from its own start."""

import numpy as np
from scipy import sparse

from recommender.config import Config
from recommender.data import IntArray, Sparse
from recommender.dataset import History, csr
from recommender.features import describe, told
from recommender.models.hybrid import Examples
from recommender.models.regression import Steps
from recommender.splitting import before, bought, shortened, training_windows, within
from recommender.training.lesson import Lesson

MOST_ROWS = 10_000
"""So many customers' steps are learned from; of more, they are drawn."""


def make_examples(lesson: Lesson, config: Config) -> Examples:
    """
    Show each period's purchases beside what was known at the period's start.

    Some customers are shown with a shortened history, down to none, so that the
    model also knows what to do with a new one. An older period counts less.
    """
    known = told(lesson.customers, space=lesson.space)
    shape = (len(lesson.events.ids), lesson.events.n_items)
    silent = csr([], [], [], shape)  # a lesson knows no declared interests
    chance = np.random.default_rng(config.seed)
    bought_rows: list[Sparse] = []
    customer_rows: list[Sparse] = []
    for window in training_windows(lesson.events, config):
        age = lesson.day - window.end
        future = bought(within(lesson.events, window.start, window.end))
        future.data = np.log1p(future.data) * np.float32(
            np.exp2(-age / config.half_life_days)
        )
        past = before(lesson.events, window.start)
        past = shortened(past, kept_baskets(len(past.ids), config, chance))
        history = History.of(past, day=window.start, half_life=config.half_life_days)
        rows = np.flatnonzero(np.diff(future.indptr))
        seen = describe(history, known, silent, space=lesson.space, config=config)
        bought_rows.append(future[rows])
        customer_rows.append(seen[rows])
    return Examples(
        bought=sparse.vstack(bought_rows, format="csr"),
        customers=sparse.vstack(customer_rows, format="csr"),
        items=lesson.items.features,
    )


def kept_baskets(
    customers: int, config: Config, chance: np.random.Generator
) -> IntArray:
    """Draw on how many days each history is left: none to 30, few more often."""
    short = np.exp2(chance.uniform(0, 5, customers)).astype(np.int32) - 1
    whole = chance.random(customers) >= config.shortened_share
    return np.where(whole, np.int32(-1), short).astype(np.int32)


def make_steps(lesson: Lesson, config: Config) -> Steps:
    """Show what was bought before each period and in it, of some of the customers."""
    chance = np.random.default_rng(config.seed)
    everybody = len(lesson.events.ids)
    rows = np.sort(chance.permutation(everybody)[:MOST_ROWS]).astype(np.int32)
    events = lesson.events.rows(rows)
    steps = [Steps.none(events.n_items)]
    for window in training_windows(lesson.events, config):
        past = before(events, window.start)
        history = History.of(past, day=window.start, half_life=config.half_life_days)
        future = bought(within(events, window.start, window.end))
        steps.append(Steps.of(history, future))
    return Steps.together(steps)
