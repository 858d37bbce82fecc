"""
Tables of webhooks.

An event is written in the transaction of what it tells, and never changed. It is a row
only if an endpoint wants it; then the delivery to each endpoint is a row beside it.
"""

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from loyalty.core.database import Base
from loyalty.webhooks.values import (
    DeliveryID,
    DeliveryState,
    DisabledWhy,
    EndpointID,
    EndpointState,
    EventType,
)


class EndpointRow(Base):
    """An address that is told of events."""

    __tablename__ = "webhook_endpoint"
    __table_args__ = (
        CheckConstraint("(state = 'disabled') = (why is not null)", name="says_why"),
    )

    id: Mapped[EndpointID] = mapped_column(Identity(), primary_key=True)
    url: Mapped[str]
    description: Mapped[str]
    events: Mapped[list[str]] = mapped_column(JSONB)
    state: Mapped[EndpointState]
    why: Mapped[DisabledWhy | None]
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    failing_since: Mapped[datetime | None]


class SecretRow(Base):
    """A secret that signs; two are in force while one takes over."""

    __tablename__ = "webhook_secret"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    endpoint_id: Mapped[EndpointID] = mapped_column(
        ForeignKey("webhook_endpoint.id"), index=True
    )
    sealed: Mapped[bytes]
    made_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]


class EventRow(Base):
    """Something that happened, as it is told. A trigger refuses to alter it."""

    __tablename__ = "webhook_event"

    id: Mapped[str] = mapped_column(primary_key=True)
    """Random; the ``webhook-id``."""

    type: Mapped[EventType]
    at: Mapped[datetime] = mapped_column(index=True)
    body: Mapped[str]


class DeliveryRow(Base):
    """One event on its way to one endpoint."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        UniqueConstraint("event_id", "endpoint_id"),
        Index(
            "ix_webhook_delivery_waiting",
            "endpoint_id",
            "due_at",
            postgresql_where=text("state in ('due', 'sending')"),
        ),
        Index("ix_webhook_delivery_endpoint_id_id", "endpoint_id", "id"),
    )

    id: Mapped[DeliveryID] = mapped_column(Identity(), primary_key=True)
    event_id: Mapped[str] = mapped_column(
        ForeignKey("webhook_event.id", ondelete="CASCADE")
    )
    endpoint_id: Mapped[EndpointID] = mapped_column(ForeignKey("webhook_endpoint.id"))
    state: Mapped[DeliveryState]
    due_at: Mapped[datetime | None]
    """By the machine's clock; None is at once."""

    attempts: Mapped[int]
    """Tries in all, with one under way: tells a worker that was overtaken."""

    tries: Mapped[int]
    """Since it was last asked for."""

    lease_until: Mapped[datetime | None]


class AttemptRow(Base):
    """One request and what was answered."""

    __tablename__ = "webhook_attempt"

    delivery_id: Mapped[DeliveryID] = mapped_column(
        ForeignKey("webhook_delivery.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    headers: Mapped[dict[str, str]] = mapped_column(JSONB)
    body_sha256: Mapped[str]
    milliseconds: Mapped[int]
    status: Mapped[int | None]
    answer: Mapped[str]
    error: Mapped[str | None]
