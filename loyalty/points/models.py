"""Tables of the ledger. A trigger refuses to alter or delete a transfer."""

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from loyalty.core.database import Base, enum_type
from loyalty.customers.values import CustomerID
from loyalty.points.values import Account, LotID


class AccountRow(Base):
    """A member's balance, the row that writers lock first."""

    __tablename__ = "points_account"

    customer_id: Mapped[CustomerID] = mapped_column(
        ForeignKey("customer.id"), primary_key=True
    )
    available: Mapped[int]
    version: Mapped[int]
    """The version of the last transfer."""


class TransferRow(Base):
    """One movement of a positive amount from one account to another."""

    __tablename__ = "points_transfer"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint("debit <> credit", name="two_accounts"),
        UniqueConstraint("customer_id", "request_key"),
        Index(None, "purchase_id"),
    )

    customer_id: Mapped[CustomerID] = mapped_column(
        ForeignKey("points_account.customer_id"), primary_key=True
    )
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    debit: Mapped[Account] = mapped_column(enum_type(Account, name="debit"))
    credit: Mapped[Account] = mapped_column(enum_type(Account, name="credit"))
    amount: Mapped[int]
    balance_after: Mapped[int]
    request_key: Mapped[str]
    purchase_id: Mapped[int | None] = mapped_column(ForeignKey("purchase.id"))
    store_id: Mapped[int | None] = mapped_column(ForeignKey("store.id"))
    rule_version: Mapped[int]
    actor: Mapped[str]


class LotRow(Base):
    """Points that were earned together and expire together."""

    __tablename__ = "points_lot"
    __table_args__ = (
        CheckConstraint("points > 0", name="points_positive"),
        Index(None, "customer_id", "expires_at"),
    )

    id: Mapped[LotID] = mapped_column(Identity(), primary_key=True)
    customer_id: Mapped[CustomerID] = mapped_column(
        ForeignKey("points_account.customer_id")
    )
    transfer_version: Mapped[int]
    points: Mapped[int]
    earned_at: Mapped[datetime]
    expires_at: Mapped[datetime]
