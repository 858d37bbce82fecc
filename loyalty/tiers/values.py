"""The vocabulary of tiers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from loyalty.customers.values import CustomerID
from loyalty.purchases.values import PurchaseID


class Basis(StrEnum):
    """What is measured."""

    POINTS = "points"
    """Points earned on purchases, less what returns took back."""

    SPENT = "spent"
    """Money paid for goods after discounts, less what returns gave back."""


class Span(StrEnum):
    """Over which time it is measured."""

    ROLLING = "rolling"
    """The last so many days."""

    CALENDAR_YEAR = "calendar_year"
    """Since New Year, by the programme's clock."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Tier:
    """One step."""

    code: str
    name: Mapping[str, str]
    """One text a language."""

    threshold: int
    """From how much on: points, or minor units of the programme's currency."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ladder:
    """All tiers, the lowest first, and how they are reached and lost."""

    basis: Basis
    span: Span
    days: int
    """How long a rolling span is; of no meaning for a calendar year."""

    grace_days: int
    """How long a tier stays after the measure fell below it."""

    tiers: tuple[Tier, ...]
    version: int = 0

    def rank(self, code: str | None) -> int:
        """Return the place of a tier from 0 on; -1 for none and for unknown ones."""
        codes = [tier.code for tier in self.tiers]
        return codes.index(code) if code in codes else -1

    def tier(self, code: str | None) -> Tier | None:
        """Return the tier with this code, if there is one."""
        return next((tier for tier in self.tiers if tier.code == code), None)


class Change(StrEnum):
    """What became of a member's tier."""

    UP = "up"
    WARNED = "warned"
    """The measure fell below the tier: the grace period began."""

    KEPT = "kept"
    """The measure reached the tier again within the grace period."""

    DOWN = "down"
    LADDER = "ladder"
    """The shop changed its tiers."""

    MERGED = "merged"
    """Two records of the member became one, or one became two again."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """What a member is at a moment."""

    tier: str | None = None
    falls_at: datetime | None = None
    """When the grace period ends; None while the measure suffices."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One purchase that counted."""

    purchase_id: PurchaseID
    at: datetime
    counted: int


@dataclass(frozen=True, kw_only=True, slots=True)
class TierChange:
    """One entry of a member's history, with all that explains it."""

    at: datetime
    change: Change
    before: str | None
    after: str | None
    measure: int
    since: datetime
    """From when on it was measured."""

    falls_at: datetime | None
    ladder: Ladder
    """As it was then."""

    latest: tuple[Step, ...]
    """The latest purchases that counted, the newest first."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Distance:
    """How far the next tier is."""

    tier: Tier
    missing: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """A member's tier as the surfaces show it."""

    customer_id: CustomerID
    ladder: Ladder
    tier: Tier | None
    since: datetime | None
    falls_at: datetime | None
    measure: int
    measured_since: datetime
    next: Distance | None
    currency: str
    """Of the measure, where money is measured."""
