"""Counts of messages, and what support planned again."""

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    Identity,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from loyalty.core.database import Base
from loyalty.delivery.values import (
    MessageState,
    TallySpan,
)


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
