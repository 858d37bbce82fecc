"""What an allocation comes to."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from recommender.allocation.limits import Numbers
from recommender.data import FloatArray, IntArray, LongArray


class WhyNothing(IntEnum):
    """Why a customer gets no offer, the first that holds."""

    SOMETHING = 0
    """They get one."""

    NO_CANDIDATES = 1
    """Nothing was found for them."""

    OWN_WISHES = 2
    """They want none of what was found."""

    RECENT = 3
    """What they want of it they got last time."""

    WORTHLESS = 4
    """What is left is worth nothing."""

    EXHAUSTED = 5
    """What is left is worth more elsewhere: caps and budgets went to others."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Prices:
    """
    What one more unit of each limit would be worth (the dual prices), from 0.

    ``offers`` (offers,): one more customer for this offer; ``money`` (offers,): one
    more minor unit for it; ``cap`` and ``budget``: the same for all offers together.
    """

    offers: Numbers
    money: Numbers
    cap: float
    budget: float


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Usage:
    """How many customers get each offer (offers,), and what that costs."""

    offers: LongArray
    costs: Numbers


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Allocation:
    """
    Who gets what, and how good that is for certain.

    ``chosen`` are positions in the candidates' columns, by customer and rank;
    ``customers`` whose each is (positions in ``ids``), ``ranks`` from 1, of most value
    first. ``propensity`` is the probability with which each was drawn, given the
    ranks before it; 1 where nothing was drawn. ``value`` is what they add up to,
    diversity's deductions taken off; no allocation within the limits is worth more than
    ``bound``. ``binding``: of the finite limits of each kind (``caps``, ``budgets``,
    ``campaign``), the share that costs value, their price being above zero. ``nothing``
    (customers,) are :class:`WhyNothing`.
    """

    chosen: LongArray
    customers: LongArray
    ranks: IntArray
    propensity: FloatArray
    value: float
    bound: float
    prices: Prices
    usage: Usage
    binding: dict[str, float]
    nothing: NDArray[np.int8]

    @property
    def gap(self) -> float:
        """How much of the bound was missed, at most: 0 is certainly best."""
        return max(0.0, 1 - self.value / self.bound) if self.bound > 0 else 0.0

    def why_nothing(self) -> dict[WhyNothing, int]:
        """Count the customers by why they get nothing."""
        counts = np.bincount(self.nothing, minlength=len(WhyNothing))
        return {why: int(counts[why]) for why in WhyNothing if counts[why]}
