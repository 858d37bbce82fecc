"""Tables for delivery.

``message`` and ``message_event`` are partitioned by month (``service/months.py``).
A unique constraint of theirs would have to hold the month: what is unique without it
stands elsewhere (``message_key``) or can't be doubled (``handover_key``), and no other
table has a foreign key to them.
"""

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    Double,
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
    TallySpan,
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


class CheckedRow(Base):
    """How far the books were checked, and what they came to by then."""

    __tablename__ = "delivery_checked"

    name: Mapped[str] = mapped_column(primary_key=True)
    event_id: Mapped[int]
    """The last event that was counted."""

    ceiling: Mapped[int]
    """The last event that could be seen at the last check."""

    ceiling_xid: Mapped[int]
    """The first transaction that had not begun then."""

    planned: Mapped[int]
    by_state: Mapped[dict[str, int]] = mapped_column(JSONB)
    suspects: Mapped[list[int]] = mapped_column(JSONB)
    """Messages with which something was wrong, to be looked at again."""


class DetachedMonthRow(Base):
    """A month of messages that was set aside: its share of the books."""

    __tablename__ = "message_month"

    month: Mapped[date] = mapped_column(primary_key=True)
    states: Mapped[dict[str, int]] = mapped_column(JSONB)
    detached_at: Mapped[datetime]


class TallyRow(Base):
    """How many messages came into a state in a stretch of time.

    Counted from the events and counted again when in doubt, so that pages and metrics
    never count messages. Minutes are later replaced by hours, hours by days.
    """

    __tablename__ = "delivery_tally"

    span: Mapped[TallySpan] = mapped_column(primary_key=True)
    starts_at: Mapped[datetime] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    """Empty for a message that found none; so is what is unknown below."""

    provider: Mapped[str] = mapped_column(primary_key=True)
    what: Mapped[str] = mapped_column(primary_key=True)
    """A state, or what a receipt told: ``opened``, ``clicked``."""

    reason: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]
    late_ms: Mapped[int] = mapped_column(default=0)
    """Of what was sent: how long after it was due, all together."""

    late: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), default=list)
    """How many within each bound of ``rules.tallies.LATE_SECONDS``."""


class BooksRow(Base):
    """What the last check of all messages found; one row."""

    __tablename__ = "delivery_books"

    name: Mapped[str] = mapped_column(primary_key=True)
    checked_at: Mapped[datetime]
    planned: Mapped[int]
    by_state: Mapped[dict[str, int]] = mapped_column(JSONB)
    problems: Mapped[list[str]] = mapped_column(JSONB)


class ReplayRow(Base):
    """Many messages that somebody wants planned once more, and how far that is."""

    __tablename__ = "delivery_replay"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    asked_by: Mapped[str]
    asked_at: Mapped[datetime]
    state: Mapped[MessageState]
    reason: Mapped[str | None]
    """A ``Reason``; None is any, as it is of channels."""

    channel: Mapped[str | None]
    since: Mapped[datetime]
    until: Mapped[datetime]
    total: Mapped[int]
    """How many there were when it was asked for."""

    planned: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    reached_at: Mapped[datetime | None]
    reached_id: Mapped[int | None]
    """Where the next turn goes on."""

    finished_at: Mapped[datetime | None]


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
