"""Learning from the past: several periods, each seen from its own start."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from recommender.config import Config, RecommenderError
from recommender.data import Customer, Product, Purchases, Sparse
from recommender.dataset import Catalogue, Events, History
from recommender.features import Space, Targets, describe, item_offers, told, wishes
from recommender.models.base import Model
from recommender.models.frequency import Frequency
from recommender.models.hybrid import Examples, Hybrid, fit_hybrid
from recommender.models.mixed import Mixed
from recommender.models.popularity import Popularity
from recommender.splitting import before, bought, shortened, training_windows, within

Progress = Callable[[str, int, int], None]
"""Is told the step, how much of it is done, and how much there is."""


class NothingToLearn(RecommenderError):
    """There is no purchase of anything that may be recommended."""

    code = "nothing_to_learn"


@dataclass(frozen=True, kw_only=True, slots=True)
class Lesson:
    """
    What to learn from: events before ``day``, their customers, the items.

    ``customers`` go with ``events.ids``; ``items`` are the catalogue's as targets.
    """

    events: Events
    day: int
    space: Space
    catalogue: Catalogue
    customers: Sequence[Customer]
    items: Targets


@dataclass(frozen=True, kw_only=True, slots=True)
class Trained:
    """A trained recommender, before or after it was stored."""

    config: Config
    space: Space
    items: Targets
    popularity: Popularity
    hybrid: Hybrid
    first_day: int
    last_day: int
    customers: int
    events: int
    version: str = ""

    @property
    def frequency(self) -> Frequency:
        """What customers buy anyway."""
        return Frequency(popularity=self.popularity)

    @property
    def mixed(self) -> Mixed:
        """The model that ranks offers."""
        return Mixed(
            hybrid=self.hybrid,
            items=self.items,
            discovery_share=self.config.discovery_share,
        )

    @property
    def models(self) -> tuple[Model, ...]:
        """All models, the baselines first."""
        return (self.popularity, self.frequency, self.hybrid, self.mixed)


def prepare(
    purchases: Purchases,
    customers: Sequence[Customer],
    products: Sequence[Product],
    config: Config,
) -> Lesson:
    """Return all of these purchases as a lesson, as of the day after the last one."""
    catalogue = Catalogue.of(products, config=config)
    customers = sorted(customers, key=lambda customer: customer.id)
    space = Space.of(catalogue, customers, config=config)
    ids = np.array([customer.id for customer in customers], np.int64)
    events = Events.of(purchases, catalogue, ids)
    return Lesson(
        events=events,
        day=int(events.days.max()) + 1 if len(events.days) else 0,
        space=space,
        catalogue=catalogue,
        customers=customers,
        items=Targets.of(item_offers(catalogue), catalogue, space),
    )


def fit(lesson: Lesson, config: Config, progress: Progress) -> Trained:
    """
    Train all models.

    :raises NothingToLearn: if there is no event
    """
    if len(lesson.events.days) == 0:
        text = "No purchase of a product in the catalogue."
        raise NothingToLearn(text)
    popularity = Popularity.fit(lesson.events, day=lesson.day, config=config)
    examples = make_examples(lesson, popularity, config)
    hybrid = fit_hybrid(
        examples, config, lambda done, total: progress("LightFM", done, total)
    )
    return Trained(
        config=config,
        space=lesson.space,
        items=lesson.items,
        popularity=popularity,
        hybrid=hybrid,
        first_day=int(lesson.events.days.min()),
        last_day=int(lesson.events.days.max()),
        customers=len(np.unique(lesson.events.customers)),
        events=len(lesson.events.days),
    )


def make_examples(lesson: Lesson, popularity: Popularity, config: Config) -> Examples:
    """
    Show each period's purchases beside what was known at the period's start.

    Some customers are shown with a shortened history, down to none, so that the
    model also knows what to do with a new one. An older period counts less.
    """
    known = told(lesson.customers, space=lesson.space)
    wanted = wishes(
        lesson.customers,
        catalogue=lesson.catalogue,
        buyers=popularity.buyers,
        config=config,
    )
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
        past = shortened(past, _kept_baskets(len(past.ids), config, chance))
        history = History.of(past, day=window.start, half_life=config.half_life_days)
        rows = np.flatnonzero(np.diff(future.indptr))
        seen = describe(history, known, wanted, space=lesson.space, config=config)
        bought_rows.append(future[rows])
        customer_rows.append(seen[rows])
    return Examples(
        bought=sparse.vstack(bought_rows, format="csr"),
        customers=sparse.vstack(customer_rows, format="csr"),
        items=lesson.items.features,
    )


def _kept_baskets(
    customers: int, config: Config, chance: np.random.Generator
) -> np.ndarray:
    """Draw on how many days each history is left: none to 30, few more often."""
    short = np.exp2(chance.uniform(0, 5, customers)).astype(np.int32) - 1
    whole = chance.random(customers) >= config.shortened_share
    return np.where(whole, np.int32(-1), short).astype(np.int32)
