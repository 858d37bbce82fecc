"""Messages, what happened to them, and whose week they fill."""

from datetime import date, datetime

from sqlalchemy import (
    ForeignKey,
    Identity,
    Index,
    SmallInteger,
    String,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from loyalty.core.database import Base
from loyalty.customers.values import Channel, CustomerID
from loyalty.delivery.values import (
    Details,
    MessageID,
    MessageKind,
    MessageState,
    Reason,
    ReceiptEvent,
)


class MessageRow(Base):
    """A planned message, or one that was refused: the row is the truth."""

    __tablename__ = "message"
    __table_args__ = (
        Index(
            "ix_message_due",
            "channel",
            "due_at",
            postgresql_where=text("state = 'planned'"),
        ),
        Index(
            "ix_message_due_service",
            "channel",
            "due_at",
            postgresql_where=text("state = 'planned' and kind = 'service'"),
        ),
        Index(
            "ix_message_held",
            "lease_until",
            postgresql_where=text("state in ('claimed', 'sending')"),
        ),
        Index("ix_message_customer", "customer_id", "id"),
        Index("ix_message_finished", "finished_at"),
        Index("ix_message_offer", "offer_id"),
        Index("ix_message_handover", "handover_key"),
        Index(
            "ix_message_provider_ref",
            "provider_ref",
            postgresql_where=text("provider_ref is not null"),
        ),
        Index(
            "ix_message_fall_back",
            "fall_back_at",
            postgresql_where=text("fall_back_at is not null"),
        ),
        Index("ix_message_ask", "ask_at", postgresql_where=text("ask_at is not null")),
        {"postgresql_partition_by": "RANGE (due_at)"},
    )

    id: Mapped[MessageID] = mapped_column(Identity(), primary_key=True)
    # A row that becomes due in another month moves, but is the same message.
    __mapper_args__ = {"primary_key": [id]}  # noqa: A003, RUF012  # as SQLAlchemy reads it

    customer_id: Mapped[CustomerID] = mapped_column(ForeignKey("customer.id"))
    kind: Mapped[MessageKind]
    channel: Mapped[Channel | None]
    template: Mapped[str]
    parameters: Mapped[Details] = mapped_column(JSONB)
    language: Mapped[str]
    subject: Mapped[str]
    occasion: Mapped[str]
    offer_id: Mapped[int | None]
    campaign_id: Mapped[int | None] = mapped_column(index=True)
    variant: Mapped[str | None]
    """Which of a campaign's variants it tells."""

    state: Mapped[MessageState]
    due_at: Mapped[datetime] = mapped_column(primary_key=True)
    not_after: Mapped[datetime | None]
    late_at: Mapped[datetime | None]
    """From when on it is too late to try again, counted from the plan."""

    week: Mapped[date | None]
    """The Monday of the customer's week it is planned for; it counts there."""

    reserved_week: Mapped[date | None]
    """The week in whose cap it holds a place, from its last check on."""

    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)
    worker: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    """By the machine's clock, which nobody moves."""

    fence: Mapped[int] = mapped_column(default=0)
    """Grows with each claim; a worker whose lease was taken over has an old one."""

    handover_key: Mapped[str]
    """128 bits: the moment, then chance. No constraint needs to keep it unique."""

    provider: Mapped[str | None]
    """Who accepted it; with ``provider_ref``, the provider's own name for it."""

    provider_ref: Mapped[str | None]
    parts: Mapped[int | None] = mapped_column(SmallInteger)
    cost: Mapped[int | None]
    """In millionths of the currency's unit."""

    tried: Mapped[list[str] | None] = mapped_column(ARRAY(String))
    """Channels that have failed for good; the next plan passes them over."""

    fall_back_at: Mapped[datetime | None]
    """When it failed for good; set until the next channel was looked for."""

    ask_at: Mapped[datetime | None]
    """When the provider is asked whether it got a message in doubt."""

    planned_why: Mapped[Details] = mapped_column(JSONB)
    planned_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    reason: Mapped[Reason | None]
    failure: Mapped[str | None]
    """What the provider said, without addresses."""


class MessageKeyRow(Base):
    """What a customer was told once, whichever the channel."""

    __tablename__ = "message_key"

    customer_id: Mapped[CustomerID] = mapped_column(
        ForeignKey("customer.id"), primary_key=True
    )
    subject: Mapped[str] = mapped_column(primary_key=True)
    occasion: Mapped[str] = mapped_column(primary_key=True)
    message_id: Mapped[MessageID | None]


class MessageEventRow(Base):
    """One thing that happened to a message; rows are only added."""

    __tablename__ = "message_event"
    __table_args__ = (
        Index("ix_message_event_message", "message_id", "id"),
        Index("ix_message_event_at", "at", postgresql_using="brin"),
        {"postgresql_partition_by": "RANGE (at)"},
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    message_id: Mapped[MessageID]
    customer_id: Mapped[CustomerID]
    at: Mapped[datetime] = mapped_column(primary_key=True)
    state: Mapped[MessageState]
    """The state it left the message in; a receipt may leave it as it was."""

    receipt: Mapped[ReceiptEvent | None]
    """What the provider told, where that is what happened."""

    reason: Mapped[Reason | None]
    details: Mapped[Details] = mapped_column(JSONB)


class WeeklyUseRow(Base):
    """How much of a customer's weekly cap is taken by messages that went out."""

    __tablename__ = "message_weekly_use"

    customer_id: Mapped[CustomerID] = mapped_column(
        ForeignKey("customer.id"), primary_key=True
    )
    week: Mapped[date] = mapped_column(primary_key=True)
    used: Mapped[int] = mapped_column(SmallInteger)
    cap: Mapped[int] = mapped_column(SmallInteger)
    """The cap when the last place was asked for."""
