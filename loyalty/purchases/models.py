"""Tables for purchases."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    Numeric,
    SmallInteger,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from loyalty.core.database import Base
from loyalty.customers.values import CustomerID
from loyalty.purchases.values import PurchaseID
from loyalty.stores.values import StoreID


class PurchaseRow(Base):
    """A paid basket; money is in minor units of the currency."""

    __tablename__ = "purchase"
    __table_args__ = (
        UniqueConstraint("store_id", "receipt"),
        UniqueConstraint("recorded_by", "request_key"),
        CheckConstraint("net = gross - discount and discount >= 0", name="adds_up"),
        Index(None, "customer_id", "at"),
        Index(None, "at"),
    )

    id: Mapped[PurchaseID] = mapped_column(Identity(), primary_key=True)
    customer_id: Mapped[CustomerID | None] = mapped_column(ForeignKey("customer.id"))
    store_id: Mapped[StoreID] = mapped_column(ForeignKey("store.id"))
    sales_channel: Mapped[str]
    receipt: Mapped[str]
    at: Mapped[datetime]
    currency: Mapped[str]
    gross: Mapped[int]
    discount: Mapped[int]
    net: Mapped[int]
    delivery: Mapped[int]
    payment: Mapped[str | None]
    source_week: Mapped[int | None] = mapped_column(SmallInteger)
    """The week's number in imported data, kept when its dates are moved."""

    simulated: Mapped[bool]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]
    request_key: Mapped[str]
    request_hash: Mapped[bytes | None]
    reply: Mapped[str | None]
    """The answer as it was given, for a replay byte for byte."""

    proof: Mapped[dict[str, object] | None] = mapped_column(JSONB)


class PurchaseLineRow(Base):
    """One line of a purchase."""

    __tablename__ = "purchase_line"

    purchase_id: Mapped[PurchaseID] = mapped_column(
        ForeignKey("purchase.id"), primary_key=True
    )
    line: Mapped[str] = mapped_column(primary_key=True)
    sku: Mapped[str]
    quantity: Mapped[Decimal] = mapped_column(Numeric(12, 3))
    unit_price: Mapped[int]
    gross: Mapped[int]
    discount: Mapped[int]
    net: Mapped[int]
