"""Which ways are open: providers, and what people paused."""

from datetime import datetime

from sqlalchemy import (
    Double,
    SmallInteger,
)
from sqlalchemy.orm import Mapped, mapped_column

from loyalty.core.database import Base


class ProviderRow(Base):
    """How fast a provider may be used, and whether it can be used now.

    Times are the machine's: nobody moves its clock.
    """

    __tablename__ = "delivery_provider"

    name: Mapped[str] = mapped_column(primary_key=True)
    rate: Mapped[float | None] = mapped_column(Double)
    """Messages a second; None is as fast as it goes."""

    burst: Mapped[float] = mapped_column(Double)
    """How many may go at once after a quiet time."""

    tokens: Mapped[float] = mapped_column(Double)
    refilled_at: Mapped[datetime]
    failures: Mapped[int] = mapped_column(SmallInteger)
    """How often in a row it took nothing at all."""

    open_until: Mapped[datetime | None]
    """Until when the circuit is broken; then one small batch tries."""

    not_before: Mapped[datetime | None]
    """When the provider itself said to come back."""


class PauseRow(Base):
    """What must not be sent now: ``all``, ``channel:email``, ``campaign:12``."""

    __tablename__ = "delivery_control"

    scope: Mapped[str] = mapped_column(primary_key=True)
    paused_at: Mapped[datetime]
    paused_by: Mapped[str]
