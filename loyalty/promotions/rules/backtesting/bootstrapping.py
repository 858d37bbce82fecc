"""
The interval of a back-test's cost: a bootstrap over shoppers.

Shoppers are drawn with replacement, as many as there are, with all that was given to
each: one shopper's baskets resemble each other, so baskets would be too sure. The
interval runs from the 2.5th to the 97.5th percentile of the sums of 1,000 such draws
(Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapters 6 and 13).

Beyond ``MOST_GROUPS`` shoppers they are drawn in random groups of equal size, whose
sums vary as the shoppers' own do (Wolter, Introduction to Variance Estimation, 2007,
chapter 2): so neither time nor memory grows with a chain's customers.
"""

from collections.abc import Sequence
from random import Random
from typing import Final

from loyalty.promotions.values.backtests import Interval

MOST_GROUPS: Final = 2_000
FEWEST_SHOPPERS: Final = 8
"""With fewer an interval would say more than is known."""

_RESAMPLES: Final = 1_000
_LOW, _HIGH = 25, 975


def interval(costs: Sequence[int], *, shoppers: int) -> Interval | None:
    """
    Return where the sum of the costs would lie for other shoppers like these.

    :param costs: of each shopper, or each group, to whom something was given
    :param shoppers: all, with those to whom nothing was given
    :returns: None if there are too few
    """
    if shoppers < FEWEST_SHOPPERS or not costs:
        return None
    population = [*costs, *([0] * (min(shoppers, MOST_GROUPS) - len(costs)))]
    draw = Random(0)  # noqa: S311  # a fixed seed: the same back-test, the same answer
    size = len(population)
    sums = sorted(sum(draw.choices(population, k=size)) for _ in range(_RESAMPLES))
    return Interval(low=sums[_LOW], high=sums[_HIGH - 1], shoppers=shoppers)
