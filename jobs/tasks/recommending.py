"""Asking the recommender what it would offer to one customer."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from jobs.tasks.books import read_people
from jobs.tasks.choosing import Pick, Pool, explained, score_people, share_out
from jobs.tasks.desks import Question, current_model, open_desk
from jobs.tasks.limiting import free_limits, unusable
from jobs.tasks.scoring import RECOMMENDED
from loyalty.core.database import Database
from loyalty.customers.values import CustomerID
from loyalty.promotions.values.states import StoredPromotion


def customer_picks(
    database: Database,
    *,
    customer_id: CustomerID,
    promotions: Sequence[StoredPromotion],
    data_dir: Path,
    now: datetime,
) -> list[Pick]:
    """
    Choose among promotions for one customer, without making anything of it.

    :raises ModelNotFound: if no model was trained yet
    """
    with database.transaction() as session:
        question = Question(promotions=promotions, customers=[customer_id])
        trained = current_model(session, data_dir)
        desk = open_desk(session, trained=trained, question=question, now=now)
        closed = unusable(session, desk, customer_ids=[customer_id], now=now)
        people = read_people(session, customer_ids=[customer_id])
    pool = Pool.of(score_people(desk, [people]))
    limits = free_limits(desk, per_customer=RECOMMENDED, discovery_percent=0)
    choice = share_out(desk, pool, limits, blocked=closed)
    return list(explained(desk, people, choice))
