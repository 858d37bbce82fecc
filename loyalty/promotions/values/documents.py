"""The parts of a promotion, as its document states them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from loyalty.core.money import Money
from loyalty.core.periods import WeeklyWindow
from loyalty.promotions.values.audiences import Audience
from loyalty.promotions.values.rewards import Reward
from loyalty.promotions.values.selectors import Selector


class Trigger(StrEnum):
    """What makes a promotion apply."""

    AUTOMATIC = "automatic"
    CODE = "code"
    PERSONAL = "personal"


class Combines(StrEnum):
    """How a promotion gets on with others."""

    FREELY = "freely"
    NOT_ON_SAME_UNITS = "not_on_same_units"
    ALONE = "alone"


class Counting(StrEnum):
    """On which prices a spend is measured."""

    BEFORE_DISCOUNTS = "before_discounts"
    AFTER_ITEM_DISCOUNTS = "after_item_discounts"


@dataclass(frozen=True, kw_only=True, slots=True)
class Validity:
    """
    When and where a promotion is valid; None everywhere means always.

    ``start`` and ``until`` are naive: each store reads them on its own clock.
    """

    start: datetime | None = None
    until: datetime | None = None
    weekly: tuple[WeeklyWindow, ...] | None = None
    stores: tuple[str, ...] | None = None
    sales_channels: tuple[str, ...] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Spend:
    """The basket must hold matching units worth at least this."""

    on: Selector
    at_least: Money
    counting: Counting = Counting.BEFORE_DISCOUNTS


@dataclass(frozen=True, kw_only=True, slots=True)
class Quantity:
    """The basket must hold at least so many matching units."""

    of: Selector
    at_least: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Payment:
    """The basket must be paid in one of these ways."""

    ways: tuple[str, ...]


Requirement = Spend | Quantity | Payment


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """How often a promotion may be used and what it may give; None is no limit."""

    per_purchase: int | None = None
    per_customer: int | None = None
    per_customer_per_day: int | None = None
    total: int | None = None
    budget: Money | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Promotion:
    """
    Who gets what, when, where, and how often.

    ``currency`` is that of every amount of money in it. Its age is
    its place in the sequence given to the engine: the older stands first.
    """

    code: str
    name: Mapping[str, str]
    currency: str
    reward: Reward
    trigger: Trigger = Trigger.AUTOMATIC
    valid: Validity = field(default_factory=Validity)
    audience: Audience | None = None
    requires: tuple[Requirement, ...] = ()
    limits: Limits = field(default_factory=Limits)
    combines: Combines = Combines.NOT_ON_SAME_UNITS
    priority: int = 0
