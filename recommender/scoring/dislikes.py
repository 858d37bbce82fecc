"""Heeding at once what a customer said is not for them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from recommender.config import Config
from recommender.data import (
    Answer,
    LongArray,
    Response,
    Sparse,
    day_number,
)
from recommender.dataset import Catalogue, csr
from recommender.features import Targets


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Dislikes:
    """
    What customers said is not for them.

    ``items`` (customers, items): how much is taken off what is like it, 0 to 1;
    ``targets`` (customers, targets): one for an offer that must not come again.
    """

    items: Sparse
    targets: Sparse


def dislikes(
    responses: Sequence[Response],
    *,
    ids: LongArray,
    targets: Targets,
    catalogue: Catalogue,
    day: int,
    config: Config,
) -> Dislikes:
    """Return what the answers before the end of ``day`` take away from offers."""
    row_of = {int(customer): row for row, customer in enumerate(ids)}
    place_of = {key: place for place, key in enumerate(targets.keys)}
    gone: list[tuple[int, int]] = []
    less: dict[tuple[int, int], float] = {}
    for response in responses:
        row = row_of.get(response.customer)
        age = day - day_number(response.day)
        if row is None or response.answer != Answer.NOT_FOR_ME or age < 0:
            continue
        if response.offer in place_of:
            gone.append((row, place_of[response.offer]))
        fresh = config.dismissal_penalty * 0.5 ** (
            age / config.dismissal_half_life_days
        )
        for item in _items(response, catalogue):
            less[row, item] = max(less.get((row, item), 0.0), fresh)
    pairs = sorted(set(gone))
    return Dislikes(
        items=_matrix(list(less), list(less.values()), len(ids), len(catalogue.items)),
        targets=_matrix(pairs, [1.0] * len(pairs), len(ids), len(targets)),
    )


def _items(response: Response, catalogue: Catalogue) -> set[int]:
    """Return the items that the offer was for: of a product, its category."""
    found = {item for name in response.categories for item in catalogue.items_in(name)}
    found |= {catalogue.item_of(sku) for sku in response.skus}
    return found - {-1}


def _matrix(
    places: Sequence[tuple[int, int]], values: Sequence[float], rows: int, columns: int
) -> Sparse:
    where = np.array(places, np.int32).reshape(-1, 2)
    return csr(where[:, 0], where[:, 1], values, (rows, columns))
