"""All customers, block by block."""

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, Future

import numpy as np

from recommender.data import FloatArray, day_number
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

    A customer's numbers do not depend on the block, nor on where it is computed.

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
    config, targets = trained.config, scene.targets
    audience = describe_audience(
        trained, people.purchases, people.customers, scene.catalogue, scene.day
    )
    customers = [customer.id for customer in people.customers]
    disliked = dislikes(
        [answer for who in customers for answer in scene.answers.get(who, ())],
        ids=audience.ids,
        targets=targets,
        catalogue=scene.catalogue,
        day=day_number(scene.day),
        config=config,
    )
    less = np.clip(1 - (disliked.items @ targets.shares.T).toarray(), 0, 1)
    values = trained.mixed.score(audience, targets) * less
    values = np.where(disliked.targets.toarray() > 0, -np.inf, values)
    order = np.argsort(-values, axis=1, kind="stable")[:, : config.candidates]
    fresh = (audience.history.counts @ targets.shares.T).toarray() <= 0
    best = np.take_along_axis(values, order, axis=1).astype(np.float32)
    there = np.isfinite(best)
    probability: FloatArray = np.where(there, best, 0)
    return Scored(
        customers=audience.ids,
        places=np.where(there, order, -1).astype(np.int32),
        probability=probability,
        value=probability,
        cost=np.zeros_like(probability),
        fresh=np.take_along_axis(fresh, order, axis=1) & there,
    )
