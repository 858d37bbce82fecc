"""When and by what somebody is best reached."""

from datetime import datetime

from sqlalchemy import (
    ForeignKey,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from loyalty.core.database import Base
from loyalty.customers.values import CustomerID


class HabitRow(Base):
    """Hours and channels learned from what a customer did, where none are declared."""

    __tablename__ = "contact_habit"

    customer_id: Mapped[CustomerID] = mapped_column(
        ForeignKey("customer.id"), primary_key=True
    )
    windows: Mapped[list[dict[str, int]]] = mapped_column(JSONB)
    """``day`` (0 is Monday), ``from`` and ``until`` in minutes."""

    channels: Mapped[list[str]] = mapped_column(JSONB, server_default="[]")
    """The channels in the order of how likely a message is looked at there."""

    observations: Mapped[int]
    learned_at: Mapped[datetime]
