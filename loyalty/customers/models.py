"""Tables for customers. Personal values are ciphertext under the member's key."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    SmallInteger,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from loyalty.core.database import Base
from loyalty.customers.values import (
    Channel,
    ContactID,
    ContactKind,
    CustomerID,
    CustomerStatus,
    MergeID,
    Purpose,
)


class CustomerRow(Base):
    """A customer; the person's values can be erased, the row stays."""

    __tablename__ = "customer"
    __table_args__ = (
        CheckConstraint(
            "(status = 'merged') = (merged_into is not null)", name="merged"
        ),
        Index(
            "ix_customer_unmarked",
            "id",
            postgresql_where=text("(birthday is null) <> (birthday_mark is null)"),
        ),
    )

    id: Mapped[CustomerID] = mapped_column(primary_key=True, autoincrement=False)
    status: Mapped[CustomerStatus]
    enrolled_at: Mapped[datetime] = mapped_column(index=True)
    enrolled_by: Mapped[str]
    home_store_id: Mapped[int | None] = mapped_column(ForeignKey("store.id"))
    language: Mapped[str]
    time_zone: Mapped[str]
    member_key: Mapped[bytes | None]
    first_name: Mapped[bytes | None]
    last_name: Mapped[bytes | None]
    birthday: Mapped[bytes | None]
    birthday_mark: Mapped[bytes | None] = mapped_column(index=True)
    """A blind index of its day and month: finds birthdays without opening them."""

    max_per_week: Mapped[int | None] = mapped_column(SmallInteger)
    pause_until: Mapped[datetime | None]
    merged_into: Mapped[CustomerID | None] = mapped_column(
        ForeignKey("customer.id"), index=True
    )
    """The record that stands for this one and all that were merged into it."""


class ChangeRow(Base):
    """
    Something changed that a customer's recommendations hang on.

    Only ever added to, so that nobody waits for anybody; who has seen to it deletes
    the rows that it saw. A row that is committed late is seen late, not lost.
    """

    __tablename__ = "customer_change"

    customer_id: Mapped[CustomerID] = mapped_column(
        ForeignKey("customer.id"), primary_key=True
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)


class MergeRow(Base):
    """Two records of one person made into one; never removed, only undone."""

    __tablename__ = "customer_merge"
    __table_args__ = (
        CheckConstraint("merged_id <> into_id", name="two_records"),
        Index(
            "uq_customer_merge_standing",
            "merged_id",
            unique=True,
            postgresql_where=text("undone_at is null"),
        ),
    )

    id: Mapped[MergeID] = mapped_column(Identity(), primary_key=True)
    merged_id: Mapped[CustomerID] = mapped_column(ForeignKey("customer.id"), index=True)
    into_id: Mapped[CustomerID] = mapped_column(ForeignKey("customer.id"), index=True)
    merged_at: Mapped[datetime]
    merged_by: Mapped[str]
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[str | None]
    taken: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """What the standing record took over, for giving it back."""


class ContactRow(Base):
    """A phone number or e-mail address, found by its blind index."""

    __tablename__ = "customer_contact"
    __table_args__ = (
        UniqueConstraint("lookup"),
        Index(None, "customer_id", "kind"),
    )

    id: Mapped[ContactID] = mapped_column(Identity(), primary_key=True)
    customer_id: Mapped[CustomerID] = mapped_column(ForeignKey("customer.id"))
    kind: Mapped[ContactKind]
    value: Mapped[bytes]
    lookup: Mapped[bytes]
    landline: Mapped[bool]
    added_at: Mapped[datetime]
    verified_at: Mapped[datetime | None]
    suppressed_at: Mapped[datetime | None]
    suppressed_why: Mapped[str | None]
    soft_bounces: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    """On how many days lately something came back that might arrive later."""

    soft_bounced_at: Mapped[datetime | None]


class ChannelRow(Base):
    """One place in the customer's order of channels."""

    __tablename__ = "customer_channel"
    __table_args__ = (UniqueConstraint("customer_id", "channel"),)

    customer_id: Mapped[CustomerID] = mapped_column(
        ForeignKey("customer.id"), primary_key=True
    )
    position: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    channel: Mapped[Channel]


class ContactWindowRow(Base):
    """When on a weekday (0 is Monday) the customer wants to be reached."""

    __tablename__ = "customer_window"
    __table_args__ = (
        CheckConstraint("weekday between 0 and 6", name="weekday"),
        CheckConstraint(
            "from_minute >= 0 and from_minute < until_minute and until_minute <= 1440",
            name="minutes",
        ),
    )

    customer_id: Mapped[CustomerID] = mapped_column(
        ForeignKey("customer.id"), primary_key=True
    )
    weekday: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    from_minute: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    until_minute: Mapped[int] = mapped_column(SmallInteger)


class TopicRow(Base):
    """A product category that the customer declared an interest in."""

    __tablename__ = "customer_topic"

    customer_id: Mapped[CustomerID] = mapped_column(
        ForeignKey("customer.id"), primary_key=True
    )
    category: Mapped[str] = mapped_column(primary_key=True)


class SegmentRow(Base):
    """A named group that the customer belongs to."""

    __tablename__ = "customer_segment"

    customer_id: Mapped[CustomerID] = mapped_column(
        ForeignKey("customer.id"), primary_key=True
    )
    segment: Mapped[str] = mapped_column(primary_key=True, index=True)


class ConsentRow(Base):
    """A dated statement. A trigger refuses to alter or delete it."""

    __tablename__ = "customer_consent"
    __table_args__ = (
        CheckConstraint("not (asked and given)", name="asked_is_no_yes"),
        Index(None, "customer_id", "purpose", "channel", "id"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    customer_id: Mapped[CustomerID] = mapped_column(ForeignKey("customer.id"))
    purpose: Mapped[Purpose]
    channel: Mapped[Channel | None]
    given: Mapped[bool]
    asked: Mapped[bool] = mapped_column(server_default="false")
    """A yes that the customer has still to confirm: it counts as none until then."""

    contact_id: Mapped[ContactID | None]
    """The address that confirms it, or confirmed it; its row may have been erased."""

    confirms: Mapped[int | None]
    """The statement that was asked, of which this is the confirmation."""

    wording: Mapped[str]
    wording_version: Mapped[str]
    source: Mapped[str]
    actor: Mapped[str]
    at: Mapped[datetime]


class LinkRow(Base):
    """A customer's link: only the hash of its secret is stored."""

    __tablename__ = "customer_link"

    secret_hash: Mapped[bytes] = mapped_column(primary_key=True)
    customer_id: Mapped[CustomerID] = mapped_column(
        ForeignKey("customer.id"), index=True
    )
    purpose: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class CodeRow(Base):
    """
    A code sent to an address: who knows it holds the address.

    The code itself is not stored: it is derived from the row and the installation's
    secret whenever it is written or compared.
    """

    __tablename__ = "customer_code"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    customer_id: Mapped[CustomerID] = mapped_column(
        ForeignKey("customer.id"), index=True
    )
    contact_id: Mapped[ContactID] = mapped_column(index=True)
    consent_id: Mapped[int | None]
    """The statement that waits for it."""

    nonce: Mapped[bytes]
    tries: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class InboundRow(Base):
    """Something that came in from outside, so that a repetition is none."""

    __tablename__ = "inbound"

    source: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)


class CustomerSessionRow(Base):
    """A browser that a customer opened with a link."""

    __tablename__ = "customer_session"

    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    customer_id: Mapped[CustomerID] = mapped_column(
        ForeignKey("customer.id"), index=True
    )
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
