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

from recommender.data import FloatArray, IntArray, LongArray, Sparse
from recommender.dataset import Events, History, csr, distinct
from recommender.features.audience import Audience
from recommender.features.demand import RECENT, Demand
from recommender.features.targets import Targets

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

SCORES: Final[Mapping[str, str]] = {"LightFM hybrid": "taste"}
"""The models whose scores are features, by name, and their groups."""

FEATURES: Final[Mapping[str, str]] = {
    "days": "habit",
    "days_14": "habit",
    "days_56": "habit",
    "days_224": "habit",
    "share_of_baskets": "habit",
    "since": "rhythm",
    "interval": "rhythm",
    "due": "rhythm",
    "wish": "wishes",
    "buyers_7": "popular",
    "buyers_28": "popular",
    "buyers_84": "popular",
    "trend": "popular",
    "debut": "popular",
    "usual_interval": "popular",
    "baskets": "household",
    "baskets_28": "household",
    "since_basket": "household",
    "breadth": "household",
    **SCORES,
}
"""Every feature and its group, in the order of the columns."""

HALF_LIVES: Final = (14, 56, 224)
NEVER: Final = np.float32(999.0)
"""Days since what never was."""
_PRIOR: Final = 2.0
"""So many of the item's usual intervals stand behind a customer's own."""

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

    :param scores: of each model in ``SCORES``: (customers, targets)
    :param places: (customers, k), which targets; all of them where it is None
    """
    if places is None:
        everything = np.arange(len(targets), dtype=np.int32)
        places = np.tile(everything, (len(audience), 1))
    columns = {
        **_own(audience, targets, demand, places),
        **_told(audience, targets, places),
        **_popular(targets, demand, places),
        **_household(audience),
        **{name: _picked(found, places) for name, found in scores.items()},
    }
    table = np.empty((*places.shape, len(FEATURES)), np.float32)
    for number, name in enumerate(FEATURES):
        table[:, :, number] = columns[name]
    return table


def _picked(values: FloatArray, places: IntArray) -> FloatArray:
    return np.take_along_axis(values, places.astype(np.int64), axis=1)


def events_of(audience: Audience, targets: Targets) -> Events:
    """Return who bought something of which target on which day: targets as items."""
    found = [_through(audience.events, targets.categories)]
    known = [sku for sku in targets.skus if sku in audience.skus]
    if known and audience.lines is not None:
        columns = [audience.skus[sku] for sku in known]
        named = np.zeros(audience.lines.n_items, bool)
        named[columns] = True
        lines = audience.lines.select(named[audience.lines.items])
        shape = (len(targets), audience.lines.n_items)
        products = targets.products.tocoo()
        column_of = np.full(len(targets.skus), -1, np.int32)
        column_of[[targets.skus.index(sku) for sku in known]] = columns
        has = column_of[products.col] >= 0
        where = products.row[has], column_of[products.col[has]]
        found.append(_through(lines, csr(*where, products.data[has], shape)))
    rows = np.concatenate(found, axis=1)
    return Events.distinct(audience.ids, len(targets), rows)


def _through(events: Events, targets: Sparse) -> IntArray:
    """
    Return each event once for each target its item belongs to.

    :param targets: (targets, items)
    :return: rows of customers, targets and days
    """
    of = targets.T.tocsr()
    counts = np.diff(of.indptr)[events.items]
    which = np.repeat(np.arange(len(counts)), counts)
    first = np.cumsum(counts) - counts
    place = of.indptr[events.items][which] + np.arange(len(which)) - first[which]
    rows = events.customers[which], of.indices[place], events.days[which]
    return np.stack(rows).astype(np.int32)


def _own(
    audience: Audience, targets: Targets, demand: Demand, places: IntArray
) -> Columns:
    """Return what each customer has done with each target."""
    events, day = events_of(audience, targets), audience.history.day
    history = History.of(events, day=day, half_life=HALF_LIVES[-1])
    at = _index(history, places)
    times = history.counts.data
    since = day - history.last.data
    usual = (targets.shares @ demand.interval).astype(np.float32)
    of = history.counts.indices
    gaps = history.last.data - history.first.data
    interval = (gaps + _PRIOR * usual[of]) / (times - 1 + _PRIOR)
    rows = np.repeat(np.arange(len(audience)), np.diff(history.counts.indptr))
    baskets = np.maximum(audience.history.baskets, 1)[rows]
    columns = {
        "days": _at(times, at),
        "share_of_baskets": _at(times / baskets, at),
        "since": _at(since, at, NEVER),
        "interval": np.where(at < 0, usual[places], _at(interval, at)),
        "due": _at(since / interval, at, np.float32(np.nan)),
    }
    for half_life in HALF_LIVES:
        one = History.of(events, day=day, half_life=half_life)
        columns[f"days_{half_life}"] = _at(one.decayed.data, at)
    return columns


def _index(history: History, places: IntArray) -> LongArray:
    """Return (customers, k): where each pair is in the history's data, or -1."""
    counts = history.counts
    dense = np.full(counts.shape, -1, np.int64)
    rows = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
    dense[rows, counts.indices] = np.arange(len(rows))
    return np.take_along_axis(dense, places.astype(np.int64), axis=1)


def _at(
    values: FloatArray, at: LongArray, missing: np.float32 | float = 0
) -> FloatArray:
    """Return the value of each pair."""
    padded = np.append(values, missing).astype(np.float32)
    return padded[at]


def _told(audience: Audience, targets: Targets, places: IntArray) -> Columns:
    wanted = (audience.wishes @ targets.shares.T).toarray()
    return {"wish": _picked(wanted, places)}


def _popular(targets: Targets, demand: Demand, places: IntArray) -> Columns:
    """Return what all customers do with each target."""
    columns = {}
    for days, row in zip(RECENT, demand.buyers, strict=True):
        columns[f"buyers_{days}"] = (targets.shares @ row)[places]
    debut, usual = targets.shares @ demand.debut, targets.shares @ demand.interval
    columns["trend"] = np.log(
        (columns["buyers_7"] + 1e-3) / (columns["buyers_28"] / 2 + 1e-3)
    )
    return {**columns, "debut": debut[places], "usual_interval": usual[places]}


def _household(audience: Audience) -> Columns:
    """Return what holds for a customer whatever the target: (customers, 1)."""
    history, day = audience.history, audience.history.day
    customers, days = distinct(audience.events.customers, audience.events.days)
    of_late = np.bincount(customers[days >= day - 28], minlength=len(audience))
    last = np.full(len(audience), day - NEVER)
    np.maximum.at(last, customers, days)
    columns = {
        "baskets": history.baskets,
        "baskets_28": of_late,
        "since_basket": day - last,
        "breadth": np.diff(history.counts.indptr),
    }
    return {name: found[:, np.newaxis] for name, found in columns.items()}
