"""All customers, block by block."""

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, Future

import numpy as np

from recommender.data import IntArray, Sparse, day_number
from recommender.features import Audience, Targets
from recommender.scoring.candidates import find_candidates, in_chunks
from recommender.scoring.choosing import dislikes
from recommender.scoring.describing import describe_audience
from recommender.scoring.scene import Scene
from recommender.scoring.values import People, Scored
from recommender.training import Progress, Trained

UNDER_WAY = 8
"""So many blocks are given to an executor before the first result is waited for."""


def score(
    trained: Trained,
    scene: Scene,
    people: Iterable[People],
    *,
    executor: Executor | None = None,
    progress: Progress,
) -> Iterator[Scored]:
    """
    Score block after block, in their order, ``trained.config.candidates`` of each.

    A customer's numbers do not depend on the block (but for the rounding of products
    of matrices), nor on where it is computed.

    :param executor: computes several blocks at once; None: this thread
    :param progress: is told how many customers are done; 0 in all: it is not known
    """
    done = 0
    for scored in _computed(trained, scene, people, executor):
        done += len(scored)
        yield scored
        progress("customers", done, 0)


def _computed(
    trained: Trained, scene: Scene, people: Iterable[People], executor: Executor | None
) -> Iterator[Scored]:
    """Compute here, or elsewhere with a few blocks under way, in their order."""
    if executor is None:
        for block in people:
            yield score_block(trained, scene, block)
        return
    waiting: deque[Future[Scored]] = deque()
    try:
        for block in people:
            waiting.append(executor.submit(score_block, trained, scene, block))
            if len(waiting) > UNDER_WAY:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()


def score_block(trained: Trained, scene: Scene, people: People) -> Scored:
    """Score one block."""
    audience = describe_audience(
        trained, people.purchases, people.customers, scene.catalogue, scene.day
    )
    return score_audience(trained, scene, audience)


def score_audience(trained: Trained, scene: Scene, audience: Audience) -> Scored:
    """
    Score the customers of an audience, in two stages.

    Candidates by the product of vectors, and whatever was bought or declared; then
    the model's ranking of these only.
    """
    targets = scene.targets
    disliked = dislikes(
        [a for who in audience.ids.tolist() for a in scene.answers.get(who, ())],
        ids=audience.ids,
        targets=targets,
        catalogue=scene.catalogue,
        day=day_number(scene.day),
        config=trained.config,
    )
    k = min(trained.config.candidates, len(targets))
    pairs = find_candidates(trained, audience, targets, disliked.targets)
    parts = [
        _ranked(trained, targets, audience.rows(rows), places, disliked.items[rows])
        for rows, places in in_chunks(*pairs, len(audience))
    ]
    return Scored.together([part.best(k) for part in parts])


def _ranked(
    trained: Trained,
    targets: Targets,
    audience: Audience,
    places: IntArray,
    disliked: Sparse,
) -> Scored:
    """
    Rank some places of each customer.

    :param disliked: (customers, items), how much is taken off what is like it
    """
    there = places >= 0
    some = np.maximum(places, 0)
    ranked = trained.rank(audience, targets, some)
    less = (disliked @ targets.shares.T).toarray()
    left = np.clip(1 - np.take_along_axis(less, some.astype(np.int64), axis=1), 0, 1)
    probability = np.where(there, ranked.probability * left, 0).astype(np.float32)
    return Scored(
        customers=audience.ids,
        places=places,
        probability=probability,
        value=probability,
        cost=np.zeros_like(probability),
        fresh=ranked.fresh & there,
    )
