"""Kinds of customers, as of a cut-off, that are looked at one by one."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import numpy as np

from recommender.data import BoolArray, Customer
from recommender.dataset import distinct
from recommender.evaluation.rows import HEAVY, LANGUAGE, LIGHT, NEW_CUSTOMERS, STORE
from recommender.features import Audience

_NEW: Final = 3
"""A customer of so many baskets is new."""
_RECENT: Final = 84
"""Days over which baskets tell heavy from light customers."""
_FEWEST: Final = 50
"""A language or store of fewer customers is not looked at."""
_MOST: Final = 6
"""So many languages and so many stores, the largest."""


def segments(
    audience: Audience, customers: Sequence[Customer]
) -> Mapping[str, BoolArray]:
    """
    Return who (customers) is in which segment; one may be in several, or in none.

    New customers have three baskets or fewer. Of the others the heavy third had the
    most baskets in the last twelve weeks, and the light third the fewest; who has as
    many as the last of a third belongs to it.
    """
    new = audience.history.baskets <= _NEW
    baskets = _recent_baskets(audience)
    low, high = np.quantile(baskets[~new], (1 / 3, 2 / 3)) if (~new).any() else (0, 0)
    return {
        HEAVY: ~new & (baskets >= high),
        LIGHT: ~new & (baskets <= low),
        NEW_CUSTOMERS: new,
        **_told(customers, LANGUAGE, lambda customer: customer.language),
        **_told(customers, STORE, lambda customer: customer.store),
    }


def _recent_baskets(audience: Audience) -> np.ndarray:
    events = audience.events
    who, days = distinct(events.customers, events.days)
    recent = days >= audience.history.day - _RECENT
    return np.bincount(who[recent], minlength=len(audience))


def _told(
    customers: Sequence[Customer],
    prefix: str,
    told: Callable[[Customer], str | None],
) -> dict[str, BoolArray]:
    values = [told(customer) for customer in customers]
    counts = Counter(value for value in values if value is not None)
    largest = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:_MOST]
    return {
        prefix + name: np.array([value == name for value in values], bool)
        for name, count in largest
        if count >= _FEWEST
    }
