"""Who is held out, and what an experiment can say."""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist, fmean, variance

from loyalty.offers.values import Offer, OfferState
from loyalty.webhooks.values import Data, EventType

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


@dataclass(frozen=True, kw_only=True, slots=True)
class Spending:
    """What one member paid for goods, in minor units."""

    before: float
    """In a fixed time before the campaign."""

    during: float


def compare_spending(
    treated: Sequence[Spending], holdout: Sequence[Spending]
) -> Difference | None:
    """
    Compare what two groups spent, each member against their own earlier spending.

    Customers differ by far more than any offer changes. What is explained by the
    time before is taken out with one slope for both groups (CUPED: Deng, Xu, Kohavi
    and Walker 2013), which removes differences that chance put there beforehand and
    narrows the interval; the expected difference stays the same.

    :returns: None when a group has fewer than two members
    """
    everybody = [*treated, *holdout]
    if len(everybody) < _FEWEST:
        return None
    mean_before = fmean(one.before for one in everybody)
    mean_during = fmean(one.during for one in everybody)
    spread = sum((one.before - mean_before) ** 2 for one in everybody)
    together = sum(
        (one.before - mean_before) * (one.during - mean_during) for one in everybody
    )
    slope = together / spread if spread else 0.0

    def adjusted(group: Sequence[Spending]) -> list[float]:
        return [one.during - slope * (one.before - mean_before) for one in group]

    return difference_in_means(adjusted(treated), adjusted(holdout))


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


def event_of(offer: Offer) -> EventType:
    """Return what is to be told of an offer just made, or just used."""
    used = offer.state is OfferState.REDEEMED
    return EventType.OFFER_REDEEMED if used else EventType.OFFER_MADE


def data_of(offer: Offer) -> Data:
    """Return what the event of an offer holds."""
    told: dict[str, str | int] = {
        "offer": offer.id,
        "customer": offer.customer_id,
        "promotion": offer.promotion,
    }
    if event_of(offer) is EventType.OFFER_REDEEMED:
        return {**told, "purchase": str(offer.purchase_id)}
    return {
        **told,
        "campaign": offer.campaign,
        "valid_from": offer.valid_from.isoformat(),
        "valid_until": offer.valid_until.isoformat(),
    }
