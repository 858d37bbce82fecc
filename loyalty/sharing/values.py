"""The vocabulary of what members share."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType

from loyalty.customers.values import CustomerID

GiftID = NewType("GiftID", int)
HouseholdID = NewType("HouseholdID", int)
InvitationID = NewType("InvitationID", int)


@dataclass(frozen=True, kw_only=True, slots=True)
class SharingPolicy:
    """What the programme allows and gives."""

    gifts_a_day: int = 500
    """Points that one member may give to others on one day; 0: none."""

    undo_minutes: int = 30
    """How long a gift can be taken back while nothing of it is spent."""

    household_most: int = 6
    """How many people may share a balance; 0: nobody."""

    friend_points: int = 100
    """For somebody who was brought, after their first purchase; 0: nothing."""

    referrer_points: int = 200
    """For whoever brought them."""

    referrals_a_year: int = 10
    """For so many friends in 365 days a member gets points."""

    new_days: int = 30
    """So long after enrolling a member may still say who brought them."""

    @property
    def undo_time(self) -> timedelta:
        """How long a gift can be taken back."""
        return timedelta(minutes=self.undo_minutes)


@dataclass(frozen=True, kw_only=True, slots=True)
class Gift:
    """Points that one member gave to another."""

    id: GiftID
    giver: CustomerID
    receiver: CustomerID
    points: int
    at: datetime
    undone_at: datetime | None
    balance_after: int
    """The giver's points after it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Household:
    """People who share one balance: that of the keeper."""

    id: HouseholdID
    keeper: CustomerID
    members: tuple[CustomerID, ...]
    """All of them, the keeper first."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Invitation:
    """A keeper's invitation, to be answered by the one invited."""

    id: InvitationID
    household_id: HouseholdID
    keeper: CustomerID
    invited: CustomerID
    expires_at: datetime


class ReferralState(StrEnum):
    """What became of bringing a friend."""

    WAITING = "waiting"
    """For the friend's first purchase."""

    DUE = "due"
    """The friend bought; the points are about to be given."""

    PAID = "paid"
    REVERSING = "reversing"
    """That purchase came back in full; the points are about to be taken back."""

    REVERSED = "reversed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Referral:
    """Who brought whom, and what both got for it."""

    friend: CustomerID
    referrer: CustomerID
    state: ReferralState
    at: datetime
    friend_points: int
    referrer_points: int
