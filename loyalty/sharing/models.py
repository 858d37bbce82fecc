"""Tables of gifts, households and friends brought."""

from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from loyalty.core.database import Base
from loyalty.customers.values import CustomerID
from loyalty.sharing.values import (
    GiftID,
    HouseholdID,
    InvitationID,
    ReferralState,
)


class SharingPolicyRow(Base):
    """What the programme allows and gives."""

    __tablename__ = "sharing_policy"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=1)
    gifts_a_day: Mapped[int]
    undo_minutes: Mapped[int]
    household_most: Mapped[int]
    friend_points: Mapped[int]
    referrer_points: Mapped[int]
    referrals_a_year: Mapped[int]
    new_days: Mapped[int]


class PointsGiftRow(Base):
    """Points that one member gave to another."""

    __tablename__ = "points_gift"
    __table_args__ = (
        CheckConstraint("points > 0", name="points_positive"),
        CheckConstraint("giver <> receiver", name="two_people"),
        UniqueConstraint("giver", "request_key"),
        Index(None, "giver", "day"),
        Index(None, "receiver"),
    )

    id: Mapped[GiftID] = mapped_column(Identity(), primary_key=True)
    giver: Mapped[CustomerID] = mapped_column(ForeignKey("customer.id"))
    receiver: Mapped[CustomerID] = mapped_column(ForeignKey("customer.id"))
    from_purse: Mapped[CustomerID] = mapped_column(ForeignKey("customer.id"))
    to_purse: Mapped[CustomerID] = mapped_column(ForeignKey("customer.id"))
    """Whose balances they were: those of the households, if the two belong to any."""

    points: Mapped[int]
    at: Mapped[datetime]
    day: Mapped[date]
    """By the programme's clock: what the daily limit counts."""

    version: Mapped[int]
    """Of the giver's side of the movement."""

    balance_after: Mapped[int]
    request_key: Mapped[str]
    undone_at: Mapped[datetime | None]


class HouseholdRow(Base):
    """People who share the balance of one of them."""

    __tablename__ = "household"

    id: Mapped[HouseholdID] = mapped_column(Identity(), primary_key=True)
    keeper_id: Mapped[CustomerID] = mapped_column(ForeignKey("customer.id"), index=True)
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class HouseholdMemberRow(Base):
    """Who belongs, or belonged, to a household; nobody to two at once."""

    __tablename__ = "household_member"
    __table_args__ = (
        Index(
            "uq_household_member_now",
            "customer_id",
            unique=True,
            postgresql_where=text("left_at is null"),
        ),
    )

    household_id: Mapped[HouseholdID] = mapped_column(
        ForeignKey("household.id"), primary_key=True
    )
    customer_id: Mapped[CustomerID] = mapped_column(
        ForeignKey("customer.id"), primary_key=True
    )
    joined_at: Mapped[datetime] = mapped_column(primary_key=True)
    left_at: Mapped[datetime | None]


class InvitationRow(Base):
    """An invitation into a household; the one invited says yes or no."""

    __tablename__ = "household_invitation"
    __table_args__ = (Index(None, "invited"),)

    id: Mapped[InvitationID] = mapped_column(Identity(), primary_key=True)
    household_id: Mapped[HouseholdID] = mapped_column(
        ForeignKey("household.id"), index=True
    )
    invited: Mapped[CustomerID] = mapped_column(ForeignKey("customer.id"))
    at: Mapped[datetime]
    expires_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    accepted: Mapped[bool | None]


class HouseholdMoveRow(Base):
    """Points of a member that went into the shared balance."""

    __tablename__ = "household_move"

    customer_id: Mapped[CustomerID] = mapped_column(
        ForeignKey("customer.id"), primary_key=True
    )
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Of the member's side of the movement."""

    keeper_id: Mapped[CustomerID] = mapped_column(ForeignKey("customer.id"))
    request_key: Mapped[str]
    """Which both sides of the movement have."""

    household_id: Mapped[HouseholdID] = mapped_column(
        ForeignKey("household.id"), index=True
    )


class ReferralCodeRow(Base):
    """The code by which a member brings friends; no secret."""

    __tablename__ = "referral_code"

    customer_id: Mapped[CustomerID] = mapped_column(
        ForeignKey("customer.id"), primary_key=True
    )
    code: Mapped[str] = mapped_column(unique=True)


class ReferralDeviceRow(Base):
    """A browser in which a member was seen, as a hash of its cookie."""

    __tablename__ = "referral_device"

    customer_id: Mapped[CustomerID] = mapped_column(
        ForeignKey("customer.id"), primary_key=True
    )
    digest: Mapped[bytes] = mapped_column(primary_key=True, index=True)


class ReferralRow(Base):
    """Who brought whom: one referrer a friend, for ever."""

    __tablename__ = "referral"
    __table_args__ = (
        CheckConstraint("friend_id <> referrer_id", name="two_people"),
        Index(None, "referrer_id", "paid_at"),
        Index(None, "purchase_id"),
        Index(
            "ix_referral_due",
            "state",
            postgresql_where=text("state in ('due', 'reversing')"),
        ),
    )

    friend_id: Mapped[CustomerID] = mapped_column(
        ForeignKey("customer.id"), primary_key=True
    )
    referrer_id: Mapped[CustomerID] = mapped_column(ForeignKey("customer.id"))
    state: Mapped[ReferralState]
    at: Mapped[datetime]
    purchase_id: Mapped[int | None] = mapped_column(ForeignKey("purchase.id"))
    """The friend's first."""

    paid_at: Mapped[datetime | None]
    friend_points: Mapped[int]
    friend_version: Mapped[int | None]
    referrer_points: Mapped[int]
    referrer_version: Mapped[int | None]
