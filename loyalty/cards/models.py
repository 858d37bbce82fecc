"""Tables for cards."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity
from sqlalchemy.orm import Mapped, mapped_column

from loyalty.cards.values import CardID, CardState
from loyalty.core.database import Base
from loyalty.customers.values import CustomerID


class CardRow(Base):
    """A card of a customer."""

    __tablename__ = "card"
    __table_args__ = (CheckConstraint("number ~ '^[0-9]{16}$'", name="number"),)

    id: Mapped[CardID] = mapped_column(Identity(), primary_key=True)
    customer_id: Mapped[CustomerID] = mapped_column(
        ForeignKey("customer.id"), index=True
    )
    number: Mapped[str] = mapped_column(unique=True)
    state: Mapped[CardState]
    issued_at: Mapped[datetime]
    issued_by: Mapped[str]
