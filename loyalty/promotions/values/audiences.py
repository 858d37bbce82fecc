"""Whom a promotion is for: a tree over facts about a customer."""

from dataclasses import dataclass

from loyalty.core.money import Money


@dataclass(frozen=True, kw_only=True, slots=True)
class Range:
    """At least this (included) and below that (not included); None is open."""

    at_least: int | None = None
    below: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class AllOf:
    """Met when every part is."""

    parts: tuple["Audience", ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class AnyOf:
    """Met when one part is."""

    parts: tuple["Audience", ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Not:
    """Met when the part is not."""

    part: "Audience"


@dataclass(frozen=True, kw_only=True, slots=True)
class InSegment:
    """Is in the segment."""

    segment: str


@dataclass(frozen=True, kw_only=True, slots=True)
class InTier:
    """Has the tier."""

    tier: str


@dataclass(frozen=True, kw_only=True, slots=True)
class MemberForDays:
    """Has been a member for so many days."""

    days: Range


@dataclass(frozen=True, kw_only=True, slots=True)
class PurchaseCount:
    """Has bought so many times, ever or within the last days."""

    count: Range
    within_days: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Spent:
    """Has paid so much, ever or within the last days."""

    at_least: Money | None = None
    below: Money | None = None
    within_days: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class DaysSincePurchase:
    """Bought last so many days ago."""

    days: Range


@dataclass(frozen=True, kw_only=True, slots=True)
class BirthdayWithinDays:
    """Has a birthday today or had it in the last ``days`` days."""

    days: int


@dataclass(frozen=True, kw_only=True, slots=True)
class InterestedIn:
    """Is interested in one of the categories, or something below or above it."""

    categories: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Speaks:
    """Has the language."""

    language: str


@dataclass(frozen=True, kw_only=True, slots=True)
class HomeStore:
    """Has the store as the home store."""

    store: str


@dataclass(frozen=True, kw_only=True, slots=True)
class HasCard:
    """Shows a card, or none."""

    has_card: bool


Audience = (
    AllOf
    | AnyOf
    | Not
    | InSegment
    | InTier
    | MemberForDays
    | PurchaseCount
    | Spent
    | DaysSincePurchase
    | BirthdayWithinDays
    | InterestedIn
    | Speaks
    | HomeStore
    | HasCard
)
