"""Reading what prices were."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_, select, true
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from loyalty.catalogue.models import PriceRow
from loyalty.catalogue.rules import PRIOR_DAYS
from loyalty.catalogue.rules import lowest_price as lowest_of
from loyalty.catalogue.values import PriceChange
from loyalty.core.money import Money


def lowest_price(
    session: Session,
    *,
    sku: str,
    before: datetime,
    days: int = PRIOR_DAYS,
    store_id: int | None = None,
) -> Money | None:
    """
    Return an article's lowest price in the days before a moment, in a store or in all.

    :returns: None if no price of that time is known
    """
    start = before - timedelta(days=days)
    known = price_changes(
        session, skus=[sku], start=start, until=before, store_id=store_id
    )
    return lowest_of(known.get(sku, ()), before=before, days=days)


def price_changes(
    session: Session,
    *,
    skus: Collection[str],
    start: datetime,
    until: datetime,
    store_id: int | None = None,
) -> dict[str, tuple[PriceChange, ...]]:
    """Return what says which prices held in a period, by sku, the older first."""
    here = _in_store(store_id)
    wanted = PriceRow.sku.in_(set(skus))
    in_force = (
        select(PriceRow.id)
        .where(wanted, here, PriceRow.at <= start)
        .ext(distinct_on(PriceRow.sku, PriceRow.store_id))
        .order_by(
            PriceRow.sku, PriceRow.store_id, PriceRow.at.desc(), PriceRow.id.desc()
        )
    )
    rows = session.scalars(
        select(PriceRow)
        .where(
            or_(
                PriceRow.id.in_(in_force),
                and_(wanted, here, PriceRow.at > start, PriceRow.at < until),
            )
        )
        .order_by(PriceRow.at, PriceRow.id)
    )
    found: defaultdict[str, list[PriceChange]] = defaultdict(list)
    for row in rows:
        found[row.sku].append(_to_value(row))
    return {sku: tuple(changes) for sku, changes in found.items()}


def list_price_changes(
    session: Session, *, sku: str, limit: int, store_id: int | None = None
) -> tuple[PriceChange, ...]:
    """Return the last changes of an article's price, the newest first."""
    rows = session.scalars(
        select(PriceRow)
        .where(PriceRow.sku == sku, _in_store(store_id))
        .order_by(PriceRow.at.desc(), PriceRow.id.desc())
        .limit(limit)
    )
    return tuple(_to_value(row) for row in rows)


def _in_store(store_id: int | None) -> ColumnElement[bool]:
    if store_id is None:
        return true()
    return or_(PriceRow.store_id.is_(None), PriceRow.store_id == store_id)


def _to_value(row: PriceRow) -> PriceChange:
    return PriceChange(
        at=row.at,
        price=Money(amount=row.price, currency=row.currency),
        source=row.source,
        store_id=row.store_id,
    )
