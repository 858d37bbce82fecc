"""Tables for the programme and its stores."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Identity,
    Numeric,
    SmallInteger,
)
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlalchemy.orm import Mapped, mapped_column

from loyalty.core.database import Base
from loyalty.stores.values import Lifetime, StoreID, Strategy


class ProgrammeRow(Base):
    """The one programme of the installation."""

    __tablename__ = "programme"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=1)
    name: Mapped[str]
    currency: Mapped[str]
    time_zone: Mapped[str]
    strategy: Mapped[Strategy]
    points_rule_version: Mapped[int] = mapped_column(ForeignKey("points_rule.version"))
    card_prefix: Mapped[str]
    phone_region: Mapped[str]
    languages: Mapped[list[str]] = mapped_column(ARRAY(TEXT))
    quiet_from_minute: Mapped[int] = mapped_column(SmallInteger)
    quiet_until_minute: Mapped[int] = mapped_column(SmallInteger)
    max_messages_per_week: Mapped[int] = mapped_column(SmallInteger)
    double_opt_in: Mapped[list[str]] = mapped_column(ARRAY(TEXT), server_default="{}")
    """The channels on which a yes counts only once it was confirmed."""

    reservation_minutes: Mapped[int] = mapped_column(SmallInteger, server_default="15")
    recheck_thresholds: Mapped[bool] = mapped_column(server_default="false")
    excluded_categories: Mapped[list[str]] = mapped_column(
        ARRAY(TEXT), server_default="{}"
    )
    excluded_words: Mapped[list[str]] = mapped_column(ARRAY(TEXT), server_default="{}")
    postal_address: Mapped[str] = mapped_column(server_default="")
    changed_at: Mapped[datetime]


class PointsRuleRow(Base):
    """One version of how points are earned; rows are only added, never changed."""

    __tablename__ = "points_rule"
    __table_args__ = (
        CheckConstraint("points >= 0 and per > 0 and value >= 0", name="amounts"),
        CheckConstraint("lifetime_days >= 31 and delay_days >= 0", name="days"),
    )

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    points: Mapped[int]
    per: Mapped[Decimal] = mapped_column(Numeric(12, 3))
    currency: Mapped[str]
    lifetime: Mapped[Lifetime]
    lifetime_days: Mapped[int]
    fixed_month: Mapped[int] = mapped_column(SmallInteger)
    fixed_day: Mapped[int] = mapped_column(SmallInteger)
    fixed_years: Mapped[int] = mapped_column(SmallInteger)
    delay_days: Mapped[int]
    value: Mapped[Decimal] = mapped_column(Numeric(12, 6))
    since: Mapped[datetime]


class StoreRow(Base):
    """One shop; empty zone and currency mean the programme's."""

    __tablename__ = "store"

    id: Mapped[StoreID] = mapped_column(Identity(), primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    time_zone: Mapped[str | None]
    currency: Mapped[str | None]
    address: Mapped[str]
    phone: Mapped[str]
    opening_hours: Mapped[str]
