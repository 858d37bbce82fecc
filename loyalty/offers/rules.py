"""Who is held out, and what an experiment can say."""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist, fmean, variance

_BUCKETS = 10_000
_PERCENT = 100
_FEWEST = 2


def is_held_out(*, key: bytes, campaign: str, customer: int, percent: int) -> bool:
    """Test whether a customer is in a campaign's holdout.

    A keyed hash decides, so that the group is stable and nobody can choose it.
    """
    digest = hashlib.blake2b(
        f"{campaign}:{customer}".encode(), key=key, digest_size=8
    ).digest()
    bucket = int.from_bytes(digest) % _BUCKETS
    return bucket < percent * _BUCKETS // _PERCENT


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """The difference of two means, with its interval; None where nothing is known."""

    treated: float
    holdout: float
    difference: float
    low: float
    high: float

    @property
    def is_clear(self) -> bool:
        """Test whether the interval excludes zero."""
        return self.low > 0 or self.high < 0


def difference_in_means(
    treated: Sequence[float], holdout: Sequence[float], *, confidence: float = 0.95
) -> Difference | None:
    """
    Compare two independent groups (Welch: unequal variances, normal quantile).

    :param treated: one figure for each customer, those who bought nothing as 0
    :returns: None when a group has fewer than two members
    """
    if min(len(treated), len(holdout)) < _FEWEST:
        return None
    mean_treated, mean_holdout = fmean(treated), fmean(holdout)
    error = math.sqrt(
        variance(treated) / len(treated) + variance(holdout) / len(holdout)
    )
    margin = NormalDist().inv_cdf(0.5 + confidence / 2) * error
    difference = mean_treated - mean_holdout
    return Difference(
        treated=mean_treated,
        holdout=mean_holdout,
        difference=difference,
        low=difference - margin,
        high=difference + margin,
    )
