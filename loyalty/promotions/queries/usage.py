"""How much of the limits of promotions is gone: uses, and what reservations hold."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    Integer,
    and_,
    cast,
    func,
    literal,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from loyalty.core.periods import Period
from loyalty.customers.queries import records_of
from loyalty.customers.values import CustomerID
from loyalty.promotions.models import HoldRow, TotalRow, UseRow
from loyalty.promotions.values import Limits, Used
from loyalty.promotions.values.kept import QuoteID
from loyalty.promotions.values.states import PromotionID, StoredPromotion


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """What reservations hold of one promotion."""

    uses: int = 0
    amount: int = 0


def used(
    session: Session,
    *,
    promotions: Collection[StoredPromotion],
    customer_id: CustomerID | None,
    today: Period,
    now: datetime,
) -> dict[str, Used]:
    """Return how much of the limits of these promotions is gone, by code."""
    codes = {
        p.id: p.promotion.code for p in promotions if _is_limited(p.promotion.limits)
    }
    if not codes:
        return {}
    ids = list(codes)
    # Of records that were merged, the uses count for the one that stands for them.
    records = (
        () if customer_id is None else records_of(session, customer_id=customer_id)
    )
    zero = literal(0)
    gone = select(
        TotalRow.promotion_id, TotalRow.uses, TotalRow.given, zero, zero
    ).where(TotalRow.promotion_id.in_(ids))
    held = select(
        HoldRow.promotion_id,
        literal(1),
        HoldRow.amount,
        cast(HoldRow.customer_id.in_(records or ()), Integer),
        cast(
            and_(
                HoldRow.customer_id.in_(records or ()),
                HoldRow.at >= today.start,
                HoldRow.at < today.until,
            ),
            Integer,
        ),
    ).where(HoldRow.promotion_id.in_(ids), HoldRow.until > now)
    own = select(
        UseRow.promotion_id,
        zero,
        zero,
        literal(1),
        cast(and_(UseRow.at >= today.start, UseRow.at < today.until), Integer),
    ).where(
        UseRow.promotion_id.in_(ids),
        UseRow.customer_id.in_(records or ()),
        UseRow.given_back_at.is_(None),
    )
    parts = [gone, held] if customer_id is None else [gone, held, own]
    together = union_all(*parts).subquery()
    id_, *figures = together.c
    rows = session.execute(
        select(id_, *(func.sum(figure) for figure in figures)).group_by(id_)
    ).all()
    found = dict.fromkeys(codes.values(), Used())
    for promotion_id, total, given, mine, of_today in rows:
        found[codes[promotion_id]] = Used(
            total=int(total),
            given=int(given),
            by_customer=int(mine or 0),
            today=int(of_today or 0),
        )
    return found


def held_by_others(
    session: Session,
    *,
    promotion_ids: Collection[PromotionID],
    quote_id: QuoteID | None,
    now: datetime,
) -> dict[PromotionID, Held]:
    """Return what reservations but this quote's hold of these promotions."""
    rows = session.execute(
        select(HoldRow.promotion_id, func.count(), func.sum(HoldRow.amount))
        .where(
            HoldRow.promotion_id.in_(promotion_ids),
            HoldRow.until > now,
            HoldRow.quote_id != (quote_id or ""),
        )
        .group_by(HoldRow.promotion_id)
    )
    return {
        promotion_id: Held(uses=count, amount=int(amount))
        for promotion_id, count, amount in rows
    }


def _is_limited(limits: Limits) -> bool:
    return any(
        limit is not None
        for limit in (
            limits.per_customer,
            limits.per_customer_per_day,
            limits.total,
            limits.budget,
        )
    )
