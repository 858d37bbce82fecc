"""Customers as the models see them, as of a day."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np

from recommender.data import Customer, LongArray, Purchases, day_number
from recommender.dataset import Catalogue, Events, History
from recommender.features import Audience, told, wishes
from recommender.splitting import before
from recommender.training import Trained


def ids_of(customers: Sequence[Customer]) -> LongArray:
    """Return the customers' ids."""
    return np.array([customer.id for customer in customers], np.int64)


def describe_audience(
    trained: Trained,
    purchases: Purchases,
    customers: Sequence[Customer],
    catalogue: Catalogue,
    day: date,
) -> Audience:
    """Return the customers (ordered by id) as of the start of the day."""
    ids, number = ids_of(customers), day_number(day)
    events = Events.of(purchases, catalogue, ids)
    lines = before(Events.of_products(purchases, ids), number)
    half_life = trained.config.half_life_days
    bought = History.of(lines, day=number, half_life=half_life)
    return replace(
        audience_of(trained, events, customers, catalogue, number),
        skus={sku: place for place, sku in enumerate(purchases.skus)},
        products=bought.decayed,
        lines=lines,
    )


def audience_of(
    trained: Trained,
    events: Events,
    customers: Sequence[Customer],
    catalogue: Catalogue,
    day: int,
) -> Audience:
    """Describe the customers, who go with the events, as of the start of the day."""
    config, space = trained.config, trained.space
    wanted = wishes(
        customers,
        catalogue=catalogue,
        buyers=trained.popularity.buyers,
        config=config,
    )
    known = told(customers, space=space)
    return Audience.of(
        before(events, day), known, wanted, day=day, space=space, config=config
    )
