"""Reading purchases."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from loyalty.core.errors import NotFound
from loyalty.core.money import Money
from loyalty.customers.values import CustomerID
from loyalty.purchases.models import PurchaseLineRow, PurchaseRow
from loyalty.purchases.values import Purchase, PurchaseID, PurchaseLine


class PurchaseNotFound(NotFound):
    """There is no such purchase."""

    code = "purchase_not_found"


def find_by_request(
    session: Session, *, recorded_by: str, request_key: str
) -> PurchaseRow | None:
    """Return the purchase that this request recorded before, for services."""
    return session.scalar(
        select(PurchaseRow).where(
            PurchaseRow.recorded_by == recorded_by,
            PurchaseRow.request_key == request_key,
        )
    )


def find_by_receipt(
    session: Session, *, store_id: int, receipt: str
) -> PurchaseID | None:
    """Return the purchase with this receipt number of the store, or None."""
    return session.scalar(
        select(PurchaseRow.id).where(
            PurchaseRow.store_id == store_id, PurchaseRow.receipt == receipt
        )
    )


def get_purchase(session: Session, *, purchase_id: PurchaseID) -> Purchase:
    """
    Return one purchase with its lines.

    :raises PurchaseNotFound: if there is none
    """
    row = session.get(PurchaseRow, purchase_id)
    if row is None:
        message = f"There is no purchase {purchase_id}."
        raise PurchaseNotFound(message)
    lines = session.scalars(
        select(PurchaseLineRow)
        .where(PurchaseLineRow.purchase_id == purchase_id)
        .order_by(PurchaseLineRow.line)
    )
    return _to_value(row, tuple(_line(line, row.currency) for line in lines))


def list_purchases(
    session: Session,
    *,
    customer_id: CustomerID,
    since: datetime | None = None,
    limit: int = 50,
) -> tuple[Purchase, ...]:
    """Return the customer's latest purchases without their lines, newest first."""
    statement = (
        select(PurchaseRow)
        .where(PurchaseRow.customer_id == customer_id)
        .order_by(PurchaseRow.at.desc(), PurchaseRow.id.desc())
        .limit(limit)
    )
    if since is not None:
        statement = statement.where(PurchaseRow.at >= since)
    return tuple(_to_value(row, ()) for row in session.scalars(statement))


def saved_since(session: Session, *, customer_id: CustomerID, since: datetime) -> int:
    """Return the discounts that the customer got, in minor units."""
    total = session.scalar(
        select(func.coalesce(func.sum(PurchaseRow.discount), 0)).where(
            PurchaseRow.customer_id == customer_id, PurchaseRow.at >= since
        )
    )
    return int(total or 0)


def _to_value(row: PurchaseRow, lines: tuple[PurchaseLine, ...]) -> Purchase:
    def money(amount: int) -> Money:
        return Money(amount=amount, currency=row.currency)

    return Purchase(
        id=row.id,
        customer_id=row.customer_id,
        store_id=row.store_id,
        receipt=row.receipt,
        at=row.at,
        gross=money(row.gross),
        discount=money(row.discount),
        net=money(row.net),
        lines=lines,
        simulated=row.simulated,
    )


def _line(row: PurchaseLineRow, currency: str) -> PurchaseLine:
    def money(amount: int) -> Money:
        return Money(amount=amount, currency=currency)

    return PurchaseLine(
        line=row.line,
        sku=row.sku,
        quantity=row.quantity,
        unit_price=money(row.unit_price),
        gross=money(row.gross),
        discount=money(row.discount),
        net=money(row.net),
    )
