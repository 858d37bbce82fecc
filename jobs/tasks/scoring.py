"""What is recommended to each customer now: anew to all, or after changes."""

import logging
from collections import deque
from collections.abc import Collection, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy.orm import Session

from jobs.context import WorkerContext, worker
from jobs.tasks.choosing import (
    Choice,
    Pool,
    explained,
    in_turn,
    score_people,
    share_out,
)
from jobs.tasks.desks import (
    Desk,
    ExclusionsChanged,
    Question,
    Stock,
    check_exclusions,
    current_model,
    open_desk,
)
from jobs.tasks.limiting import free_limits, unusable
from jobs.tasks.running import ANTICIPATED, Progress, quiet, running
from loyalty.core.clock import utc_now
from loyalty.core.database import Database
from loyalty.customers.queries import (
    list_changes,
    personalised_customers,
)
from loyalty.customers.service.changes import forget_changes
from loyalty.customers.values import CustomerID
from loyalty.promotions.queries import list_promotions
from loyalty.promotions.values import Trigger
from loyalty.promotions.values.states import PromotionState, StoredPromotion
from loyalty.recommendations.queries import latest_run
from loyalty.recommendations.service.standing import remove_unasked, replace_scores
from loyalty.recommendations.values import (
    NewRecommendation,
    NewRun,
    RunKind,
    RunState,
    Scores,
)
from recommender.scoring import People, Scored, executor_at

RECOMMENDED: Final = 10
"""So many promotions are recommended to a customer."""

DISCOVERY_PERCENT: Final = 25
MOST_CHANGES: Final = 20_000
"""So many changes are seen to at a time."""

FULL_EVERY: Final = timedelta(days=6, hours=12)
"""A night later than this, all are scored anew: once a week."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """What scoring came to."""

    customers: int
    """Who were looked at,"""

    served: int
    """and to whom something is recommended."""

    model_version: str | None

    def as_dict(self) -> dict[str, Any]:
        """Return it as a run's report."""
        return {"customers": self.customers, "served": self.served}


def recommend_to_all(
    database: Database,
    *,
    data_dir: Path,
    now: datetime,
    actor: str = "system",
    dask_scheduler: str | None = None,
    progress: Progress = quiet,
) -> Told:
    """
    Recommend to everybody who agreed, block by block; each block is replaced at once.

    What was recommended stays where the model cannot be loaded.

    :raises ModelNotFound: if no model was trained yet
    :raises ClusterUnavailable: if a Dask cluster is named and does not answer
    :raises ExclusionsChanged: if they were while it did this; what was written by
        then names nothing of what is excluded now
    :raises RunGoing: if another process does it
    """
    new = NewRun(kind=RunKind.SCORE, actor=actor)
    with running(database, new, now=now, also=progress) as run:
        run.tell("reading the catalogue", 0, 1)
        with database.transaction() as session:
            seen = list_changes(session, most=MOST_CHANGES)
            everybody = personalised_customers(session)
            desk = open_for(session, data_dir, everybody, now=now)
        with executor_at(dask_scheduler) as executor:
            told = recommend(
                database, desk, everybody, executor=executor, progress=run.tell
            )
        with database.transaction() as session:
            remove_unasked(session)
            forget_changes(session, changes=seen)
        run.report, run.model_version = told.as_dict(), desk.version
    return told


def score_all(*, only_due: bool = False) -> None:
    """
    Recommend to everybody anew; running it twice does it twice.

    :param only_due: only if that was not done in the last week
    """
    context = worker.get()
    if only_due and not _is_due(context.database, now=utc_now()):
        return
    try:
        told = _in_the_end(context)
    except ANTICIPATED as problem:
        _log.warning("Nothing was recommended anew: %s", problem)
    else:
        _log.info("Recommended to all: %s", told)


def _in_the_end(context: WorkerContext) -> Told:
    """Begin again where exclusions changed: the job asked for then found us at it."""
    while True:
        try:
            return recommend_to_all(
                context.database,
                data_dir=context.data_dir,
                now=utc_now(),
                dask_scheduler=context.dask_scheduler,
            )
        except ExclusionsChanged:
            _log.info("Exclusions were changed: everybody is scored from the start")


def _is_due(database: Database, *, now: datetime) -> bool:
    with database.transaction() as session:
        last = latest_run(session, kind=RunKind.SCORE, states=[RunState.DONE])
    return last is None or last.asked_at <= now - FULL_EVERY


def recommendable(session: Session) -> tuple[StoredPromotion, ...]:
    """Return the running promotions that are offered in person."""
    return tuple(
        stored
        for stored in list_promotions(session, states=[PromotionState.ACTIVE])
        if stored.promotion.trigger is Trigger.PERSONAL
    )


def open_for(
    session: Session,
    data_dir: Path,
    customer_ids: Collection[CustomerID],
    *,
    now: datetime,
    stock: Stock | None = None,
) -> Desk:
    """
    Open a desk for these customers and what is offered in person now.

    :raises ModelNotFound: if no model was trained yet
    """
    question = Question(promotions=recommendable(session), customers=customer_ids)
    trained = current_model(session, data_dir)
    return open_desk(session, trained=trained, question=question, now=now, stock=stock)


def recommend(
    database: Database,
    desk: Desk,
    customer_ids: Collection[CustomerID],
    *,
    executor: Executor | None = None,
    progress: Progress,
) -> Told:
    """Score, choose, explain and write, block by block."""
    done = served = 0
    progress("scoring customers", 0, len(customer_ids))
    with database.transaction() as session:
        agreed = personalised_customers(session, among=customer_ids)
        gone = tuple(set(customer_ids) - set(agreed))
        _write(session, desk, _scores(gone, desk, (), None))
    for people, scored in _scored(database, desk, agreed, executor):
        ids = tuple(CustomerID(customer.id) for customer in people.customers)
        with database.transaction() as session:
            closed = unusable(session, desk, customer_ids=ids, now=desk.as_of)
        limits = free_limits(
            desk, per_customer=RECOMMENDED, discovery_percent=DISCOVERY_PERCENT
        )
        choice = share_out(desk, Pool.of([scored]), limits, blocked=closed)
        scores = _scores(ids, desk, _found(desk, people, choice), choice)
        with database.transaction() as session:
            _write(session, desk, scores)
        served += len(ids) - len(choice.nothing)
        done += len(ids)
        progress("scoring customers", done, len(customer_ids))
    return Told(customers=len(customer_ids), served=served, model_version=desk.version)


def _scored(
    database: Database,
    desk: Desk,
    customer_ids: Collection[CustomerID],
    executor: Executor | None,
) -> Iterator[tuple[People, Scored]]:
    """Give each block with its scores; a few are read ahead of an executor."""
    ahead: deque[People] = deque()

    def read() -> Iterator[People]:
        for people in in_turn(database, customer_ids):
            ahead.append(people)
            yield people

    for scored in score_people(desk, read(), executor=executor):
        yield ahead.popleft(), scored


def _found(desk: Desk, people: People, choice: Choice) -> tuple[NewRecommendation, ...]:
    return tuple(
        NewRecommendation(
            customer_id=pick.customer_id,
            rank=pick.rank,
            promotion=pick.promotion,
            score=pick.odds.probability,
            probability=pick.odds.probability,
            value=pick.odds.value,
            aim=pick.odds.aim,
            parts=pick.odds.parts,
            reason=pick.reason,
        )
        for pick in explained(desk, people, choice)
    )


def _scores(
    customer_ids: tuple[CustomerID, ...],
    desk: Desk,
    found: tuple[NewRecommendation, ...],
    choice: Choice | None,
) -> Scores:
    return Scores(
        customers=customer_ids,
        recommended=found,
        nothing=choice.nothing if choice else {},
        model_version=desk.version,
    )


def _write(session: Session, desk: Desk, scores: Scores) -> None:
    if scores.customers:
        check_exclusions(session, desk)
        replace_scores(session, scores=scores, as_of=desk.as_of)
