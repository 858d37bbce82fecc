"""
How much more probable a purchase becomes by an offer: from customers held out by lot.

An offer that is redeemed by who would have bought anyway brings nothing. Pairs of a
customer and an offer are put into cells by the offer's kind and by how probable the
purchase is anyway; in each, the share of buyers among the treated is compared with
that among those held out. Comparing within bands of probability also puts right that
our own campaigns choose their offers by it (stratification on the propensity's cause:
Rosenbaum and Rubin, "Reducing bias in observational studies using subclassification
on the propensity score", 1984). Pairs of one customer go together: the variance is
that of customers' sums. Cells are drawn to the pooled mean by as much as chance
explains their differences (DerSimonian and Laird, "Meta-analysis in clinical trials",
1986).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from recommender.data import BoolArray, FloatArray, IntArray, LongArray

Numbers = NDArray[np.float64]

BANDS: Final = (0.05, 0.2)
"""Where bands of the probability of a purchase anyway begin; the first is below."""
FEWEST: Final = 200
"""So many customers, held out and treated each, are needed for any estimate."""
_TWO_SIDED: Final = 1.96


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Trial:
    """
    Pairs of customers and offers of campaigns with a holdout; all columns are (n).

    ``cells``: of kind and band, from :func:`cells_of`; ``strata``: pairs are compared
    within these (a campaign's cell); ``treated``: the offer was made; ``bought``
    what it is for while it could be used; ``customers`` are ids.
    """

    cells: IntArray
    strata: IntArray
    customers: LongArray
    treated: BoolArray
    bought: BoolArray


@dataclass(frozen=True, kw_only=True, slots=True)
class Effect:
    """An estimate and its 95 % interval; ``pairs`` that it rests on."""

    mean: float
    low: float
    high: float
    pairs: int


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Uplift:
    """
    The effects: ``pooled``, and ``cells`` (kinds, bands) drawn to it.

    ``kinds`` names the rows of cells; another kind has the pooled effect.
    """

    kinds: tuple[str, ...]
    cells: Numbers
    pooled: Effect

    def of(
        self, kinds: Sequence[str | None], anyway: FloatArray, places: IntArray
    ) -> FloatArray:
        """
        Return how much an offer adds to the probability of a purchase.

        :param kinds: of each target
        :param anyway: (customers, k), the probability without it
        :param places: (customers, k), which target; -1 is none
        :return: in the shape of ``anyway``; with it, no probability exceeds 1
        """
        place = {kind: number for number, kind in enumerate(self.kinds)}
        table = np.vstack((self.cells, np.full(len(BANDS) + 1, self.pooled.mean)))
        rows = np.array([place.get(k or "", len(self.kinds)) for k in kinds], np.int64)
        added = table[rows[np.maximum(places, 0)], bands_of(anyway)]
        return np.asarray(np.clip(added, -anyway, 1 - anyway), np.float32)

    @classmethod
    def fit(cls, trial: Trial, kinds: Sequence[str]) -> Self | None:
        """Estimate; None where too few customers were held out or treated."""
        enough = min(
            len(np.unique(trial.customers[trial.treated])),
            len(np.unique(trial.customers[~trial.treated])),
        )
        if enough < FEWEST:
            return None
        size = len(kinds) * (len(BANDS) + 1)
        everything = np.ones(len(trial.cells), bool)
        mean, variance = difference(trial, everything)
        found = [difference(trial, trial.cells == cell) for cell in range(size)]
        means, variances = (np.array(column) for column in zip(*found, strict=True))
        spread = _TWO_SIDED * np.sqrt(variance)
        return cls(
            kinds=tuple(kinds),
            cells=shrunk(means, variances, mean).reshape(len(kinds), -1),
            pooled=Effect(
                mean=mean,
                low=mean - spread,
                high=mean + spread,
                pairs=len(trial.cells),
            ),
        )


def bands_of(anyway: FloatArray) -> LongArray:
    """Return in which band each probability is."""
    return np.searchsorted(np.array(BANDS), anyway, side="right")


def cells_of(
    kinds: Sequence[str | None], anyway: FloatArray, place: Mapping[str, int]
) -> IntArray:
    """Return the cell of each pair, of its kind and probability; -1: no known kind."""
    rows = np.array([place.get(kind or "", -1) for kind in kinds], np.int64)
    cells = rows * (len(BANDS) + 1) + bands_of(anyway)
    return np.where(rows < 0, -1, cells).astype(np.int32)


def difference(trial: Trial, chosen: BoolArray) -> tuple[float, float]:
    """
    Return by how much more the treated bought, and the variance of that.

    Strata weigh as much as they have pairs to compare (n1 * n0 / (n1 + n0)); one
    without both says nothing. An infinite variance: there is nothing to compare.
    """
    _, strata = np.unique(trial.strata[chosen], return_inverse=True)
    treated, bought = trial.treated[chosen], trial.bought[chosen].astype(np.float64)
    size = int(strata.max(initial=-1)) + 1
    ones = np.bincount(strata[treated], minlength=size).astype(np.float64)
    zeros = np.bincount(strata[~treated], minlength=size).astype(np.float64)
    weights = ones * zeros / np.maximum(ones + zeros, 1)
    if weights.sum() == 0:
        return 0.0, np.inf
    weights /= weights.sum()
    ones, zeros = np.maximum(ones, 1), np.maximum(zeros, 1)
    with_it = np.bincount(strata[treated], bought[treated], size) / ones
    without = np.bincount(strata[~treated], bought[~treated], size) / zeros
    part = np.where(
        treated,
        weights[strata] * (bought - with_it[strata]) / ones[strata],
        -weights[strata] * (bought - without[strata]) / zeros[strata],
    )
    _, owner = np.unique(trial.customers[chosen], return_inverse=True)
    sums = np.bincount(owner, part)
    return float(weights @ (with_it - without)), float((sums**2).sum())


def shrunk(means: Numbers, variances: Numbers, pooled: float) -> Numbers:
    """
    Draw the means to the pooled one by as much as chance explains.

    The variance between cells is DerSimonian and Laird's; a cell without a variance
    of its own is the pooled mean.
    """
    known = np.isfinite(variances) & (variances > 0)
    if known.sum() <= 1:
        return np.full(len(means), pooled)
    precision = 1 / variances[known]
    centre = precision @ means[known] / precision.sum()
    surplus = precision @ (means[known] - centre) ** 2 - (known.sum() - 1)
    scale = precision.sum() - (precision**2).sum() / precision.sum()
    between = max(surplus / scale, 0.0) if scale > 0 else 0.0
    trust = np.zeros(len(means))
    trust[known] = between / (between + variances[known])
    return np.asarray(pooled + trust * (means - pooled), np.float64)
