"""Tables of tiers. Triggers keep ladders and history from being altered."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from loyalty.core.database import Base
from loyalty.customers.values import CustomerID
from loyalty.tiers.values import Basis, Change, Span


class LadderRow(Base):
    """The shop's tiers as they were from a moment on; never changed."""

    __tablename__ = "tier_ladder"
    __table_args__ = (
        CheckConstraint("days > 0 and grace_days >= 0", name="days_positive"),
    )

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    basis: Mapped[Basis]
    span: Mapped[Span]
    days: Mapped[int]
    grace_days: Mapped[int]
    tiers: Mapped[list[dict[str, object]]] = mapped_column(JSONB)
    at: Mapped[datetime]
    actor: Mapped[str]


class MemberTierRow(Base):
    """What a member is now."""

    __tablename__ = "member_tier"
    __table_args__ = (Index(None, "tier"),)

    customer_id: Mapped[CustomerID] = mapped_column(
        ForeignKey("customer.id"), primary_key=True
    )
    tier: Mapped[str | None]
    since: Mapped[datetime]
    falls_at: Mapped[datetime | None]
    changes: Mapped[int]
    """The number of the last entry in the member's history."""


class TierChangeRow(Base):
    """One entry of a member's history, never altered."""

    __tablename__ = "member_tier_change"

    customer_id: Mapped[CustomerID] = mapped_column(
        ForeignKey("customer.id"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    change: Mapped[Change]
    before: Mapped[str | None]
    after: Mapped[str | None]
    measure: Mapped[int]
    since: Mapped[datetime]
    falls_at: Mapped[datetime | None]
    ladder_version: Mapped[int] = mapped_column(ForeignKey("tier_ladder.version"))
    latest: Mapped[list[dict[str, int | str]]] = mapped_column(JSONB)
    """The latest purchases that counted."""
