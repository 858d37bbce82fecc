"""How much of the limits of promotions is gone: uses, and what reservations hold."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Select,
    and_,
    any_,
    bindparam,
    case,
    func,
    literal,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from loyalty.core.database import UTCDateTime
from loyalty.core.periods import Period
from loyalty.customers.queries import select_records
from loyalty.customers.values import CustomerID
from loyalty.promotions.models import HoldRow, TotalRow, UseRow
from loyalty.promotions.values import Limits, Used
from loyalty.promotions.values.kept import QuoteID
from loyalty.promotions.values.states import PromotionID, StoredPromotion

_IDS = ARRAY(BigInteger)


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
    rows = session.execute(
        _gone(),
        {
            "promotions": list(codes),
            "customer": customer_id,
            "start": today.start,
            "until": today.until,
            "now": now,
        },
    )
    found = dict.fromkeys(codes.values(), Used())
    for promotion_id, total, given, mine, of_today in rows:
        found[codes[promotion_id]] = Used(
            total=int(total),
            given=int(given),
            by_customer=int(mine),
            today=int(of_today),
        )
    return found


@cache
def _gone() -> Select[Any]:
    """
    Return the statement of ``used``, which is built once.

    Its parameters are ``promotions``, ``customer``, the day from ``start`` to
    ``until``, and ``now``. Of records that were merged, the uses count for the one
    that stands for them.
    """
    promotions = any_(bindparam("promotions", type_=_IDS))
    records = select_records(bindparam("customer", type_=BigInteger))
    start, until, now = (
        bindparam(name, type_=UTCDateTime) for name in ("start", "until", "now")
    )
    zero = literal(0)
    gone = select(
        TotalRow.promotion_id, TotalRow.uses, TotalRow.given, zero, zero
    ).where(TotalRow.promotion_id == promotions)
    mine = HoldRow.customer_id.in_(records)
    held = select(
        HoldRow.promotion_id,
        literal(1),
        HoldRow.amount,
        case((mine, 1), else_=0),
        case((and_(mine, HoldRow.at >= start, HoldRow.at < until), 1), else_=0),
    ).where(HoldRow.promotion_id == promotions, HoldRow.until > now)
    own = select(
        UseRow.promotion_id,
        zero,
        zero,
        literal(1),
        case((and_(UseRow.at >= start, UseRow.at < until), 1), else_=0),
    ).where(
        UseRow.promotion_id == promotions,
        UseRow.customer_id.in_(records),
        UseRow.given_back_at.is_(None),
    )
    together = union_all(gone, held, own).subquery()
    id_, *figures = together.c
    return select(id_, *(func.sum(figure) for figure in figures)).group_by(id_)


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
