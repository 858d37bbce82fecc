"""Purchases: one row a line; the rows of one receipt belong together."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from loyalty.core.errors import Invalid
from loyalty.core.money import round_half_up
from loyalty.customers.values import CustomerID
from loyalty.purchases.queries import recorded_receipts
from loyalty.purchases.service.imports import PastLine, PastPurchase
from loyalty.stores.queries import list_stores
from loyalty.stores.values import Programme, Store
from loyalty.usecases.import_tables.members import find_member
from loyalty.usecases.import_tables.reading import Cells, Reading, Row, read_all

PURCHASE_COLUMNS: Final = (
    "store",
    "receipt",
    "at",
    "customer",
    "sku",
    "quantity",
    "unit_price",
    "discount",
)
"""``customer`` is a card number, an e-mail address or a phone number; ``discount``
is taken off the whole line."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Line:
    store: Store
    receipt: str
    at: datetime
    customer_id: CustomerID
    line: PastLine


def read_purchases(
    session: Session, rows: Iterable[Row], *, programme: Programme
) -> Reading[PastPurchase]:
    """Read a table of purchases of members; a receipt recorded already is bad."""
    stores = {store.code: store for store in list_stores(session)}
    table = list(rows)
    recorded = recorded_receipts(
        session, receipts={row.get("receipt", "").strip() for row in table}
    )

    def read(cells: Cells) -> _Line:
        line = _line(session, cells, stores, programme)
        if (line.store.id, line.receipt) in recorded:
            message = "The store has recorded this receipt already."
            raise Invalid.field(pointer="/receipt", message=message)
        return line

    found = read_all(table, read)
    receipts: dict[tuple[str, str], list[_Line]] = {}
    for line in found.items:
        receipts.setdefault((line.store.code, line.receipt), []).append(line)
    return Reading(
        items=tuple(
            PastPurchase(
                customer_id=lines[0].customer_id,
                store_id=lines[0].store.id,
                receipt=lines[0].receipt,
                at=lines[0].at,
                source_week=None,
                lines=tuple(line.line for line in lines),
            )
            for lines in receipts.values()
        ),
        bad=found.bad,
    )


def _line(
    session: Session, cells: Cells, stores: dict[str, Store], programme: Programme
) -> _Line:
    store = stores.get(cells.needed("store"))
    if store is None:
        message = "There is no store with this code."
        raise Invalid.field(pointer="/store", message=message)
    price = cells.money("unit_price", programme.currency)
    if price is None:
        message = "A line has a price."
        raise Invalid.field(pointer="/unit_price", message=message)
    quantity = cells.quantity("quantity")
    gross = round_half_up(quantity * price.amount)
    discount = cells.money("discount", programme.currency)
    taken_off = discount.amount if discount else 0
    if taken_off > gross:
        message = "The discount is more than the line's price."
        raise Invalid.field(pointer="/discount", message=message)
    return _Line(
        store=store,
        receipt=cells.needed("receipt"),
        at=cells.moment("at", store.time_zone),
        customer_id=find_member(session, cells, programme),
        line=PastLine(
            sku=cells.needed("sku"),
            quantity=quantity,
            unit_price=price.amount,
            gross=gross,
            discount=taken_off,
        ),
    )
