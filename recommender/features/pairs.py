"""
A customer and a target, in numbers: what the re-ranker sees of a pair.

Every feature is defined for every pair: of a customer nobody knows, and of an offer
nobody has seen. What a customer has done with a target is what they have done with
any of the products it is for; what all customers do with it is the mean over its
items.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np

from recommender.data import FloatArray, IntArray
from recommender.dataset import distinct
from recommender.features.audience import Audience
from recommender.features.deeds import NEVER, deeds, events_of
from recommender.features.demand import Demand
from recommender.features.targets import Targets

__all__ = ["FEATURES", "GROUPS", "SCORES", "events_of", "tabulate"]

GROUPS: Final = (
    "habit",
    "rhythm",
    "wishes",
    "taste",
    "neighbours",
    "popular",
    "household",
)
"""What a feature speaks of; a score's parts go by these."""

SCORES: Final[Mapping[str, str]] = {
    "LightFM history": "taste",
    "next": "neighbours",
    "next_new": "neighbours",
}
"""The models whose scores are features, by name, and their groups."""

FEATURES: Final[Mapping[str, str]] = {
    "days": "habit",
    "days_14": "habit",
    "days_56": "habit",
    "days_112": "habit",
    "days_224": "habit",
    "share_of_baskets": "habit",
    "share_of_months": "habit",
    "since": "rhythm",
    "interval": "rhythm",
    "due": "rhythm",
    "baskets_since": "rhythm",
    "baskets_due": "rhythm",
    "wish": "wishes",
    "buyers_7": "popular",
    "buyers_14": "popular",
    "buyers_28": "popular",
    "buyers_84": "popular",
    "trend": "popular",
    "debut_14": "popular",
    "debut_28": "popular",
    "debut_84": "popular",
    "repeat": "popular",
    "usual_interval": "popular",
    "baskets": "household",
    "baskets_28": "household",
    "baskets_84": "household",
    "since_basket": "household",
    "items_28": "household",
    "items_a_basket": "household",
    "news_56": "household",
    "breadth": "household",
    **SCORES,
}
"""
Every feature and its group, in the order of the columns.

``days_14``: on how many days the customer bought it, a day that is 14 days old counting
half. ``share_of_months``: of the periods of 28 days since the first purchase, the share
in which it was bought, later ones counting more. ``due``: days since the last purchase
by the customer's own interval. ``debut_14``: of those to whom it was new 14 days ago,
the share who have bought it since. ``news_56``: items that the customer bought for the
first time in the last 56 days; ``breadth``: all items ever.
"""

Columns = dict[str, FloatArray]


def tabulate(
    audience: Audience,
    targets: Targets,
    demand: Demand,
    scores: Mapping[str, FloatArray],
    places: IntArray | None = None,
) -> FloatArray:
    """
    Return (customers, k, features), the features in the order of ``FEATURES``.

    :param scores: of the models in ``SCORES``: (customers, targets); what a model
        that is not there would say is unknown
    :param places: (customers, k), which targets; all of them where it is None
    """
    if places is None:
        everything = np.arange(len(targets), dtype=np.int32)
        places = np.tile(everything, (len(audience), 1))
    columns = {
        **deeds(audience, targets, demand, places),
        **_told(audience, targets, places),
        **_popular(targets, demand, places),
        **_household(audience),
        **_said(audience, scores, places),
    }
    table = np.empty((*places.shape, len(FEATURES)), np.float32)
    for number, name in enumerate(FEATURES):
        table[:, :, number] = columns.get(name, np.float32(np.nan))
    return table


def _said(
    audience: Audience, scores: Mapping[str, FloatArray], places: IntArray
) -> Columns:
    """Return what other models say; who has bought nothing has no neighbours."""
    columns = {name: _picked(found, places) for name, found in scores.items()}
    alone = audience.history.baskets[:, np.newaxis] == 0
    return {
        name: np.where(alone, np.float32(np.nan), found)
        if SCORES[name] == "neighbours"
        else found
        for name, found in columns.items()
    }


def _picked(values: FloatArray, places: IntArray) -> FloatArray:
    return np.take_along_axis(values, places.astype(np.int64), axis=1)


def _told(audience: Audience, targets: Targets, places: IntArray) -> Columns:
    wanted = (audience.wishes @ targets.shares.T).toarray()
    return {"wish": _picked(wanted, places)}


def _popular(targets: Targets, demand: Demand, places: IntArray) -> Columns:
    """Return what all customers do with each target."""
    figures = dict(zip(demand.names, demand.figures, strict=True))
    figures["usual_interval"] = figures.pop("interval")
    spread = {
        name: np.asarray(targets.shares @ row, np.float32)
        for name, row in figures.items()
    }
    spread["trend"] = np.log(
        (spread["buyers_14"] + 1e-3) / (spread["buyers_28"] + 1e-3)
    )
    return {name: row[places] for name, row in spread.items()}


def _household(audience: Audience) -> Columns:
    """Return what holds for a customer whatever the target: (customers, 1)."""
    history, events, day = audience.history, audience.events, audience.history.day
    owners, days = distinct(events.customers, events.days)
    last = np.full(len(audience), day - NEVER)
    np.maximum.at(last, owners, days)
    first = history.first.data >= day - 56
    firsts = np.repeat(np.arange(len(audience)), np.diff(history.first.indptr))[first]

    def count(customers: IntArray) -> FloatArray:
        return np.bincount(customers, minlength=len(audience)).astype(np.float32)

    columns = {
        "baskets": history.baskets,
        "baskets_28": count(owners[days >= day - 28]),
        "baskets_84": count(owners[days >= day - 84]),
        "since_basket": day - last,
        "items_28": count(events.customers[events.days >= day - 28]),
        "items_a_basket": count(events.customers) / np.maximum(history.baskets, 1),
        "news_56": count(firsts),
        "breadth": np.diff(history.counts.indptr),
    }
    return {name: found[:, np.newaxis] for name, found in columns.items()}
