"""What customers kept of what they bought: purchases without what came back."""

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from loyalty.core.money import Money
from loyalty.customers.queries import select_records
from loyalty.customers.values import CustomerID
from loyalty.purchases.models import (
    PurchaseLineRow,
    PurchaseRow,
    ReturnLineRow,
    ReturnRow,
)
from loyalty.purchases.values import KeptPurchase


def kept_purchases(
    session: Session, *, customer_id: CustomerID, limit: int
) -> tuple[KeptPurchase, ...]:
    """Return the customer's latest purchases that they kept of, newest first."""
    rows = session.execute(
        select(PurchaseRow.at, kept_net(), PurchaseRow.currency)
        .where(PurchaseRow.customer_id.in_(select_records(customer_id)), is_kept())
        .order_by(PurchaseRow.at.desc(), PurchaseRow.id.desc())
        .limit(limit)
    )
    return tuple(
        KeptPurchase(at=at, net=Money(amount=int(net), currency=currency))
        for at, net, currency in rows
    )


def kept_net() -> ColumnElement[int]:
    """Return what was paid for the goods of a purchase that did not come back."""
    back = (
        select(func.coalesce(func.sum(ReturnRow.refund), 0))
        .where(ReturnRow.purchase_id == PurchaseRow.id)
        .scalar_subquery()
    )
    return PurchaseRow.net - back


def is_kept() -> ColumnElement[bool]:
    """Test whether something of a purchase did not come back."""
    returned = select(ReturnRow.id).where(ReturnRow.purchase_id == PurchaseRow.id)
    came_back = (
        select(func.coalesce(func.sum(ReturnLineRow.quantity), 0))
        .join(ReturnRow, ReturnRow.id == ReturnLineRow.return_id)
        .where(
            ReturnRow.purchase_id == PurchaseLineRow.purchase_id,
            ReturnLineRow.line == PurchaseLineRow.line,
        )
        .scalar_subquery()
    )
    left = select(PurchaseLineRow.line).where(
        PurchaseLineRow.purchase_id == PurchaseRow.id,
        PurchaseLineRow.quantity > came_back,
    )
    return or_(~returned.exists(), left.exists())
