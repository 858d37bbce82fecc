"""What an experiment can say: a difference of two groups, with its interval."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import NormalDist

FEWEST_MEMBERS = 50
"""Of each group: below it the mean of skewed spending is not near enough to normal."""

_FEWEST = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Moments:
    """
    The sums from which two groups are compared: of ``x`` before and ``y`` during.

    The database adds them up, so that a comparison of a million customers takes as
    little here as one of a hundred.
    """

    n: int = 0
    x: float = 0.0
    y: float = 0.0
    xx: float = 0.0
    yy: float = 0.0
    xy: float = 0.0

    def __add__(self, other: "Moments") -> "Moments":
        """Put two groups together."""
        return Moments(
            n=self.n + other.n,
            x=self.x + other.x,
            y=self.y + other.y,
            xx=self.xx + other.xx,
            yy=self.yy + other.yy,
            xy=self.xy + other.xy,
        )

    @property
    def mean_x(self) -> float:
        """The mean before."""
        return self.x / self.n

    @property
    def mean_y(self) -> float:
        """The mean during."""
        return self.y / self.n

    @property
    def spread_x(self) -> float:
        """The sum of squares around the mean, before."""
        return max(self.xx - self.x * self.x / self.n, 0.0)

    @property
    def spread_y(self) -> float:
        """The same of during."""
        return max(self.yy - self.y * self.y / self.n, 0.0)

    @property
    def together(self) -> float:
        """And of both together."""
        return self.xy - self.x * self.y / self.n


def moments_of(pairs: Iterable[tuple[float, float]]) -> Moments:
    """Return the sums of one (before, during) for each customer."""
    found = list(pairs)
    return Moments(
        n=len(found),
        x=math.fsum(x for x, _ in found),
        y=math.fsum(y for _, y in found),
        xx=math.fsum(x * x for x, _ in found),
        yy=math.fsum(y * y for _, y in found),
        xy=math.fsum(x * y for x, y in found),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """The difference of two means, with its interval."""

    treated: float
    holdout: float
    difference: float
    low: float
    high: float

    @property
    def is_clear(self) -> bool:
        """Test whether the interval excludes zero."""
        return self.low > 0 or self.high < 0


def compare(
    treated: Moments, holdout: Moments, *, confidence: float = 0.95
) -> Difference | None:
    """
    Compare two independent groups, each customer against their own time before.

    Customers differ by far more than any offer changes. What is explained by the
    time before is taken out with one slope for both groups (CUPED: Deng, Xu, Kohavi
    and Walker 2013), which removes differences that chance put there beforehand and
    narrows the interval; the expected difference stays the same. The interval is
    Welch's (1947): the groups may be of different size and spread.

    :returns: None when a group has fewer than two members
    """
    if min(treated.n, holdout.n) < _FEWEST:
        return None
    slope = _slope(treated, holdout)
    both = treated + holdout
    adjusted = [
        one.mean_y - slope * (one.mean_x - both.mean_x) for one in (treated, holdout)
    ]
    errors = [_error(one, slope) for one in (treated, holdout)]
    difference = adjusted[0] - adjusted[1]
    margin = _quantile(
        0.5 + confidence / 2, _freedom(errors, treated.n, holdout.n)
    ) * math.sqrt(sum(errors))
    return Difference(
        treated=adjusted[0],
        holdout=adjusted[1],
        difference=difference,
        low=difference - margin,
        high=difference + margin,
    )


def difference_in_means(
    treated: Sequence[float], holdout: Sequence[float], *, confidence: float = 0.95
) -> Difference | None:
    """
    Compare two independent groups of which nothing is known before.

    :param treated: one figure for each customer, those who bought nothing as 0
    :returns: None when a group has fewer than two members
    """
    groups = [moments_of((0.0, one) for one in group) for group in (treated, holdout)]
    return compare(groups[0], groups[1], confidence=confidence)


def _slope(treated: Moments, holdout: Moments) -> float:
    """Return the slope within the groups, so that an effect does not bend it."""
    spread = treated.spread_x + holdout.spread_x
    return (treated.together + holdout.together) / spread if spread > 0 else 0.0


def _error(one: Moments, slope: float) -> float:
    """Return the squared standard error of a group's adjusted mean."""
    left = one.spread_y - 2 * slope * one.together + slope * slope * one.spread_x
    return max(left, 0.0) / (one.n - 1) / one.n


def _freedom(errors: Sequence[float], *sizes: int) -> float:
    """Return the degrees of freedom by Satterthwaite; infinite without any spread."""
    below = sum(
        error * error / (size - 1) for error, size in zip(errors, sizes, strict=True)
    )
    return sum(errors) ** 2 / below if below > 0 else math.inf


def _quantile(p: float, freedom: float) -> float:
    """
    Return Student's quantile (Abramowitz and Stegun 1964, 26.7.5).

    From three degrees of freedom on it is right to about a hundredth.
    """
    z = NormalDist().inv_cdf(p)
    if math.isinf(freedom):
        return z
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92_160,
    )
    return z + sum(term / freedom**k for k, term in enumerate(terms, 1))


def judge(treated: Moments, holdout: Moments, *, among: int = 1) -> Difference | None:
    """
    Compare two groups of which there is enough to say anything.

    :param among: of how many comparisons this is one; each interval is widened so that
        all of them hold together in 95 of 100 experiments (Bonferroni)
    :returns: None where one has fewer than ``FEWEST_MEMBERS``, or nobody did anything
    """
    if min(treated.n, holdout.n) < FEWEST_MEMBERS or not (treated.yy or holdout.yy):
        return None
    return compare(treated, holdout, confidence=1 - 0.05 / among)
