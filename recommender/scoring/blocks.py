"""All customers, block by block."""

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, Future
from dataclasses import dataclass, replace

import numpy as np

from recommender.data import FloatArray, IntArray, Sparse, day_number
from recommender.features import Audience, Targets
from recommender.models.redemption import Terms
from recommender.scoring.blas import one_thread
from recommender.scoring.candidates import find_candidates, in_chunks
from recommender.scoring.describing import describe_audience
from recommender.scoring.dislikes import dislikes
from recommender.scoring.executors import Crew
from recommender.scoring.scene import Scene
from recommender.scoring.values import People, Scored
from recommender.training import Progress, Trained

AHEAD = 2
"""For each task that is computed so many are under way: nobody waits for the next."""
SOME = 4
"""So many tasks an executor is taken to compute at once that does not say."""


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
    most = AHEAD * (executor.size if isinstance(executor, Crew) else SOME)
    waiting: deque[Future[Scored]] = deque()
    try:
        for block in people:
            block = block.slim()  # noqa: PLW2901  # nothing else is of use from here on
            theirs = scene.only(block)
            waiting.append(executor.submit(score_block, trained, theirs, block))
            if len(waiting) >= most:
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
    the model's ranking of these only, and what they are worth.
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
    terms = scene.terms(audience.ids)
    with one_thread():
        pairs = find_candidates(trained, audience, targets, disliked.targets)
        parts = [
            _valued(
                trained,
                _Chunk(
                    audience=audience.rows(rows),
                    targets=targets,
                    terms=terms.rows(rows),
                    disliked=disliked.items[rows],
                ),
                places,
            ).best(k)
            for rows, places in in_chunks(*pairs, len(audience))
        ]
    return Scored.together(parts)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Chunk:
    """
    Customers to rank for, and the terms on which.

    ``disliked`` (customers, items): how much is taken off what is like it.
    """

    audience: Audience
    targets: Targets
    terms: Terms
    disliked: Sparse

    def left(self, places: IntArray) -> FloatArray:
        """Return which share of each place's probability dislikes leave."""
        less = (self.disliked @ self.targets.shares.T).toarray()
        at = np.maximum(places, 0).astype(np.int64)
        left = np.clip(1 - np.take_along_axis(less, at, axis=1), 0, 1)
        return np.asarray(left, np.float32)


def _valued(trained: Trained, chunk: _Chunk, places: IntArray) -> Scored:
    """Say of some places of each customer (-1: none) what they are worth."""
    audience, targets, terms = chunk.audience, chunk.targets, chunk.terms
    there = places >= 0
    ranked = trained.rank(audience, targets, np.maximum(places, 0))
    ranked = replace(ranked, places=places)
    redeemed = trained.redemption(audience, targets, ranked, terms)
    left = chunk.left(places)
    cost = terms.worth.cost[np.maximum(places, 0)]
    return Scored(
        customers=audience.ids,
        places=places,
        probability=redeemed.probability * left,
        value=redeemed.value * left,
        cost=np.where(there, cost, np.float32(0)),
        fresh=ranked.fresh & there,
    )
