"""How good a ranking is, on days it has not seen."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.data import FloatArray, Sparse

Numbers = NDArray[np.float64]
RESAMPLES = 1000


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Judged:
    """
    One model's ranking of one cut-off, household by household.

    ``customers`` are the households that bought something to be found; the three
    measures go with them, each from 0 to 1.
    """

    customers: NDArray[np.int64]
    precision: Numbers
    recall: Numbers
    ndcg: Numbers


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """
    One line of the report: means over households of all cut-offs together.

    ``low`` and ``high`` bound NDCG in 95 of 100 draws of households (a household is
    drawn with all its cut-offs).
    """

    model: str
    segment: str
    k: int
    households: int
    precision: float
    recall: float
    ndcg: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """What came out, and of what."""

    cutoffs: tuple[str, ...]
    days: int
    items: int
    rows: tuple[Row, ...]

    def as_dict(self) -> dict[str, object]:
        """Return plain values, for JSON."""
        return {**asdict(self), "rows": [asdict(row) for row in self.rows]}

    def as_text(self) -> str:
        """Return a table in plain text."""
        head = f"{'ranking':26}{'P@k':>8}{'R@k':>8}{'NDCG@k':>8}   95 % of NDCG"
        lines = [
            f"{self.days} days after {', '.join(self.cutoffs)}; {self.items} items",
        ]
        for segment in dict.fromkeys(row.segment for row in self.rows):
            rows = [row for row in self.rows if row.segment == segment]
            lines += ["", f"{segment}: {rows[0].households} households, k={rows[0].k}"]
            lines.append(head)
            lines += [
                f"{r.model:26}{r.precision:8.3f}{r.recall:8.3f}{r.ndcg:8.3f}"
                f"   {r.low:.3f} to {r.high:.3f}"
                for r in rows
            ]
        return "\n".join(lines) + "\n"


def top_k(scores: FloatArray, k: int) -> NDArray[np.int64]:
    """Return the places of the k highest of each row, best first; ties by place."""
    order = np.argsort(-scores, axis=1, kind="stable")
    return order[:, :k]


def judge(ranked: NDArray[np.int64], wanted: Sparse, ids: NDArray[np.int64]) -> Judged:
    """
    Compare ranked places (rows, k) with what was bought (rows, items).

    Precision is hits / k; recall hits / all bought; NDCG the sum of 1 / log2(1 +
    place) over hits, against the best that k places could have.
    """
    counts = np.diff(wanted.indptr)
    rows = np.flatnonzero(counts)
    k = ranked.shape[1]
    truth = wanted[rows].toarray() > 0
    hits = np.take_along_axis(truth, ranked[rows], axis=1)
    discount = 1 / np.log2(np.arange(k) + 2)
    ideal = np.concatenate(([0.0], np.cumsum(discount)))[np.minimum(counts[rows], k)]
    found = hits.sum(axis=1)
    return Judged(
        customers=ids[rows],
        precision=found / k,
        recall=found / counts[rows],
        ndcg=(hits * discount).sum(axis=1) / ideal,
    )


def summarise(
    judged: Sequence[Judged], *, model: str, segment: str, k: int, seed: int
) -> Row:
    """Return the means over all cut-offs and the interval over households."""
    customers = np.concatenate([one.customers for one in judged])
    ndcg = np.concatenate([one.ndcg for one in judged])
    low, high = interval(customers, ndcg, seed=seed)
    return Row(
        model=model,
        segment=segment,
        k=k,
        households=len(np.unique(customers)),
        precision=_mean(np.concatenate([one.precision for one in judged])),
        recall=_mean(np.concatenate([one.recall for one in judged])),
        ndcg=_mean(ndcg),
        low=low,
        high=high,
    )


def _mean(values: Numbers) -> float:
    return float(values.mean()) if len(values) else 0.0


def interval(
    customers: NDArray[np.int64], values: Numbers, *, seed: int
) -> tuple[float, float]:
    """
    Return the 2.5 and 97.5 percentiles of the mean over resampled households.

    Rows of one household are drawn together: they are not independent.
    """
    if len(values) == 0:
        return 0.0, 0.0
    _, owner = np.unique(customers, return_inverse=True)
    sums = np.bincount(owner, weights=values)
    counts = np.bincount(owner).astype(np.float64)
    chance = np.random.default_rng(seed)
    drawn = chance.integers(0, len(sums), (RESAMPLES, len(sums)))
    means = sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    low, high = np.quantile(means, (0.025, 0.975))
    return float(low), float(high)
