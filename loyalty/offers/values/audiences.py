"""The vocabulary of audiences: whom a campaign is for, as conditions."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from loyalty.customers.values import CustomerID


@dataclass(frozen=True, kw_only=True, slots=True)
class When:
    """A day: a fixed one, or so many days before the day on which it is asked."""

    day: date | None = None
    days_ago: int | None = None

    def on(self, today: date) -> date:
        """Return the day that is meant on this one."""
        if self.day is not None:
            return self.day
        return today - timedelta(days=self.days_ago or 0)


@dataclass(frozen=True, slots=True)
class InSegment:
    """Is in one of these segments."""

    segments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AtStore:
    """Has one of these stores (codes) as their own."""

    stores: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Speaks:
    """Is written to in one of these languages."""

    languages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InTier:
    """Holds one of these tiers."""

    tiers: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class HasPoints:
    """Could spend so many points now; one of the two is given."""

    at_least: int | None = None
    at_most: int | None = None


@dataclass(frozen=True, slots=True)
class EnrolledSince:
    """Joined on this day or later."""

    since: When


@dataclass(frozen=True, kw_only=True, slots=True)
class LastPurchase:
    """Bought last before, or after, a day that is itself in neither."""

    before: When | None = None
    after: When | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class BoughtFrom:
    """Bought something of these categories, or below them, in the last ``days``."""

    categories: tuple[str, ...]
    days: int


@dataclass(frozen=True, slots=True)
class BirthdayIn:
    """Has their birthday in one of these months, 1 to 12."""

    months: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class InterestedIn:
    """Declared one of these topics (category paths)."""

    topics: tuple[str, ...]


Condition = (
    InSegment
    | AtStore
    | Speaks
    | InTier
    | HasPoints
    | EnrolledSince
    | LastPurchase
    | BoughtFrom
    | BirthdayIn
    | InterestedIn
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Audience:
    """Customers who meet all of some conditions, one of others, and none of a third."""

    all: tuple[Condition, ...] = ()
    any: tuple[Condition, ...] = ()
    """Without one here, nothing is asked."""

    none: tuple[Condition, ...] = ()

    @property
    def is_everybody(self) -> bool:
        """Test whether nothing is asked."""
        return not (self.all or self.any or self.none)


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """What an audience may ask about one customer; merged records count too."""

    id: CustomerID
    language: str
    enrolled_at: datetime
    store: str | None = None
    segments: frozenset[str] = frozenset()
    tier: str | None = None
    points: int = 0
    last_purchase: datetime | None = None
    bought: tuple[tuple[datetime, str], ...] = ()
    """When something of which category was bought."""

    birth_month: int | None = None
    topics: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class Reach:
    """How many customers an audience has, and how many of them hear of it."""

    customers: int
    agreed: int
    """Those who let the shop choose offers for them: nobody else gets one."""

    by_channel: dict[str, int] = field(default_factory=dict)
    """Those among them who can be reached, by channel; one may count on several."""

    reachable: int = 0
    """On one channel at least."""
