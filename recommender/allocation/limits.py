"""What an allocation must keep to."""

from dataclasses import dataclass, field
from math import ceil, inf
from typing import Self

import numpy as np
from numpy.typing import NDArray

from recommender.allocation.candidates import NO_PAIRS, Pairs
from recommender.data import IntArray

Numbers = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Limits:
    """
    How many offers a customer gets, and how much of each offer there is.

    The columns go with the offers. ``groups``: a customer gets at most one offer of
    each (a category). ``related``: a wider circle (a department; a group's is that of
    its first offer), of which a further offer is worth less to a customer, see
    ``diversity``. ``caps``: how many customers
    may get it (stock, redemptions left). ``budgets``: how much the costs of the
    candidates chosen may add up to; if those are expected costs, the budget is
    kept in expectation, if they are worst-case costs, for certain. Infinite: no limit.

    ``discovery`` of the ``per_customer`` places are kept for fresh candidates, as far
    as the customer has some (of different groups, wanted, of any value); where they
    are all too dear or used up, the place stays empty. ``recent`` is what customers
    got last time: they do not get it again.

    :raises ValueError: if the columns do not fit each other, or a number is no limit
    """

    groups: IntArray
    related: IntArray
    caps: Numbers
    budgets: Numbers
    per_customer: int = 4
    discovery: int = 1
    diversity: float = 0.0
    """
    What the second offer of one ``related`` circle loses, as a share of the value of
    the customer's best candidate; the third loses twice this, and so on.
    """
    cap: float = inf
    """How many offers in all."""
    budget: float = inf
    """How much all offers together may cost."""
    recent: Pairs = field(default=NO_PAIRS)

    def __post_init__(self) -> None:
        """Refuse what is no limit."""
        columns = (self.related, self.caps, self.budgets)
        if any(len(column) != len(self.groups) for column in columns):
            text = "The columns of limits must have one length."
            raise ValueError(text)
        if not 0 <= self.discovery <= self.per_customer or self.per_customer < 1:
            text = "per_customer must be at least 1, discovery from 0 to per_customer."
            raise ValueError(text)
        if not 0 <= self.diversity < inf:
            text = "diversity must be a number from 0."
            raise ValueError(text)
        each = np.concatenate((self.caps, self.budgets, [self.cap, self.budget]))
        if np.isnan(each).any() or (each < 0).any():
            text = "Caps and budgets must be numbers from 0, or infinite."
            raise ValueError(text)

    def __len__(self) -> int:
        """Count the offers."""
        return len(self.groups)

    @classmethod
    def none(cls, offers: int) -> Self:
        """Return no limits on so many offers, each a group and a circle of its own."""
        return cls(
            groups=np.arange(offers, dtype=np.int32),
            related=np.arange(offers, dtype=np.int32),
            caps=np.full(offers, inf),
            budgets=np.full(offers, inf),
        )


def discovery_places(per_customer: int, share: float) -> int:
    """
    Return how many of the places are at least this share; not all of them below one.

    A quarter of four is one, of three one, of one none.
    """
    places = ceil(per_customer * share - 1e-9)
    return min(places, per_customer if share >= 1 else per_customer - 1)
