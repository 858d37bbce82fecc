"""Reading promotions and what they gave."""

from collections.abc import Collection
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, Row, func, select
from sqlalchemy.orm import Session

from loyalty.core.errors import NotFound
from loyalty.core.periods import Period
from loyalty.customers.queries import records_of
from loyalty.customers.values import CustomerID
from loyalty.promotions.models import PromotionRow, TotalRow, UseRow, VersionRow
from loyalty.promotions.schema import load_promotion
from loyalty.promotions.values import Used
from loyalty.promotions.values.states import (
    PromotionID,
    PromotionState,
    StoredPromotion,
    Totals,
)
from loyalty.stores.queries import get_programme

_Stamp = tuple[object, ...]
_active: WeakKeyDictionary[
    Engine | Connection, tuple[_Stamp, tuple[StoredPromotion, ...]]
] = WeakKeyDictionary()
"""The active promotions of each database, read anew when one was changed."""


class PromotionNotFound(NotFound):
    """There is no promotion with this code."""

    code = "promotion_not_found"


def get_row(session: Session, *, code: str, lock: bool = False) -> PromotionRow:
    """
    Return a promotion's row, for services.

    :raises PromotionNotFound: if there is none
    """
    statement = select(PromotionRow).where(PromotionRow.code == code)
    if lock:
        statement = statement.with_for_update()
    row = session.scalar(statement)
    if row is None:
        message = f"There is no promotion {code!r}."
        raise PromotionNotFound(message)
    return row


def get_promotion(
    session: Session, *, code: str, version: int | None = None
) -> StoredPromotion:
    """
    Return a promotion as it stands, or as it was in an earlier version.

    :raises PromotionNotFound: if there is no such promotion or version
    """
    row = get_row(session, code=code)
    stored = session.get(VersionRow, (row.id, version or row.version))
    if stored is None:
        message = f"The promotion {code!r} has no version {version}."
        raise PromotionNotFound(message)
    return _to_value(row, stored, get_programme(session).currency)


def list_promotions(
    session: Session, *, states: Collection[PromotionState] = tuple(PromotionState)
) -> tuple[StoredPromotion, ...]:
    """Return the promotions in these states, the oldest first."""
    currency = get_programme(session).currency
    rows = session.execute(
        select(PromotionRow, VersionRow)
        .join(
            VersionRow,
            (VersionRow.promotion_id == PromotionRow.id)
            & (VersionRow.version == PromotionRow.version),
        )
        .where(PromotionRow.state.in_(states))
        .order_by(PromotionRow.activated_at, PromotionRow.id)
    )
    return tuple(_to_value(row, version, currency) for row, version in rows)


def active_promotions(session: Session) -> tuple[StoredPromotion, ...]:
    """Return all active promotions, the older first, read once for each change."""
    bind = session.get_bind()
    stamp: _Stamp = tuple(
        session.execute(
            select(func.max(PromotionRow.changed_at), func.count(PromotionRow.id))
        ).one()
    )
    known = _active.get(bind)
    if known is None or known[0] != stamp:
        found = list_promotions(session, states=[PromotionState.ACTIVE])
        known = _active[bind] = (stamp, found)
    return known[1]


def used(
    session: Session,
    *,
    promotions: Collection[StoredPromotion],
    customer_id: CustomerID | None,
    today: Period,
) -> dict[str, Used]:
    """Return how much of the limits of these promotions is gone, by code."""
    ids = {
        p.id: p.promotion.code for p in promotions if _is_limited(p.promotion.limits)
    }
    if not ids:
        return {}
    totals = {
        row.promotion_id: row
        for row in session.scalars(
            select(TotalRow).where(TotalRow.promotion_id.in_(ids))
        )
    }
    own = _own_uses(session, ids=ids.keys(), customer_id=customer_id, today=today)
    figures = {}
    for promotion_id, code in ids.items():
        total = totals.get(promotion_id)
        mine = own.get(promotion_id)
        figures[code] = Used(
            total=total.uses if total else 0,
            given=total.given if total else 0,
            by_customer=mine[1] if mine else 0,
            today=mine[2] if mine else 0,
        )
    return figures


def totals_of(
    session: Session, *, promotion_ids: Collection[PromotionID]
) -> dict[PromotionID, Totals]:
    """Return what each of these promotions gave so far."""
    rows = session.execute(
        select(
            UseRow.promotion_id,
            func.count(),
            func.count(UseRow.customer_id.distinct()),
            func.coalesce(func.sum(UseRow.amount), 0),
        )
        .where(UseRow.promotion_id.in_(promotion_ids))
        .group_by(UseRow.promotion_id)
    )
    return {
        id_: Totals(uses=uses, customers=customers, given=int(given))
        for id_, uses, customers, given in rows
    }


def _own_uses(
    session: Session,
    *,
    ids: Collection[PromotionID],
    customer_id: CustomerID | None,
    today: Period,
) -> dict[PromotionID, Row[PromotionID, int, int]]:
    if customer_id is None:
        return {}
    records = records_of(session, customer_id=customer_id)
    rows = session.execute(
        select(
            UseRow.promotion_id,
            func.count(),
            func.count().filter(UseRow.at >= today.start, UseRow.at < today.until),
        )
        .where(UseRow.customer_id.in_(records), UseRow.promotion_id.in_(ids))
        .group_by(UseRow.promotion_id)
    )
    return {row[0]: row for row in rows}


def _is_limited(limits: object) -> bool:
    names = ("per_customer", "per_customer_per_day", "total", "budget")
    return any(getattr(limits, name) is not None for name in names)


def _to_value(row: PromotionRow, version: VersionRow, currency: str) -> StoredPromotion:
    return StoredPromotion(
        id=row.id,
        promotion=load_promotion(version.document, currency=currency),
        state=row.state,
        version=version.version,
        created_at=row.created_at,
        changed_at=row.changed_at,
        activated_at=row.activated_at,
    )
