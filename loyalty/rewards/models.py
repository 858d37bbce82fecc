"""Tables of rewards and causes."""

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from loyalty.core.database import Base
from loyalty.customers.values import CustomerID
from loyalty.rewards.values import (
    CauseID,
    RedemptionID,
    RedemptionState,
    RewardID,
    RewardKind,
)
from loyalty.stores.values import StoreID


class RewardRow(Base):
    """One line of the catalogue."""

    __tablename__ = "reward"
    __table_args__ = (
        CheckConstraint("points > 0", name="points_positive"),
        CheckConstraint("stock >= 0", name="stock_not_negative"),
        CheckConstraint("valid_from < valid_until", name="validity"),
    )

    id: Mapped[RewardID] = mapped_column(Identity(), primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[dict[str, str]] = mapped_column(JSONB)
    about: Mapped[dict[str, str]] = mapped_column(JSONB)
    points: Mapped[int]
    kind: Mapped[RewardKind]
    sku: Mapped[str | None]
    promotion: Mapped[str | None]
    coupon_days: Mapped[int]
    stock: Mapped[int | None]
    """Taken by a conditional update; None is as many as are asked for."""

    valid_from: Mapped[datetime]
    valid_until: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]


class RedemptionRow(Base):
    """Points that one member gave for one reward, and what became of it."""

    __tablename__ = "reward_redemption"
    __table_args__ = (
        UniqueConstraint("customer_id", "request_key"),
        ForeignKeyConstraint(
            ["purse_id", "version"],
            ["points_transfer.customer_id", "points_transfer.version"],
            name="fk_reward_redemption_transfer",
        ),
        Index(None, "customer_id", "at"),
    )

    id: Mapped[RedemptionID] = mapped_column(Identity(), primary_key=True)
    reward_id: Mapped[RewardID] = mapped_column(ForeignKey("reward.id"), index=True)
    customer_id: Mapped[CustomerID] = mapped_column(ForeignKey("customer.id"))
    purse_id: Mapped[CustomerID] = mapped_column(ForeignKey("customer.id"))
    """Whose balance paid: the member's, or the keeper's of their household."""

    version: Mapped[int]
    """Of the transfer that paid for it."""

    points: Mapped[int]
    balance_after: Mapped[int]
    state: Mapped[RedemptionState]
    at: Mapped[datetime]
    store_id: Mapped[StoreID | None] = mapped_column(ForeignKey("store.id"))
    actor: Mapped[str]
    request_key: Mapped[str]
    coupon: Mapped[bytes | None]
    """The code under the installation's key: the codes' own table has an HMAC only."""

    batch_id: Mapped[int | None]
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[str | None]


class CauseRow(Base):
    """Something good that the shop supports."""

    __tablename__ = "cause"

    id: Mapped[CauseID] = mapped_column(Identity(), primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[dict[str, str]] = mapped_column(JSONB)
    about: Mapped[dict[str, str]] = mapped_column(JSONB)
    ended_at: Mapped[datetime | None]


class CauseGiftRow(Base):
    """Points that a member gave to a cause, never altered."""

    __tablename__ = "cause_gift"
    __table_args__ = (
        ForeignKeyConstraint(
            ["purse_id", "version"],
            ["points_transfer.customer_id", "points_transfer.version"],
            name="fk_cause_gift_transfer",
        ),
        CheckConstraint("points > 0", name="points_positive"),
    )

    purse_id: Mapped[CustomerID] = mapped_column(
        ForeignKey("customer.id"), primary_key=True
    )
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Of the transfer that gave them."""

    customer_id: Mapped[CustomerID] = mapped_column(
        ForeignKey("customer.id"), index=True
    )

    cause_id: Mapped[CauseID] = mapped_column(ForeignKey("cause.id"), index=True)
    points: Mapped[int]
    at: Mapped[datetime]
