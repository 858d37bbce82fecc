"""
Tables of the ledger.

Transfers, lot uses and seals are only ever added: a trigger refuses everything else,
and the service's role has not the right to. Every key begins with the customer, so
that the tables can be distributed by it.
"""

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    SmallInteger,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from loyalty.core.database import Base, enum_type
from loyalty.customers.values import CustomerID
from loyalty.points.values import Account, AdjustmentID, AdjustmentState, Kind


class AccountRow(Base):
    """A member's balance, the row that writers lock first."""

    __tablename__ = "points_account"
    __table_args__ = (CheckConstraint("pending >= 0", name="pending_not_negative"),)

    customer_id: Mapped[CustomerID] = mapped_column(
        ForeignKey("customer.id"), primary_key=True
    )
    available: Mapped[int]
    """Negative by what a return took back beyond the balance."""

    pending: Mapped[int]
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
        Index(
            "ix_points_transfer_reverses",
            "customer_id",
            "reverses",
            postgresql_where=text("reverses is not null"),
        ),
    )

    customer_id: Mapped[CustomerID] = mapped_column(
        ForeignKey("points_account.customer_id"), primary_key=True
    )
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    kind: Mapped[Kind]
    debit: Mapped[Account] = mapped_column(enum_type(Account, name="debit"))
    credit: Mapped[Account] = mapped_column(enum_type(Account, name="credit"))
    amount: Mapped[int]
    balance_after: Mapped[int]
    pending_after: Mapped[int]
    request_key: Mapped[str]
    request_hash: Mapped[bytes]
    reply: Mapped[str]
    """What was answered, for a replay."""

    reverses: Mapped[int | None]
    """The version of the transfer that this one takes back, whole or in part."""

    purchase_id: Mapped[int | None] = mapped_column(ForeignKey("purchase.id"))
    store_id: Mapped[int | None] = mapped_column(ForeignKey("store.id"))
    rule_version: Mapped[int | None] = mapped_column(ForeignKey("points_rule.version"))
    expires_at: Mapped[datetime | None]
    """As it was promised when the points came."""

    link: Mapped[str | None]
    reason: Mapped[str | None]
    actor: Mapped[str]


class LotRow(Base):
    """Points that were earned together and expire together."""

    __tablename__ = "points_lot"
    __table_args__ = (
        CheckConstraint("points > 0", name="points_positive"),
        CheckConstraint("remaining between 0 and points", name="remaining_of_points"),
        ForeignKeyConstraint(
            ["customer_id", "transfer_version"],
            ["points_transfer.customer_id", "points_transfer.version"],
            name="fk_points_lot_transfer",
        ),
        Index(
            "ix_points_lot_open",
            "customer_id",
            "expires_at",
            postgresql_where=text("remaining > 0"),
        ),
        Index(
            "ix_points_lot_expiring",
            "expires_at",
            postgresql_where=text("remaining > 0"),
        ),
        Index(
            "ix_points_lot_maturing",
            "matures_at",
            postgresql_where=text("matures_at is not null"),
        ),
        Index(None, "purchase_id"),
    )

    customer_id: Mapped[CustomerID] = mapped_column(
        ForeignKey("points_account.customer_id"), primary_key=True
    )
    transfer_version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    place: Mapped[int] = mapped_column(
        SmallInteger, primary_key=True, autoincrement=False
    )
    """Tells lots apart that one transfer brought."""

    points: Mapped[int]
    remaining: Mapped[int]
    """What the uses have left of it: cached, and computed anew by the check."""

    earned_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    matures_at: Mapped[datetime | None]
    """While it is pending; None when its points are available."""

    purchase_id: Mapped[int | None]
    warned_first_at: Mapped[datetime | None]
    warned_last_at: Mapped[datetime | None]


class LotUseRow(Base):
    """How many points a transfer took from a lot; negative: gave back to it."""

    __tablename__ = "points_lot_use"
    __table_args__ = (
        CheckConstraint("points <> 0", name="points_not_zero"),
        ForeignKeyConstraint(
            ["customer_id", "version"],
            ["points_transfer.customer_id", "points_transfer.version"],
            name="fk_points_lot_use_transfer",
        ),
        ForeignKeyConstraint(
            ["customer_id", "lot_version", "lot_place"],
            [
                "points_lot.customer_id",
                "points_lot.transfer_version",
                "points_lot.place",
            ],
            name="fk_points_lot_use_lot",
        ),
        Index("ix_points_lot_use_lot", "customer_id", "lot_version", "lot_place"),
    )

    customer_id: Mapped[CustomerID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    lot_version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    lot_place: Mapped[int] = mapped_column(
        SmallInteger, primary_key=True, autoincrement=False
    )
    points: Mapped[int]


class HoldRow(Base):
    """Points reserved for a quote; they come free by themselves."""

    __tablename__ = "points_hold"
    __table_args__ = (CheckConstraint("points > 0", name="points_positive"),)

    customer_id: Mapped[CustomerID] = mapped_column(
        ForeignKey("points_account.customer_id"), primary_key=True
    )
    key: Mapped[str] = mapped_column(primary_key=True)
    points: Mapped[int]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    """When it was spent or released before its time."""


class AdjustmentRow(Base):
    """A correction by hand that waits for a second person, and what came of it."""

    __tablename__ = "points_adjustment"
    __table_args__ = (
        CheckConstraint("points <> 0", name="points_not_zero"),
        CheckConstraint("decided_by <> asked_by", name="second_person"),
        UniqueConstraint("customer_id", "request_key"),
    )

    id: Mapped[AdjustmentID] = mapped_column(Identity(), primary_key=True)
    customer_id: Mapped[CustomerID] = mapped_column(ForeignKey("customer.id"))
    points: Mapped[int]
    reason: Mapped[str]
    request_key: Mapped[str]
    store_id: Mapped[int | None] = mapped_column(ForeignKey("store.id"))
    state: Mapped[AdjustmentState] = mapped_column(index=True)
    asked_by: Mapped[str]
    asked_at: Mapped[datetime]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]


class UptimeRow(Base):
    """A time through which the service was up, by its own clock."""

    __tablename__ = "service_uptime"

    started_at: Mapped[datetime] = mapped_column(primary_key=True)
    until: Mapped[datetime]
    machine_at: Mapped[datetime]
    """When it last said so by the machine's clock, which nobody moves."""


class SealRow(Base):
    """A link of the hash chain: one block of rows, and the seal before it."""

    __tablename__ = "points_seal"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    transfers: Mapped[int]
    notes: Mapped[int]
    """How many entries of the audit."""

    digest: Mapped[bytes]


class AuditSealedRow(Base):
    """Which seal covers an entry of the audit."""

    __tablename__ = "audit_sealed"

    entry_id: Mapped[int] = mapped_column(
        ForeignKey("audit_entry.id"), primary_key=True, autoincrement=False
    )
    seal_number: Mapped[int] = mapped_column(index=True)


class SealedRow(Base):
    """From which version to which an account's transfers are in a seal's block."""

    __tablename__ = "points_sealed"

    customer_id: Mapped[CustomerID] = mapped_column(
        ForeignKey("points_account.customer_id"), primary_key=True
    )
    until_version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seal_number: Mapped[int] = mapped_column(index=True)
    from_version: Mapped[int]
