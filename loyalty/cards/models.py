"""Tables for cards."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from loyalty.cards.values import BatchID, CardAction, CardID, CardReason, CardState
from loyalty.core.database import Base
from loyalty.customers.values import CustomerID


class CardRow(Base):
    """A card of a customer."""

    __tablename__ = "card"
    __table_args__ = (
        CheckConstraint("number ~ '^[0-9]{16}$'", name="number"),
        CheckConstraint(
            "(state = 'replaced') = (replaced_by is not null)", name="successor"
        ),
        Index(
            "uq_card_main", "customer_id", unique=True, postgresql_where=text("main")
        ),
    )

    id: Mapped[CardID] = mapped_column(Identity(), primary_key=True)
    customer_id: Mapped[CustomerID] = mapped_column(
        ForeignKey("customer.id"), index=True
    )
    number: Mapped[str] = mapped_column(unique=True)
    state: Mapped[CardState]
    issued_at: Mapped[datetime]
    issued_by: Mapped[str]
    main: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    reason: Mapped[CardReason | None]
    changed_at: Mapped[datetime | None]
    replaced_by: Mapped[str | None]


class CardEventRow(Base):
    """One thing that happened to a card. A trigger refuses to alter or delete it."""

    __tablename__ = "card_event"
    __table_args__ = (Index(None, "card_id", "id"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    card_id: Mapped[CardID] = mapped_column(ForeignKey("card.id"))
    at: Mapped[datetime]
    actor: Mapped[str]
    action: Mapped[CardAction]
    reason: Mapped[CardReason | None]
    note: Mapped[str]


class CardBatchRow(Base):
    """Cards that are printed together before they belong to anybody."""

    __tablename__ = "card_batch"

    id: Mapped[BatchID] = mapped_column(Identity(), primary_key=True)
    label: Mapped[str]
    made_at: Mapped[datetime]
    made_by: Mapped[str]


class BlankCardRow(Base):
    """A number on plastic; once it was given out, the card's row has it too."""

    __tablename__ = "card_blank"
    __table_args__ = (
        CheckConstraint("number ~ '^[0-9]{16}$'", name="number"),
        Index(None, "batch_id", "number"),
    )

    number: Mapped[str] = mapped_column(primary_key=True)
    batch_id: Mapped[BatchID] = mapped_column(ForeignKey("card_batch.id"))
    attached_at: Mapped[datetime | None]
