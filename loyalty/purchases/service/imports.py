"""Taking over many past purchases at once, by PostgreSQL's COPY."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from loyalty.core.database import copy_rows
from loyalty.customers.service.changes import note_changes
from loyalty.customers.values import CustomerID
from loyalty.purchases.models import PurchaseRow
from loyalty.purchases.values import PurchaseID
from loyalty.stores.values import StoreID

_PURCHASE = (
    "COPY purchase (id, customer_id, store_id, sales_channel, receipt, at, currency,"
    " gross, discount, net, delivery, source_week, simulated, recorded_at,"
    " recorded_by, request_key) FROM STDIN"
)
_LINE = (
    "COPY purchase_line (purchase_id, line, sku, quantity, unit_price, gross,"
    " discount, net) FROM STDIN"
)
_PRICES = text(
    """
    INSERT INTO product_price (sku, store_id, at, price, currency, source)
    SELECT sku, store_id, at, price, currency, 'purchase'
    FROM (
        SELECT sku, store_id, at, price, currency,
            lag(price) OVER (PARTITION BY sku, store_id ORDER BY at) AS before
        FROM (
            SELECT line.sku, purchase.store_id, purchase.at, purchase.currency,
                min(line.unit_price) AS price
            FROM purchase_line AS line
            JOIN purchase ON purchase.id = line.purchase_id
            WHERE purchase.recorded_by = :recorded_by
                AND purchase.at >= coalesce(CAST(:since AS timestamptz), '-infinity')
                AND line.unit_price > 0
            GROUP BY line.sku, purchase.store_id, purchase.at, purchase.currency
        ) AS seen
    ) AS told
    WHERE before IS DISTINCT FROM price
    ORDER BY sku, at
    """
)
_NUMBERS = text(
    "SELECT nextval(pg_get_serial_sequence('purchase', 'id'))"
    " FROM generate_series(1, :count)"
)


class PastLine(NamedTuple):
    """One line as it was paid; money in minor units."""

    sku: str
    quantity: Decimal
    unit_price: int
    gross: int
    discount: int


@dataclass(frozen=True, kw_only=True, slots=True)
class PastPurchase:
    """A purchase of the other system, in the programme's currency."""

    customer_id: CustomerID
    store_id: StoreID
    receipt: str
    at: datetime
    source_week: int | None
    """The week's number in the data it comes from."""

    lines: tuple[PastLine, ...]

    @property
    def gross(self) -> int:
        """The price of the goods before discounts, in minor units."""
        return sum(line.gross for line in self.lines)

    @property
    def discount(self) -> int:
        """What was taken off, in minor units."""
        return sum(line.discount for line in self.lines)


class PastVisit(NamedTuple):
    """One imported purchase without what was bought."""

    customer_id: CustomerID
    purchase_id: PurchaseID
    at: datetime
    store_id: StoreID


@dataclass(frozen=True, kw_only=True, slots=True)
class Takeover:
    """What is the same for all purchases of one import."""

    currency: str
    recorded_by: str
    """The source; an import of the same receipt from it again is refused."""

    sales_channel: str = "till"


def import_purchases(
    session: Session,
    *,
    purchases: Sequence[PastPurchase],
    takeover: Takeover,
    now: datetime,
) -> list[PurchaseID]:
    """
    Add past purchases with their lines; nothing is earned or redeemed by them.

    :returns: their numbers, in the order given
    :raises sqlalchemy.exc.IntegrityError: if a store has recorded a receipt before
    """
    if not purchases:
        return []
    numbers = session.scalars(_NUMBERS, {"count": len(purchases)}).all()
    ids = [PurchaseID(number) for number in numbers]
    together = list(zip(ids, purchases, strict=True))
    copy_rows(session, _PURCHASE, (_purchase(i, p, takeover, now) for i, p in together))
    copy_rows(session, _LINE, (row for i, p in together for row in _lines(i, p)))
    note_changes(session, *{purchase.customer_id for purchase in purchases})
    return ids


def note_past_prices(
    session: Session, *, recorded_by: str, since: datetime | None = None
) -> None:
    """
    Note what prices all purchases of one import show, in one statement.

    :param since: earlier purchases are left out
    """
    session.execute(_PRICES, {"recorded_by": recorded_by, "since": since})


def imported_visits(session: Session, *, recorded_by: str) -> list[PastVisit]:
    """Return when whose purchases from this source took place, the oldest first."""
    rows = session.execute(
        select(
            PurchaseRow.customer_id,
            PurchaseRow.id,
            PurchaseRow.at,
            PurchaseRow.store_id,
        )
        .where(PurchaseRow.recorded_by == recorded_by)
        .order_by(PurchaseRow.at, PurchaseRow.id)
    )
    return [
        PastVisit(customer_id, purchase_id, at, store_id)
        for customer_id, purchase_id, at, store_id in rows
        if customer_id is not None
    ]


def _purchase(
    purchase_id: PurchaseID, purchase: PastPurchase, takeover: Takeover, now: datetime
) -> tuple[object, ...]:
    gross, discount = purchase.gross, purchase.discount
    return (
        purchase_id,
        purchase.customer_id,
        purchase.store_id,
        takeover.sales_channel,
        purchase.receipt,
        purchase.at,
        takeover.currency,
        gross,
        discount,
        gross - discount,
        0,
        purchase.source_week,
        False,
        now,
        takeover.recorded_by,
        f"{purchase.store_id}/{purchase.receipt}",
    )


def _lines(
    purchase_id: PurchaseID, purchase: PastPurchase
) -> Iterable[tuple[object, ...]]:
    for place, line in enumerate(purchase.lines, start=1):
        yield (purchase_id, str(place), *line, line.gross - line.discount)
