"""
A customer and an offer of a campaign, in numbers.

Beside what the re-ranker sees of a pair (``recommender.features.pairs``) stand what
the customer did with the very products, the terms of the offer and of its campaign,
and what the customer did with earlier offers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from recommender.data import FloatArray, IntArray, LongArray, Offer, Sparse
from recommender.dataset import Events, csr, distinct
from recommender.features import Audience, Targets
from recommender.models.redemption.answered import Answered
from recommender.models.redemption.value import Worth

FROM_RANKER: Final = (
    "days",
    "days_56",
    "since",
    "due",
    "share_of_baskets",
    "LightFM history",
)
"""What is taken over of the re-ranker's features."""

FEATURES: Final = (
    "lines_28",
    "lines_84",
    "lines_ever",
    "lines_decayed",
    "kinds",
    *FROM_RANKER,
    "buying",
    "buyers",
    "products",
    "price",
    "depth",
    "days_long",
    "choices",
    "liked",
    "refused",
    "will_use",
)
"""Every feature of a pair, in the order of the columns."""

WHO: Final = (
    "redeemed",
    "rate",
    "since",
    "lines_84",
    "trips_84",
    "own",
    "liked",
    "choices",
    "days_long",
)
"""What is known of who uses anything of a campaign at all."""

HALF_LIFE: Final = 56
_PRIOR_RATE: Final = 0.15
"""A customer's share of campaigns answered is drawn to this, as by one campaign."""

Columns = dict[str, FloatArray]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Terms:
    """
    What a campaign offers, and to people with which past.

    ``offers`` go with the targets and may lack facts; ``days``: how long they can be
    used; ``choices`` (customers): how many of them each customer gets; ``answered``
    goes with the audience. ``redemption_worth``: what the campaign says any
    redemption earns, in minor units, for where no margin is known.
    """

    offers: Sequence[Offer]
    days: int
    choices: FloatArray
    answered: Answered
    redemption_worth: int | None = None

    @property
    def worth(self) -> Worth:
        """What one redemption of each offer earns and costs."""
        return Worth.of(self.offers, self.redemption_worth)

    def rows(self, rows: IntArray) -> "Terms":
        """Return the terms for some of the customers."""
        return replace(
            self,
            choices=self.choices[rows],
            answered=self.answered.rows(rows),
        )


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Table:
    """
    The features: ``pairs`` (customers, k, FEATURES) and ``who`` (customers, WHO).

    The last column of ``pairs``, ``will_use``, is the model's to fill.
    """

    pairs: FloatArray
    who: FloatArray


def tabulate_terms(
    audience: Audience,
    targets: Targets,
    terms: Terms,
    known: Mapping[str, FloatArray],
    places: IntArray,
) -> Table:
    """
    Return the features of each customer's places; a place of -1 is none.

    :param known: columns that go with the places, by name: those of ``FROM_RANKER``
        and ``buying``, the log-odds of a purchase; and ``buyers`` (targets), the
        share of customers who buy the target's products, added up
    """
    at = np.maximum(places, 0).astype(np.int64)
    lines = bought_lines(audience, targets)
    day, shape = audience.history.day, (len(audience), len(targets))
    columns = {
        **_own(lines, at, day=day, shape=shape),
        **{name: known[name] for name in (*FROM_RANKER, "buying")},
        **_offered(targets, terms, known["buyers"], at),
        **_answered(targets, terms, at),
    }
    pairs = np.zeros((*places.shape, len(FEATURES)), np.float32)
    for number, name in enumerate(FEATURES[:-1]):
        pairs[:, :, number] = columns[name]
    own = np.where(places >= 0, columns["lines_decayed"], 0)
    liked = np.where(places >= 0, columns["liked"], 0)
    return Table(pairs=pairs, who=_who(audience, terms, own=own, liked=liked))


def bought_lines(audience: Audience, targets: Targets) -> Events:
    """
    Return who bought which of a target's products on which day.

    Items are ``product * targets + target``: two products of a target on one day are
    two lines. Of a target that names a category, its items stand for products.
    """
    width = max(len(targets), 1)
    parts = [_joined(audience.events, targets.categories, width)]
    if audience.lines is not None and len(targets.skus):
        column = np.array([audience.skus.get(sku, -1) for sku in targets.skus])
        named = targets.products.tocoo()
        has = column[named.col] >= 0
        where = named.row[has], column[named.col[has]]
        shape = (len(targets), audience.lines.n_items)
        products = csr(*where, named.data[has], shape)
        lines = _joined(audience.lines, products, width)
        lines[1] += audience.events.n_items * width
        parts.append(lines)
    customers, items, days = np.concatenate(parts, axis=1)
    return Events(
        ids=audience.ids,
        n_items=width,
        customers=customers.astype(np.int32),
        items=items,
        days=days.astype(np.int32),
    )


def _joined(events: Events, targets: Sparse, width: int) -> IntArray:
    """Return customers, items and days of each event, once for each of its targets."""
    of = targets.T.tocsr()
    counts = np.diff(of.indptr)[events.items]
    which = np.repeat(np.arange(len(counts)), counts)
    first = np.cumsum(counts) - counts
    place = of.indptr[events.items][which] + np.arange(len(which)) - first[which]
    items = events.items[which].astype(np.int64) * width + of.indices[place]
    return np.stack((events.customers[which], items, events.days[which]))


def _own(lines: Events, at: LongArray, *, day: int, shape: tuple[int, int]) -> Columns:
    """Return what each customer did with the products of each target."""
    age, target = day - lines.days, lines.items % lines.n_items

    def counted(weights: FloatArray) -> FloatArray:
        cells = lines.customers.astype(np.int64) * shape[1] + target
        found = np.bincount(cells, weights=weights, minlength=shape[0] * shape[1])
        dense: FloatArray = found.reshape(shape).astype(np.float32)
        return np.take_along_axis(dense, at, axis=1)

    ones = np.ones(len(age), np.float32)
    late = age <= 84  # noqa: PLR2004  # twelve weeks
    return {
        "lines_28": counted((age <= 28).astype(np.float32)),  # noqa: PLR2004
        "lines_84": counted(late.astype(np.float32)),
        "lines_ever": counted(ones),
        "lines_decayed": counted(np.exp2(-age / HALF_LIFE).astype(np.float32)),
        "kinds": np.take_along_axis(_kinds(lines, shape), at, axis=1),
    }


def _kinds(lines: Events, shape: tuple[int, int]) -> FloatArray:
    """Return (customers, targets): how many different products of it were bought."""
    most = int(lines.items.max(initial=0)) + 1
    keys = np.unique(lines.customers.astype(np.int64) * most + lines.items)
    cells = keys // most * shape[1] + keys % most % lines.n_items
    found = np.bincount(cells, minlength=shape[0] * shape[1])
    return found.reshape(shape).astype(np.float32)


def _offered(
    targets: Targets, terms: Terms, buyers: FloatArray, at: LongArray
) -> Columns:
    """Return what holds of the offer and of its campaign, whoever gets it."""
    prices = [np.nan if o.price is None else o.price for o in terms.offers]
    depths = [np.nan if o.depth is None else o.depth for o in terms.offers]
    named = np.diff(targets.products.indptr) + np.diff(targets.categories.indptr)
    shape = np.ones(at.shape, np.float32)
    return {
        "buyers": buyers[at],
        "products": named.astype(np.float32)[at],
        "price": np.array(prices, np.float32)[at],
        "depth": np.array(depths, np.float32)[at],
        "days_long": shape * np.float32(terms.days),
        "choices": shape * terms.choices[:, np.newaxis],
    }


def _answered(targets: Targets, terms: Terms, at: LongArray) -> Columns:
    """Return what the customer did with earlier offers for the same items."""
    found = {"liked": terms.answered.liked, "refused": terms.answered.refused}
    return {
        name: np.take_along_axis(
            np.asarray((counts @ targets.shares.T).toarray(), np.float32), at, axis=1
        )
        for name, counts in found.items()
    }


def _who(
    audience: Audience, terms: Terms, *, own: FloatArray, liked: FloatArray
) -> FloatArray:
    """Return (customers, WHO); ``own`` counts the best offers, as many as they get."""
    answered, day = terms.answered, audience.history.day
    size = len(audience)
    late = audience.events.days >= day - 84
    lines = np.bincount(audience.events.customers[late], minlength=size)
    trips, days = distinct(audience.events.customers, audience.events.days)
    columns = {
        "redeemed": answered.redeemed,
        "rate": (answered.answering + _PRIOR_RATE) / (answered.reached + 1),
        "since": answered.since,
        "lines_84": lines,
        "trips_84": np.bincount(trips[days >= day - 84], minlength=size),
        "own": _best(own, terms.choices),
        "liked": _best(liked, terms.choices),
        "choices": terms.choices,
        "days_long": np.full(size, terms.days),
    }
    return np.stack([columns[name] for name in WHO], axis=1).astype(np.float32)


def _best(values: FloatArray, choices: FloatArray) -> FloatArray:
    """Return the sum of each row's largest values, as many as ``choices`` says."""
    if values.shape[1] == 0:
        return np.zeros(len(values), np.float32)
    sums = np.cumsum(-np.sort(-values, axis=1), axis=1)
    last = np.clip(choices.astype(np.int64), 1, values.shape[1]) - 1
    return np.take_along_axis(sums, last[:, np.newaxis], axis=1)[:, 0]
