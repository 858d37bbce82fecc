"""
What customers did with earlier offers, as counts and nothing more.

Which offer a customer used when is not kept: only how many, how long ago the last,
and of which items.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np

from recommender.data import (
    Answer,
    FloatArray,
    IntArray,
    LongArray,
    Past,
    Response,
    Sparse,
    day_number,
)
from recommender.dataset import Catalogue, csr
from recommender.features import Space, Targets

NEVER = 999.0
"""Days since what never was."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Answered:
    """
    Counts of some customers, as of a day; all go with the rows of an audience.

    ``reached`` and ``answering``: campaigns they were in, and used an offer of;
    ``redeemed``: offers they used; ``since``: days since the last; ``liked`` and
    ``refused`` (customers, items): what the offers were for that they used, or said
    "not for me" to, each spread over its items.
    """

    reached: FloatArray
    answering: FloatArray
    redeemed: FloatArray
    since: FloatArray
    liked: Sparse
    refused: Sparse

    def rows(self, rows: IntArray) -> "Answered":
        """Return some of the customers."""
        return Answered(
            reached=self.reached[rows],
            answering=self.answering[rows],
            redeemed=self.redeemed[rows],
            since=self.since[rows],
            liked=self.liked[rows],
            refused=self.refused[rows],
        )


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Tally:
    """The counts of everybody who was ever reached; ``ids`` ascend."""

    ids: LongArray
    counts: Answered

    @classmethod
    def of(cls, past: Past, catalogue: Catalogue, space: Space, *, day: int) -> Self:
        """Count what was before the day; offers with nothing left count no items."""
        campaigns = [c for c in past.campaigns if day_number(c.start) < day]
        responses = [r for r in past.responses if day_number(r.day) < day]
        found = {who for one in campaigns for who in one.customers}
        found |= {response.customer for response in responses}
        ids = np.array(sorted(found), np.int64)
        row = {int(who): place for place, who in enumerate(ids)}
        reached = np.zeros(len(ids), np.float32)
        for one in campaigns:
            reached[np.searchsorted(ids, np.array(one.customers, np.int64))] += 1
        used = [r for r in responses if r.answer is Answer.REDEEMED]
        redeemed = np.zeros(len(ids), np.float32)
        answering = np.zeros(len(ids), np.float32)
        since = np.full(len(ids), NEVER, np.float32)
        for response in used:
            place = row[response.customer]
            redeemed[place] += 1
            since[place] = min(since[place], day - day_number(response.day))
        for customer, _campaign in {(r.customer, r.campaign) for r in used}:
            answering[row[customer]] += 1
        spread = _Spread(past, catalogue, space)
        refused = [r for r in responses if r.answer is Answer.NOT_FOR_ME]
        return cls(
            ids=ids,
            counts=Answered(
                reached=reached,
                answering=answering,
                redeemed=redeemed,
                since=since,
                liked=spread.over(used, row),
                refused=spread.over(refused, row),
            ),
        )

    def of_customers(self, ids: LongArray) -> Answered:
        """Return the counts of these customers; who was never reached has none."""
        places = np.searchsorted(self.ids, ids)
        known = np.zeros(len(ids), bool)
        inside = places < len(self.ids)
        known[inside] = self.ids[places[inside]] == ids[inside]
        where = np.flatnonzero(known).astype(np.int32)
        mine = self.counts.rows(places[where].astype(np.int32))

        def filled(values: FloatArray, missing: float = 0.0) -> FloatArray:
            found = np.full(len(ids), missing, np.float32)
            found[where] = values
            return found

        def placed(matrix: Sparse) -> Sparse:
            each = matrix.tocoo()
            shape = (len(ids), matrix.shape[1])
            return csr(where[each.row], each.col, each.data, shape)

        return Answered(
            reached=filled(mine.reached),
            answering=filled(mine.answering),
            redeemed=filled(mine.redeemed),
            since=filled(mine.since, NEVER),
            liked=placed(mine.liked),
            refused=placed(mine.refused),
        )


class _Spread:
    """Spreads answers over the items that their offers were for."""

    def __init__(self, past: Past, catalogue: Catalogue, space: Space) -> None:
        self.items = len(space.items)
        self.catalogue = catalogue
        self.place: dict[tuple[str, str], tuple[Sparse, int]] = {}
        for one in past.campaigns:
            targets = Targets.of(one.offers, catalogue, space)
            for number, key in enumerate(targets.keys):
                self.place[one.code, key] = targets.shares, number

    def over(self, responses: list[Response], row: Mapping[int, int]) -> Sparse:
        """Return (customers, items): how many answers were about each item."""
        rows: list[int] = []
        columns: list[int] = []
        weights: list[float] = []
        for response in responses:
            for item, weight in self._items(response):
                rows.append(row[response.customer])
                columns.append(item)
                weights.append(weight)
        return csr(rows, columns, weights, (len(row), self.items))

    def _items(self, response: Response) -> list[tuple[int, float]]:
        known = self.place.get((response.campaign, response.offer))
        if known is not None:
            shares, number = known
            part = slice(shares.indptr[number], shares.indptr[number + 1])
            places, weights = shares.indices[part], shares.data[part]
            return list(zip(places.tolist(), weights.tolist(), strict=True))
        named = [self.catalogue.items_in(name) for name in response.categories]
        items = {item for found in named for item in found}
        return [(item, 1 / len(items)) for item in sorted(items)]
