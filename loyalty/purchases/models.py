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
from loyalty.purchases.values import PurchaseID, ReturnID, ReturnKind
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
    shares: Mapped[dict[str, object] | None] = mapped_column(JSONB(none_as_null=True))
    """What each unit costs, and what each promotion took off it; see the rules."""


class PurchaseTenderRow(Base):
    """A part of what a purchase was paid with, in the order of refunds."""

    __tablename__ = "purchase_tender"

    purchase_id: Mapped[PurchaseID] = mapped_column(
        ForeignKey("purchase.id"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    tender: Mapped[str]
    amount: Mapped[int]
    points: Mapped[int]
    reference: Mapped[str | None]


class ReturnRow(Base):
    """Goods of a purchase that came back; never changed."""

    __tablename__ = "purchase_return"
    __table_args__ = (
        UniqueConstraint("recorded_by", "request_key"),
        CheckConstraint(
            "refund >= 0 and delivery >= 0 and points_taken >= 0", name="positive"
        ),
        Index(None, "purchase_id"),
    )

    id: Mapped[ReturnID] = mapped_column(Identity(), primary_key=True)
    purchase_id: Mapped[PurchaseID] = mapped_column(ForeignKey("purchase.id"))
    kind: Mapped[ReturnKind]
    at: Mapped[datetime]
    currency: Mapped[str]
    refund: Mapped[int]
    delivery: Mapped[int]
    points_taken: Mapped[int]
    recorded_by: Mapped[str]
    request_key: Mapped[str]
    request_hash: Mapped[bytes]
    reply: Mapped[str]


class ReturnLineRow(Base):
    """How much of a line came back; never changed."""

    __tablename__ = "purchase_return_line"

    return_id: Mapped[ReturnID] = mapped_column(
        ForeignKey("purchase_return.id"), primary_key=True
    )
    line: Mapped[str] = mapped_column(primary_key=True)
    quantity: Mapped[Decimal] = mapped_column(Numeric(12, 3))
    net: Mapped[int]


class ReturnTenderRow(Base):
    """What one of a purchase's tenders got back; never changed."""

    __tablename__ = "purchase_return_tender"

    return_id: Mapped[ReturnID] = mapped_column(
        ForeignKey("purchase_return.id"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    tender: Mapped[str]
    amount: Mapped[int]
    points: Mapped[int]
