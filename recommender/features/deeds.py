"""What each customer has done with each target, in numbers."""

from typing import Final

import numpy as np

from recommender.data import FloatArray, IntArray, LongArray, Sparse
from recommender.dataset import Events, History, csr, distinct
from recommender.features.audience import Audience
from recommender.features.demand import Demand
from recommender.features.targets import Targets

HALF_LIVES: Final = (14, 56, 112, 224)
NEVER: Final = np.float32(999.0)
"""Days, or baskets, since what never was."""
MONTH: Final = 28
MONTHS: Final = 10
_PRIOR: Final = 2.0
"""So many of the item's usual intervals stand behind a customer's own."""
_FADING: Final = 0.8
"""How much less a month counts than the next."""


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


def deeds(
    audience: Audience, targets: Targets, demand: Demand, places: IntArray
) -> dict[str, FloatArray]:
    """Return what each customer has done with each target."""
    events, day = events_of(audience, targets), audience.history.day
    history = History.of(events, day=day, half_life=HALF_LIVES[-1])
    at = _index(history, places)
    who = np.repeat(np.arange(len(audience)), np.diff(history.counts.indptr))
    usual = (targets.shares @ demand.interval).astype(np.float32)
    times, since = history.counts.data, day - history.last.data
    gaps = history.last.data - history.first.data
    mean = usual[history.counts.indices]
    interval = (gaps + _PRIOR * mean) / (times - 1 + _PRIOR)
    baskets = np.maximum(audience.history.baskets, 1)[who]
    baskets_since = _baskets_since(audience, who, history.last.data)
    nan = np.float32(np.nan)
    columns = {
        "days": _at(times, at),
        "share_of_baskets": _at(times / baskets, at),
        "share_of_months": _at(_share_of_months(audience, events, times, who), at),
        "since": _at(since, at, NEVER),
        "interval": np.where(at < 0, usual[places], _at(interval, at)),
        "due": _at(since / interval, at, nan),
        "baskets_since": _at(baskets_since, at, NEVER),
        "baskets_due": _at(baskets_since * times / baskets, at, nan),
    }
    starts = np.cumsum(times.astype(np.int64)) - times.astype(np.int64)
    for half_life in HALF_LIVES:
        weights = np.exp2((events.days - day) / half_life)
        decayed = np.add.reduceat(weights, starts) if len(starts) else weights
        columns[f"days_{half_life}"] = _at(decayed, at)
    return columns


def _baskets_since(audience: Audience, who: LongArray, last: FloatArray) -> FloatArray:
    """Count the days with purchases after each pair's last."""
    owners, days = distinct(audience.events.customers, audience.events.days)
    width = np.int64(audience.history.day + 1)
    keys = owners.astype(np.int64) * width + days
    passed = np.searchsorted(keys, who * width + last.astype(np.int64), side="right")
    ends = np.searchsorted(owners, who, side="right")
    return (ends - passed).astype(np.float32)


def _share_of_months(
    audience: Audience, events: Events, times: FloatArray, who: LongArray
) -> FloatArray:
    """Return the share of the months that a customer is known in which they bought."""
    day = audience.history.day
    fading = _FADING ** np.arange(MONTHS)
    month = np.minimum((day - 1 - events.days) // MONTH, MONTHS)
    pair = np.repeat(np.arange(len(times)), times.astype(np.int64))
    first = np.ones(len(pair), bool)
    first[1:] = (pair[1:] != pair[:-1]) | (month[1:] != month[:-1])
    first &= month < MONTHS
    hits = np.bincount(pair[first], weights=fading[month[first]], minlength=len(times))
    begun = np.full(len(audience), day)
    np.minimum.at(begun, audience.events.customers, audience.events.days)
    known = np.clip((day - begun + MONTH // 4) // MONTH, 0, MONTHS)
    possible = np.concatenate(([0.0], np.cumsum(fading)))[known]
    return np.asarray(hits / np.maximum(possible, 0.5)[who], np.float32)


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
    return np.append(values, missing).astype(np.float32)[at]
