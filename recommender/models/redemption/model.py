"""
How probable it is that a customer redeems an offer that is made to them.

First, whether the customer uses anything of the campaign: a logistic regression with
an L2 penalty over a few counts, because there are few past campaigns to learn from.
Then, which: LightGBM over pairs (``recommender.models.ranker`` has the source), which
is given the first answer. Its scores are made probabilities by Platt's scaling
("Probabilistic Outputs for Support Vector Machines", 1999) on customers whose own
answers the trees had not seen.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import lightgbm
import numpy as np

from recommender.data import FloatArray, IntArray
from recommender.features import Audience, Targets
from recommender.features import pairs as ranking
from recommender.models.ranker import Ranker, blocks
from recommender.models.redemption.table import (
    FEATURES,
    FROM_RANKER,
    Table,
    Terms,
    tabulate_terms,
)

_COLUMNS = {name: number for number, name in enumerate(ranking.FEATURES)}


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Logistic:
    """
    A logistic regression on logarithms, each to mean 0 and spread 1.

    ``weights`` are one longer than ``mean`` and ``spread``: the last is the constant.
    """

    mean: FloatArray
    spread: FloatArray
    weights: FloatArray

    def log_odds(self, columns: FloatArray) -> FloatArray:
        """Return the log-odds of each row."""
        scaled = (np.log1p(columns) - self.mean) / self.spread
        return np.asarray(scaled @ self.weights[:-1] + self.weights[-1], np.float32)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Redemption:
    """
    Trained on past campaigns.

    ``who`` says who uses anything, ``trees`` (LightGBM's text) which offer, their
    mean log-odds times ``slope`` plus ``constant`` being those of a redemption.
    ``reach``: the share of customers who lately bought each product.
    """

    who: Logistic
    trees: tuple[str, ...]
    slope: float
    constant: float
    reach: Mapping[str, float]
    redemptions: int
    threads: int = 1

    def raw(self, table: Table) -> FloatArray:
        """Return the trees' mean log-odds of each pair, (customers, k)."""
        filled = self.fill(table)
        flat = filled.pairs.reshape(-1, len(FEATURES))
        if len(flat) == 0:
            return np.zeros(filled.pairs.shape[:2], np.float32)
        found = [
            _booster(text).predict(flat, raw_score=True, num_threads=self.threads)
            for text in self.trees
        ]
        mean = np.mean(found, axis=0).astype(np.float32)
        return np.asarray(mean.reshape(filled.pairs.shape[:2]))

    def probability(self, table: Table) -> FloatArray:
        """Return the probability of each pair, (customers, k)."""
        odds = self.raw(table) * self.slope + self.constant
        return np.asarray(1 / (1 + np.exp(-odds)), np.float32)

    def fill(self, table: Table) -> Table:
        """Return the table with who will use anything in its last column."""
        return fill(table, self.who)


def redemption_table(
    ranker: Ranker,
    audience: Audience,
    targets: Targets,
    terms: Terms,
    *,
    places: IntArray,
    buyers: FloatArray,
) -> Table:
    """
    Return the features of each customer's places; a place of -1 is none.

    :param buyers: (targets), from :func:`added_up`
    """
    at = np.maximum(places, 0)
    parts = []
    for rows in blocks(len(audience)):
        some = audience.rows(rows)
        seen = ranker.table(some, targets, at[rows])
        known = {name: seen[:, :, _COLUMNS[name]] for name in FROM_RANKER}
        known |= {"buying": ranker.of_table(seen), "buyers": buyers}
        parts.append(
            tabulate_terms(some, targets, terms.rows(rows), known, places[rows])
        )
    return Table(
        pairs=np.concatenate([part.pairs for part in parts]),
        who=np.concatenate([part.who for part in parts]),
    )


def fill(table: Table, who: Logistic) -> Table:
    """Return the table with ``will_use`` filled."""
    pairs = table.pairs.copy()
    pairs[:, :, -1] = who.log_odds(table.who)[:, np.newaxis]
    return replace(table, pairs=pairs)


def added_up(
    targets: Targets, reach: Mapping[str, float], items: FloatArray
) -> FloatArray:
    """Return (targets): the share of buyers of each product and item, added up."""
    products = np.array([reach.get(sku, 0.0) for sku in targets.skus], np.float32)
    found = targets.categories @ items
    if len(products):
        found = found + targets.products @ products
    return np.asarray(found, np.float32)


@lru_cache(maxsize=16)
def _booster(text: str) -> Any:  # noqa: ANN401  # LightGBM has no types
    return lightgbm.Booster(model_str=text)
