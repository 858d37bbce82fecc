"""Reading promotions and what they gave."""

from collections.abc import Collection

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from loyalty.core.errors import NotFound
from loyalty.promotions.models import PromotionRow, UseRow, VersionRow
from loyalty.promotions.schema import load_promotion
from loyalty.promotions.values.states import (
    PromotionID,
    PromotionState,
    StoredPromotion,
    Totals,
)
from loyalty.stores.queries import get_programme


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
    return to_value(row, stored, get_programme(session).currency)


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
    return tuple(to_value(row, version, currency) for row, version in rows)


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


def to_value(row: PromotionRow, version: VersionRow, currency: str) -> StoredPromotion:
    """Turn rows into what the rest of the service sees."""
    return StoredPromotion(
        id=row.id,
        promotion=load_promotion(version.document, currency=currency),
        state=row.state,
        version=version.version,
        created_at=row.created_at,
        changed_at=row.changed_at,
        activated_at=row.activated_at,
    )
