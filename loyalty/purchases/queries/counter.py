"""The purchases of one store, as its till looks for them."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from loyalty.purchases.models import PurchaseRow
from loyalty.purchases.queries.recorded import to_value
from loyalty.purchases.values import Purchase, PurchaseID
from loyalty.stores.values import StoreID


def find_receipt(
    session: Session, *, store_id: StoreID, receipt: str
) -> PurchaseID | None:
    """Return the store's purchase with this receipt number, if there is one."""
    return session.scalar(
        select(PurchaseRow.id).where(
            PurchaseRow.store_id == store_id, PurchaseRow.receipt == receipt
        )
    )


def latest_of_store(
    session: Session, *, store_id: StoreID, limit: int = 20
) -> tuple[Purchase, ...]:
    """Return the store's latest purchases without their lines, the newest first."""
    rows = session.scalars(
        select(PurchaseRow)
        .where(PurchaseRow.store_id == store_id)
        .order_by(PurchaseRow.at.desc(), PurchaseRow.id.desc())
        .limit(limit)
    )
    return tuple(to_value(row, ()) for row in rows)
