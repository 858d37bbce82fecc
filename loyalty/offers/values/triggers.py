"""What sets a campaign off: a day, a calendar, or something that happens."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Once:
    """At the campaign's beginning, for everybody in its audience."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Weekly:
    """On some days of each week (0 is Monday), at a time of the programme's clock."""

    days: tuple[int, ...]
    minute: int
    """Since midnight."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Monthly:
    """On some days of each month; one that the month lacks is its last day."""

    days: tuple[int, ...]
    minute: int


class EventKind(StrEnum):
    """What may happen to a customer."""

    BIRTHDAY = "birthday"
    """Their birthday comes within some days."""

    FIRST_PURCHASE = "first_purchase"
    LAPSED = "lapsed"
    """They have not bought for some days."""

    POINTS_EXPIRING = "points_expiring"
    """Some of their points expire within some days."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OnEvent:
    """For each customer when it happens to them."""

    event: EventKind
    days: int = 0
    """How many days before (birthday, expiry) or after (last purchase)."""


Trigger = Once | Weekly | Monthly | OnEvent
