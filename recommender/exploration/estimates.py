"""
What another policy would have brought, from what this one drew.

Each list of offers (one customer, one campaign) was drawn place by place with known
probabilities. An offer's weight is the probability of the list down to it under the
other policy, divided by that under the one that ran (per-decision importance sampling:
Precup, Sutton and Singh, 2000). With these weights the rewards are those of the other
policy on average, whatever the model that made either.

- **ips** is unbiased where the running policy could draw all that the other could, but
  its spread may be anything.
- **snips** divides by the weights' own mean, rank by rank (Swaminathan and Joachims,
  2015): a little biased, far steadier.
- **dr** starts from a model's prediction and corrects it by the weighted mistakes that
  it made (Dudík et al., 2014), with weights cut off at ``clip`` (Bottou et al., 2013):
  unbiased if either the prediction or the probabilities are right, but for the
  clipping.

All give the mean reward of a list (who was shown nothing has none) and take for
granted that the other policy would show as many offers. Lists are independent, so the
interval is from the spread between them.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.allocation.limits import Numbers
from recommender.data import IntArray, LongArray

Z = 1.959964
"""Half the width of a 95 % interval in standard errors."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Logged:
    """
    Offers that were drawn, in columns of one length, in any order.

    ``lists`` say which offers were drawn together (any numbers), ``ranks`` in which
    order, from 1. ``propensity`` is how likely each was to be drawn given those before
    it, ``target`` the same under the policy to be judged; ``rewards`` what came of it.

    :raises ValueError: if columns differ in length, a propensity is not above 0, or a
        list's ranks are not 1, 2, 3, …
    """

    lists: LongArray
    ranks: IntArray
    propensity: Numbers
    target: Numbers
    rewards: Numbers

    def __post_init__(self) -> None:
        """Refuse what cannot be weighed."""
        columns = (self.ranks, self.propensity, self.target, self.rewards)
        if any(len(column) != len(self.lists) for column in columns):
            text = "The columns of a log must have one length."
            raise ValueError(text)
        if not (self.propensity > 0).all() or not (self.target >= 0).all():
            text = "A propensity must be above 0, a target's probability not below."
            raise ValueError(text)
        order = np.lexsort((self.ranks, self.lists))
        first = np.append(True, np.diff(self.lists[order]) != 0)[: len(order)]
        ranks = self.ranks[order]
        if (ranks[first] != 1).any() or (np.diff(ranks)[~first[1:]] != 1).any():
            text = "The ranks of a list must be 1, 2, 3 and so on."
            raise ValueError(text)

    def weights(self) -> tuple[Numbers, Numbers]:
        """Return how much likelier each list became, before each offer and with it."""
        order = np.lexsort((self.ranks, self.lists))
        weights = self.target[order] / self.propensity[order]
        before = np.ones(len(weights))
        rank = self.ranks[order]
        for place in range(2, int(rank.max(initial=1)) + 1):
            later = np.flatnonzero(rank == place)
            before[later] = weights[later - 1]
            weights[later] *= before[later]
        back = np.argsort(order, kind="stable")
        return before[back], weights[back]


@dataclass(frozen=True, kw_only=True, slots=True)
class Estimate:
    """
    The mean reward of a list, with its 95 % interval.

    ``effective`` is how many lists drawn by the other policy itself would say as much
    (Kish): where that is few, believe nothing. It is that of the rank where it is
    fewest.
    """

    value: float
    low: float
    high: float
    lists: int
    effective: float


def ips(log: Logged) -> Estimate:
    """Return the estimate by weighted rewards."""
    _, weights = log.weights()
    return _estimate(log, weights * log.rewards, weights)


def snips(log: Logged) -> Estimate:
    """Return the estimate by weighted rewards, the weights brought to mean one."""
    _, weights = log.weights()
    ranks = log.ranks
    sums = np.bincount(ranks, weights)
    shown = np.bincount(ranks).astype(np.float64)
    means = _over(np.bincount(ranks, weights * log.rewards), sums)
    # Each offer's part, so that its mean over the lists is the estimate and its
    # spread that of the quotient (the delta method).
    scale = _over(shown, sums)[ranks]
    parts = means[ranks] + scale * weights * (log.rewards - means[ranks])
    return _estimate(log, parts, weights)


def dr(
    log: Logged, predicted: Numbers, expected: Numbers, *, clip: float = 20.0
) -> Estimate:
    """
    Return the clipped doubly robust estimate.

    :param predicted: the reward that a model predicts of each offer drawn
    :param expected: the reward that it predicts in this place under the other policy:
        the sum over all candidates of probability (given the places before) times
        prediction
    """
    before, weights = (np.minimum(each, clip) for each in log.weights())
    parts = before * expected + weights * (log.rewards - predicted)
    return _estimate(log, parts, weights)


def _estimate(log: Logged, parts: Numbers, weights: Numbers) -> Estimate:
    """Return the mean over the lists of their offers' parts together."""
    _, place = np.unique(log.lists, return_inverse=True)
    each = np.bincount(place, parts)
    count = len(each)
    if count == 0:
        return Estimate(value=0.0, low=0.0, high=0.0, lists=0, effective=0.0)
    value = float(each.mean())
    error = float(each.std(ddof=1) / np.sqrt(count)) if count > 1 else np.inf
    sums = np.bincount(log.ranks, weights) ** 2
    effective = _over(sums, np.bincount(log.ranks, weights**2))[1:]
    return Estimate(
        value=value,
        low=value - Z * error,
        high=value + Z * error,
        lists=count,
        effective=float(effective.min()),
    )


def _over(above: NDArray[np.number], below: NDArray[np.number]) -> Numbers:
    """Divide; 0 where there is nothing to divide by."""
    found = np.zeros(len(above))
    np.divide(above, below, out=found, where=below > 0)
    return found
