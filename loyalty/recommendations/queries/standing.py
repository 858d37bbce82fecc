"""
Reading what is recommended now.

Nothing is ever read for a customer who does not agree to personal offers at that
moment, whatever stands in the tables.
"""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from loyalty.customers.queries import select_personalised, standing_record
from loyalty.customers.values import CustomerID
from loyalty.offers.values import NothingBecause
from loyalty.promotions.models import PromotionRow
from loyalty.recommendations.models import NothingRow, RecommendationRow
from loyalty.recommendations.values import Coverage, Nothing, Recommendation


def recommendations_of(
    session: Session, *, customer_id: CustomerID
) -> tuple[Recommendation, ...]:
    """Return what is recommended to the customer, the best first."""
    record = standing_record(session, customer_id=customer_id)
    rows = session.execute(
        select(RecommendationRow, PromotionRow.code)
        .join(PromotionRow, PromotionRow.id == RecommendationRow.promotion_id)
        .where(
            RecommendationRow.customer_id == record,
            RecommendationRow.customer_id.in_(select_personalised(record)),
        )
        .order_by(RecommendationRow.rank)
    )
    return tuple(_recommendation(row, code) for row, code in rows)


def nothing_for(session: Session, *, customer_id: CustomerID) -> Nothing | None:
    """Return why nothing is recommended to the customer, if that is so."""
    record = standing_record(session, customer_id=customer_id)
    statement = select(NothingRow).where(
        NothingRow.customer_id == record,
        NothingRow.customer_id.in_(select_personalised(record)),
    )
    row = session.scalar(statement)
    return None if row is None else _nothing(row)


def customers_without(
    session: Session, *, because: NothingBecause, limit: int = 50
) -> tuple[Nothing, ...]:
    """Return some of the customers to whom nothing is recommended for this reason."""
    statement = select(NothingRow).where(
        NothingRow.because == because,
        NothingRow.customer_id.in_(select_personalised()),
    )
    rows = session.scalars(statement.order_by(NothingRow.customer_id).limit(limit))
    return tuple(_nothing(row) for row in rows)


def customers_with(
    session: Session, *, promotion: str, limit: int = 50
) -> tuple[Recommendation, ...]:
    """Return some of the customers to whom a promotion is recommended."""
    rows = session.execute(
        select(RecommendationRow, PromotionRow.code)
        .join(PromotionRow, PromotionRow.id == RecommendationRow.promotion_id)
        .where(
            PromotionRow.code == promotion,
            RecommendationRow.customer_id.in_(select_personalised()),
        )
        .order_by(RecommendationRow.probability.desc(), RecommendationRow.customer_id)
        .limit(limit)
    )
    return tuple(_recommendation(row, code) for row, code in rows)


def coverage(session: Session) -> Coverage:
    """Return to how many of those who agreed something is recommended, and what."""
    agreed = select_personalised().subquery()
    mine = RecommendationRow.customer_id.in_(select(agreed.c.id))
    because = session.execute(
        select(NothingRow.because, func.count())
        .where(NothingRow.customer_id.in_(select(agreed.c.id)))
        .group_by(NothingRow.because)
    )
    promotions = session.execute(
        select(PromotionRow.code, func.count(), func.sum(RecommendationRow.probability))
        .join(RecommendationRow, RecommendationRow.promotion_id == PromotionRow.id)
        .where(mine)
        .group_by(PromotionRow.code)
        .order_by(func.count().desc(), PromotionRow.code)
    ).all()
    aims = session.execute(
        select(RecommendationRow.aim, func.count())
        .where(mine)
        .group_by(RecommendationRow.aim)
    )
    served = select(func.count(RecommendationRow.customer_id.distinct())).where(mine)
    return Coverage(
        agreed=session.scalar(select(func.count()).select_from(agreed)) or 0,
        served=session.scalar(served) or 0,
        because={cause: count for cause, count in because},  # noqa: C416  # no pairs
        by_promotion={code: count for code, count, _expected in promotions},
        expected={code: float(expected) for code, _count, expected in promotions},
        by_aim={aim: count for aim, count in aims},  # noqa: C416  # no pairs
    )


def _recommendation(row: RecommendationRow, promotion: str) -> Recommendation:
    return Recommendation(
        customer_id=row.customer_id,
        rank=row.rank,
        promotion=promotion,
        score=row.score,
        probability=row.probability,
        value=row.value,
        aim=row.aim,
        parts=row.parts,
        reason=row.reason,
        model_version=row.model_version,
        scored_at=row.scored_at,
    )


def _nothing(row: NothingRow) -> Nothing:
    return Nothing(
        customer_id=row.customer_id,
        because=row.because,
        model_version=row.model_version,
        scored_at=row.scored_at,
    )
