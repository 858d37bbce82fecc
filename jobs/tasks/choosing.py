"""Choosing promotions for customers: scored, allocated within limits, explained."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Final

import numpy as np

from jobs.tasks.books import read_people
from jobs.tasks.desks import Desk
from jobs.tasks.running import Progress, quiet
from loyalty.core.database import Database
from loyalty.customers.values import CustomerID
from loyalty.offers.values import Aim, NothingBecause, Odds, Reason
from recommender.allocation import (
    NO_PAIRS,
    Allocation,
    Candidates,
    Limits,
    Pairs,
    WhyNothing,
    allocate,
)
from recommender.data import FloatArray
from recommender.explanation import Explainer
from recommender.exploration import explore
from recommender.scoring import (
    BLOCK,
    People,
    Scored,
    describe_audience,
    score,
)

_LEAST: Final = 1e-12
"""A drawn offer was possible, whatever its probability was rounded to."""

WHY: Final = {
    WhyNothing.NO_CANDIDATES: NothingBecause.NOTHING_FITS,
    WhyNothing.OWN_WISHES: NothingBecause.NOT_WANTED,
    WhyNothing.RECENT: NothingBecause.HAD_LATELY,
    WhyNothing.WORTHLESS: NothingBecause.NOT_WORTH_IT,
    WhyNothing.EXHAUSTED: NothingBecause.BUDGET_SPENT,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Pick:
    """A promotion chosen for a customer; ``rank`` from 1."""

    customer_id: CustomerID
    promotion: str
    rank: int
    odds: Odds
    reason: Reason


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Pool:
    """What scored customers may be offered, packed: some twenty bytes a candidate."""

    candidates: Candidates
    probability: FloatArray
    """Goes with the candidates."""

    @classmethod
    def of(cls, scored: Iterable[Scored]) -> "Pool":
        """Pack block after block, so that no more than one is there as it came."""
        found = [np.zeros(0, np.float32)]

        def passing() -> Iterator[Scored]:
            for block in scored:
                found.append(block.probability[block.places >= 0])
                yield block

        candidates = Candidates.of(passing())
        return cls(candidates=candidates, probability=np.concatenate(found))


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Choice:
    """What was chosen for some customers, before reasons are put to it."""

    candidates: Candidates
    probability: FloatArray
    """Goes with the candidates."""

    allocation: Allocation
    best: Allocation
    """What would be chosen if nothing were drawn by chance: of highest value."""

    @property
    def drawn(self) -> bool:
        """Whether the offers were drawn by chance."""
        return self.allocation is not self.best

    @property
    def nothing(self) -> dict[CustomerID, NothingBecause]:
        """Who gets nothing, and why."""
        why = self.allocation.nothing
        return {
            CustomerID(int(self.candidates.ids[row])): WHY[WhyNothing(int(why[row]))]
            for row in np.flatnonzero(why != WhyNothing.SOMETHING)
        }


def in_turn(
    database: Database, customer_ids: Collection[CustomerID], *, size: int = BLOCK
) -> Iterator[People]:
    """Read customers, by their numbers, so many at a time with what they bought."""
    ordered = sorted(customer_ids)
    for start in range(0, len(ordered), size):
        with database.transaction() as session:
            found = read_people(session, customer_ids=ordered[start : start + size])
        yield found


def score_people(
    desk: Desk,
    people: Iterator[People] | Sequence[People],
    *,
    executor: Executor | None = None,
    progress: Progress = quiet,
) -> Iterator[Scored]:
    """Score customers for the desk's promotions, block by block."""
    return score(desk.trained, desk.scene, people, executor=executor, progress=progress)


def share_out(
    desk: Desk,
    pool: Pool,
    limits: Limits,
    *,
    blocked: Pairs = NO_PAIRS,
    explores: bool = False,
    progress: Progress = quiet,
) -> Choice:
    """
    Choose within the limits, nothing blocked, so that the value is highest.

    :param explores: draw by chance among what is nearly as good, and note how likely
        each draw was, so that another model can be judged by what comes of it
    """
    config = desk.trained.config
    candidates = pool.candidates.blocking(blocked)
    best = allocate(candidates, limits, config, progress)
    allocation = best
    if explores:
        allocation = explore(candidates, limits, best, config, progress)
    return Choice(
        candidates=candidates,
        probability=pool.probability,
        allocation=allocation,
        best=best,
    )


def explained(desk: Desk, people: People, choice: Choice) -> Iterator[Pick]:
    """Put reasons to what was chosen for these people."""
    candidates, allocation = choice.candidates, choice.allocation
    row_of = {customer.id: row for row, customer in enumerate(people.customers)}
    ids = candidates.ids[allocation.customers].tolist()
    mine = np.array([n for n, one in enumerate(ids) if one in row_of], np.int64)
    if not len(mine):
        return
    chosen = allocation.chosen[mine]
    who = np.array([row_of[ids[n]] for n in mine.tolist()], np.int32)
    places = candidates.offers[chosen]
    audience = describe_audience(
        desk.trained,
        people.purchases,
        people.customers,
        desk.scene.catalogue,
        desk.scene.day,
    )
    explainer = Explainer(
        trained=desk.trained,
        catalogue=desk.scene.catalogue,
        targets=desk.scene.targets,
    )
    said = explainer.explain(audience, people.customers, who, places)
    for n, number in enumerate(mine.tolist()):
        at = int(chosen[n])
        yield Pick(
            customer_id=CustomerID(ids[number]),
            promotion=desk.scene.targets.keys[int(places[n])],
            rank=int(allocation.ranks[number]),
            odds=Odds(
                probability=min(max(float(choice.probability[at]), 0.0), 1.0),
                value=float(candidates.values[at]),
                aim=Aim.DISCOVERY if candidates.fresh[at] else Aim.REWARD,
                parts=said.as_dict(n),
                propensity=propensity(choice, number),
                rank=int(allocation.ranks[number]),
            ),
            reason=dict(said.reasons[n]),
        )


def propensity(choice: Choice, number: int) -> float | None:
    """Return how likely an offer was to be drawn; None where nothing is drawn."""
    if not choice.drawn:
        return None
    return max(float(choice.allocation.propensity[number]), _LEAST)
