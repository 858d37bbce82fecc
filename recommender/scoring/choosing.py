"""The best offers for each customer, past answers heeded."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.config import Config
from recommender.data import (
    Answer,
    BoolArray,
    FloatArray,
    LongArray,
    Response,
    Sparse,
    day_number,
)
from recommender.dataset import Catalogue, csr
from recommender.features import Audience, Targets
from recommender.models.mixed import Mixed, Parts


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Dislikes:
    """
    What customers said is not for them.

    ``items`` (customers, items): how much is taken off what is like it, 0 to 1;
    ``targets`` (customers, targets): one for an offer that must not come again.
    """

    items: Sparse
    targets: Sparse


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Chosen:
    """
    For each customer (row) the best targets, best first, with score and parts.

    A place that nothing is left for has the target -1.
    """

    targets: NDArray[np.int64]
    scores: FloatArray
    parts: Parts


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
        for name in response.categories:
            for item in catalogue.items_in(name):
                less[row, item] = max(less.get((row, item), 0.0), fresh)
    pairs = sorted(set(gone))
    return Dislikes(
        items=_matrix(list(less), list(less.values()), len(ids), len(catalogue.items)),
        targets=_matrix(pairs, [1.0] * len(pairs), len(ids), len(targets)),
    )


def _matrix(
    places: Sequence[tuple[int, int]], values: Sequence[float], rows: int, columns: int
) -> Sparse:
    where = np.array(places, np.int32).reshape(-1, 2)
    return csr(where[:, 0], where[:, 1], values, (rows, columns))


def choose(
    mixed: Mixed,
    audience: Audience,
    targets: Targets,
    disliked: Dislikes,
    config: Config,
) -> Chosen:
    """
    Return each customer's best ``config.top`` targets; equals in the targets' order.

    Where four in a row would all be what the customer buys anyway, the fourth is
    the best of what is new to them (four: ``config.discovery_every``).
    """
    parts = mixed.parts(audience, targets)
    less = (disliked.items @ targets.shares.T).toarray()
    scores = mixed.mix(parts) * np.clip(1 - less, 0, 1)
    scores = np.where(disliked.targets.toarray() > 0, -np.inf, scores)
    ranked = np.argsort(-scores, axis=1, kind="stable")
    order = np.stack(
        [
            _with_discovery(places, parts.own[row] <= 0, config)
            for row, places in enumerate(ranked)
        ]
    )

    def picked(values: FloatArray) -> FloatArray:
        return np.take_along_axis(values, order, axis=1).astype(np.float32)

    best = picked(scores)
    return Chosen(
        targets=np.where(np.isfinite(best), order, -1),
        scores=best,
        parts=Parts(own=picked(parts.own), discovery=picked(parts.discovery)),
    )


def _with_discovery(
    places: NDArray[np.int64], fresh: BoolArray, config: Config
) -> NDArray[np.int64]:
    """Return the first places, with something new in each so many."""
    every, top = config.discovery_every, min(config.top, len(places))
    if every == 0:
        return places[:top]
    waiting = places.tolist()
    new = [place for place in waiting if fresh[place]]
    taken: list[int] = []
    for number in range(top):
        group = taken[number - number % every :]
        due = number % every == every - 1 and not any(fresh[p] for p in group)
        best = new[0] if due and new else waiting[0]
        waiting.remove(best)
        if fresh[best]:
            new.remove(best)
        taken.append(best)
    return np.array(taken, np.int64)
