"""Replacing what is recommended, by PostgreSQL's COPY."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from psycopg.types.json import Jsonb
from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    any_,
    delete,
    func,
    insert,
    literal,
    select,
    union_all,
    update,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from loyalty.core.jobs import enqueue
from loyalty.customers.queries import personalised_customers, select_personalised
from loyalty.customers.values import CustomerID
from loyalty.promotions.models import PromotionRow
from loyalty.recommendations.models import NothingRow, RecommendationRow
from loyalty.recommendations.service.runs import JOBS
from loyalty.recommendations.values import NewRecommendation, RunKind, Scores

_COPY: Final = (
    "COPY recommendation (customer_id, rank, promotion_id, score, probability, value,"
    " aim, parts, reason, model_version, scored_at) FROM STDIN"
)
_IDS: Final = ARRAY(BigInteger)
_LOCK: Final = 0x10_7A_4C
"""Any number that no other advisory lock has."""

_TABLES: Final = (RecommendationRow, NothingRow)


def replace_scores(session: Session, *, scores: Scores, as_of: datetime) -> int:
    """
    Replace all that is recommended to these customers; return for how many.

    Who does not agree to personal offers (any more) loses what was recommended and
    gets nothing new. What was computed for a customer from later books stays.

    :param as_of: when the books were read that the scores come from
    """
    # One at a time: it takes a moment, and two would write the same keys.
    session.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    ours = set(scores.customers) - _scored_later(session, scores.customers, as_of)
    for table in _TABLES:
        session.execute(delete(table).where(_among(table.customer_id, ours)))
    agreed = frozenset(personalised_customers(session, among=ours))
    _copy(session, scores, agreed, as_of)
    nothing = [
        {
            "customer_id": customer_id,
            "because": because,
            "model_version": scores.model_version,
            "scored_at": as_of,
        }
        for customer_id, because in scores.nothing.items()
        if customer_id in agreed
    ]
    if nothing:
        session.execute(insert(NothingRow), nothing)
    return len(agreed)


def hide(
    session: Session, *, categories: Collection[str], promotions: Collection[str]
) -> None:
    """
    Keep no promotion of these recommended, and no reason that names a category.

    What is left stands until everybody is scored anew, which is asked for.
    """
    gone = select(PromotionRow.id).where(PromotionRow.code.in_(promotions))
    session.execute(
        delete(RecommendationRow)
        .where(RecommendationRow.promotion_id.in_(gone))
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(RecommendationRow)
        .where(RecommendationRow.reason["category"].astext.in_(categories))
        .values(reason={"kind": "chosen"})
        .execution_options(synchronize_session=False)
    )
    enqueue(session, JOBS[RunKind.SCORE])


def remove_unasked(session: Session) -> None:
    """Remove what is recommended to people who do not agree to it any more."""
    for table in _TABLES:
        session.execute(
            delete(table).where(table.customer_id.not_in(select_personalised()))
        )


def _scored_later(
    session: Session, customer_ids: Collection[CustomerID], as_of: datetime
) -> set[CustomerID]:
    later = (
        select(table.customer_id).where(
            _among(table.customer_id, customer_ids), table.scored_at > as_of
        )
        for table in _TABLES
    )
    return set(session.scalars(union_all(*later)))


def _among(
    column: InstrumentedAttribute[CustomerID], ids: Collection[CustomerID]
) -> ColumnElement[bool]:
    return column == any_(literal(list(ids), _IDS))


def _copy(
    session: Session, scores: Scores, agreed: frozenset[CustomerID], as_of: datetime
) -> None:
    codes = {one.promotion for one in scores.recommended}
    promotions = session.execute(
        select(PromotionRow.code, PromotionRow.id).where(PromotionRow.code.in_(codes))
    )
    ids: dict[str, int] = {code: id_ for code, id_ in promotions}  # noqa: C416  # no pairs
    cursor = session.connection().connection.cursor()
    with cursor.copy(_COPY) as copy:
        for one in scores.recommended:
            if one.customer_id in agreed:
                copy.write_row(_row(one, ids[one.promotion], scores, as_of))


def _row(
    one: NewRecommendation, promotion_id: int, scores: Scores, as_of: datetime
) -> tuple[Any, ...]:
    return (
        one.customer_id,
        one.rank,
        promotion_id,
        one.score,
        one.probability,
        one.value,
        one.aim.value,
        Jsonb(one.parts),
        Jsonb(one.reason),
        scores.model_version,
        as_of,
    )
