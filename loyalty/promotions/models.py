"""Tables for promotions: documents in versions, and what they gave."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from loyalty.core.database import Base
from loyalty.customers.values import CustomerID
from loyalty.promotions.values.states import PromotionID, PromotionState
from loyalty.purchases.values import PurchaseID


class PromotionRow(Base):
    """A promotion; what it says stands in its versions."""

    __tablename__ = "promotion"

    id: Mapped[PromotionID] = mapped_column(Identity(), primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    state: Mapped[PromotionState] = mapped_column(index=True)
    version: Mapped[int]
    """The version that counts now."""

    created_at: Mapped[datetime]
    created_by: Mapped[str]
    changed_at: Mapped[datetime] = mapped_column(index=True)
    activated_at: Mapped[datetime | None]
    """When it was first activated: its age where promotions are otherwise equal."""


class VersionRow(Base):
    """What a promotion said at one time; never changed."""

    __tablename__ = "promotion_version"

    promotion_id: Mapped[PromotionID] = mapped_column(
        ForeignKey("promotion.id"), primary_key=True
    )
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    document: Mapped[dict[str, object]] = mapped_column(JSONB)
    at: Mapped[datetime]
    actor: Mapped[str]


class UseRow(Base):
    """One redemption: what a promotion gave in one purchase."""

    __tablename__ = "promotion_use"
    __table_args__ = (
        UniqueConstraint("purchase_id", "promotion_id"),
        Index(None, "customer_id", "promotion_id", "at"),
        Index(None, "promotion_id", "at"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    promotion_id: Mapped[PromotionID] = mapped_column(ForeignKey("promotion.id"))
    version: Mapped[int]
    purchase_id: Mapped[PurchaseID] = mapped_column(ForeignKey("purchase.id"))
    customer_id: Mapped[CustomerID | None] = mapped_column(ForeignKey("customer.id"))
    at: Mapped[datetime]
    times: Mapped[int]
    amount: Mapped[int]
    points: Mapped[int]


class TotalRow(Base):
    """How much of a limited promotion is gone; claimed by a conditional update."""

    __tablename__ = "promotion_total"
    __table_args__ = (CheckConstraint("uses >= 0 and given >= 0", name="positive"),)

    promotion_id: Mapped[PromotionID] = mapped_column(
        ForeignKey("promotion.id"), primary_key=True
    )
    uses: Mapped[int]
    given: Mapped[int]
