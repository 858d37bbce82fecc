"""What to learn from."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from recommender.config import Config, RecommenderError
from recommender.data import Customer, Product, Purchases
from recommender.dataset import Catalogue, Events
from recommender.features import Space, Targets, item_offers
from recommender.splitting import before

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

    def before(self, day: int) -> "Lesson":
        """Return what there was to learn from on an earlier day."""
        return replace(self, events=before(self.events, day), day=day)


def prepare(
    purchases: Purchases,
    customers: Sequence[Customer],
    products: Sequence[Product],
    config: Config,
) -> Lesson:
    """
    Return all of these purchases as a lesson, as of the day after the last one.

    Without declared interests: nobody knows when one was declared. One declared after
    a period, for what was bought in it, would tell the answer, and what learned so
    would trust interests too much.
    """
    catalogue = Catalogue.of(products, config=config)
    silent = [replace(customer, interests=()) for customer in customers]
    customers = sorted(silent, key=lambda customer: customer.id)
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
