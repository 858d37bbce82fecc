"""Streaming recorded purchases in the order of time.

Each window is a query of its own that goes on where the last one ended: nothing is
held open while baskets are priced, and memory does not grow with the shop's past.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    SQLColumnExpression,
    any_,
    cast,
    func,
    literal,
    select,
    true,
    tuple_,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session
from sqlalchemy.types import NullType

from loyalty.promotions.values.backtests import Bought
from loyalty.purchases.models import PurchaseLineRow, PurchaseRow
from loyalty.stores.models import StoreRow

_Columns = tuple[tuple[str, ...], tuple[int, ...], tuple[int, ...]]
_NO_LINES: _Columns = ((), (), ())
_IDS = ARRAY(BigInteger)


@dataclass(frozen=True, kw_only=True, slots=True)
class Recorded:
    """How much was recorded in a period."""

    purchases: int
    shoppers: int
    """Customers, and purchases without a card: each counts as somebody."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Past:
    """A period of the past; ``since`` None is from the first purchase on."""

    since: datetime | None
    until: datetime

    def holds(self) -> ColumnElement[bool]:
        """Return the condition that a purchase lies in it."""
        since = true() if self.since is None else PurchaseRow.at >= self.since
        return since & (PurchaseRow.at < self.until)


def count_recorded(session: Session, *, past: Past) -> Recorded:
    """Return how many purchases there are, of how many shoppers."""
    purchases, customers, without = session.execute(
        select(
            func.count(),
            func.count(PurchaseRow.customer_id.distinct()),
            func.count().filter(PurchaseRow.customer_id.is_(None)),
        ).where(past.holds())
    ).one()
    return Recorded(purchases=purchases, shoppers=customers + without)


def read_recorded(
    session: Session, *, past: Past, after: tuple[datetime, int] | None, most: int
) -> list[Bought]:
    """
    Return the next purchases in the order of time, up to so many.

    :param after: the moment and the number of the last one read
    """
    place = tuple_(PurchaseRow.at, PurchaseRow.id)
    rows = session.execute(
        select(
            PurchaseRow.id,
            PurchaseRow.at,
            StoreRow.code,
            PurchaseRow.sales_channel,
            PurchaseRow.currency,
            PurchaseRow.payment,
            PurchaseRow.delivery,
            PurchaseRow.customer_id,
        )
        .join(StoreRow, StoreRow.id == PurchaseRow.store_id)
        .where(past.holds(), true() if after is None else place > after)
        .order_by(PurchaseRow.at, PurchaseRow.id)
        .limit(most)
    ).all()
    lines = _lines(session, [row[0] for row in rows])
    return [Bought(*row, *lines.get(row[0], _NO_LINES)) for row in rows]


def _lines(session: Session, purchase_ids: Collection[int]) -> dict[int, _Columns]:
    rows = session.execute(
        select(
            PurchaseLineRow.purchase_id,
            # One row a purchase: rows are what reading costs.
            _gathered(PurchaseLineRow.sku),
            _gathered(cast(PurchaseLineRow.quantity * 1_000, Integer)),
            _gathered(PurchaseLineRow.unit_price),
        )
        .where(PurchaseLineRow.purchase_id == any_(literal(list(purchase_ids), _IDS)))
        .group_by(PurchaseLineRow.purchase_id)
    )
    return {row[0]: (tuple(row[1]), tuple(row[2]), tuple(row[3])) for row in rows}


def _gathered(column: SQLColumnExpression[Any]) -> ColumnElement[Any]:
    """Return the column's values of one purchase as the driver reads an array."""
    # As an ARRAY, SQLAlchemy would look at each element once more.
    return type_coerce(func.array_agg(column), NullType())
