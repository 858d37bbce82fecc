"""Tables for the programme and its stores."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, Identity, Numeric, SmallInteger
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlalchemy.orm import Mapped, mapped_column

from loyalty.core.database import Base
from loyalty.stores.values import StoreID, Strategy


class ProgrammeRow(Base):
    """The one programme of the installation."""

    __tablename__ = "programme"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=1)
    name: Mapped[str]
    currency: Mapped[str]
    time_zone: Mapped[str]
    strategy: Mapped[Strategy]
    points: Mapped[int]
    points_per: Mapped[Decimal] = mapped_column(Numeric(12, 3))
    points_lifetime_days: Mapped[int]
    points_rule_version: Mapped[int]
    card_prefix: Mapped[str]
    phone_region: Mapped[str]
    languages: Mapped[list[str]] = mapped_column(ARRAY(TEXT))
    quiet_from_minute: Mapped[int] = mapped_column(SmallInteger)
    quiet_until_minute: Mapped[int] = mapped_column(SmallInteger)
    max_messages_per_week: Mapped[int] = mapped_column(SmallInteger)
    changed_at: Mapped[datetime]


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
