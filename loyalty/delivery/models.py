"""Tables for delivery.

No other table has a foreign key to ``message``: its primary key can be widened by
the month when the table is partitioned.
"""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Identity, Index, SmallInteger, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from loyalty.core.database import Base
from loyalty.customers.values import Channel, CustomerID
from loyalty.delivery.values import (
    Details,
    MessageID,
    MessageKind,
    MessageState,
    Reason,
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
            "ix_message_held",
            "lease_until",
            postgresql_where=text("state in ('claimed', 'sending')"),
        ),
        Index("ix_message_customer", "customer_id", "id"),
        Index("ix_message_finished", "finished_at"),
        Index("ix_message_offer", "offer_id"),
    )

    id: Mapped[MessageID] = mapped_column(Identity(), primary_key=True)
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
    state: Mapped[MessageState]
    due_at: Mapped[datetime]
    not_after: Mapped[datetime | None]
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

    handover_key: Mapped[str] = mapped_column(unique=True)
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
    __table_args__ = (Index("ix_message_event_message", "message_id", "id"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    message_id: Mapped[MessageID]
    customer_id: Mapped[CustomerID]
    at: Mapped[datetime]
    state: Mapped[MessageState]
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


class HabitRow(Base):
    """The hours learned from what a customer did, for want of declared ones."""

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


class PauseRow(Base):
    """What must not be sent now: ``all``, ``channel:email``, ``campaign:12``."""

    __tablename__ = "delivery_control"

    scope: Mapped[str] = mapped_column(primary_key=True)
    paused_at: Mapped[datetime]
    paused_by: Mapped[str]


class ScheduleRow(Base):
    """A job that the dispatcher rings again and again."""

    __tablename__ = "schedule"

    name: Mapped[str] = mapped_column(primary_key=True)
    job: Mapped[str]
    arguments: Mapped[dict[str, str | int | bool | None]] = mapped_column(JSONB)
    every_minutes: Mapped[int | None]
    at_minute: Mapped[int | None]
    """Or once a day, at this minute since midnight in ``time_zone``."""

    time_zone: Mapped[str]
    next_at: Mapped[datetime] = mapped_column(index=True)
    rung_at: Mapped[datetime | None]


class HeartbeatRow(Base):
    """When a process last said that it is alive, by the machine's clock."""

    __tablename__ = "process_heartbeat"

    name: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    at: Mapped[datetime]
    leads: Mapped[bool]
