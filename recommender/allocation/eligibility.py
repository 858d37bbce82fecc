"""Who may get what at all, and why somebody gets nothing."""

import numpy as np
from numpy.typing import NDArray

from recommender.allocation.candidates import Candidates
from recommender.allocation.limits import Limits
from recommender.allocation.result import WhyNothing
from recommender.data import BoolArray, LongArray


def wanted_of(candidates: Candidates, limits: Limits, recent: BoolArray) -> BoolArray:
    """Return which candidates somebody may get at all."""
    most = np.minimum(limits.budgets, limits.budget)
    offers = candidates.offers
    return (
        ~candidates.blocked
        & ~recent
        & (candidates.values > 0)
        & (limits.caps[offers] >= 1)
        & (candidates.costs <= most[offers])
    )


def why_nothing(
    candidates: Candidates, recent: BoolArray, chosen: LongArray
) -> NDArray[np.int8]:
    """Return for each customer why they get nothing."""
    rows, size = candidates.rows, len(candidates)

    def some(where: BoolArray) -> BoolArray:
        return np.bincount(rows[where], minlength=size) > 0

    wanted = ~candidates.blocked
    why = np.full(size, WhyNothing.EXHAUSTED, np.int8)
    why[~some(wanted & ~recent & (candidates.values > 0))] = WhyNothing.WORTHLESS
    why[~some(wanted & ~recent)] = WhyNothing.RECENT
    why[~some(wanted)] = WhyNothing.OWN_WISHES
    why[candidates.counts == 0] = WhyNothing.NO_CANDIDATES
    why[rows[chosen]] = WhyNothing.SOMETHING
    return why
