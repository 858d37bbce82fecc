"""The vocabulary of the programme and its stores."""

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import NewType
from zoneinfo import ZoneInfo

StoreID = NewType("StoreID", int)


class Strategy(StrEnum):
    """How promotions are combined in a basket."""

    BEST_FOR_CUSTOMER = "best_for_customer"
    PRIORITY = "priority"


class Lifetime(StrEnum):
    """From when it is counted how long points last."""

    ROLLING = "rolling"
    """So many days since they were earned."""

    FIXED_DATE = "fixed_date"
    """Until a day of the year, so many years on."""

    INACTIVITY = "inactivity"
    """So many days since the member last earned or spent any."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PointsRule:
    """How many points so much money earns, how long they last, what they are worth."""

    points: int
    per: Decimal
    """Money in the programme's currency, as a decimal."""

    lifetime_days: int
    """At least 31; for ``rolling`` and ``inactivity``."""

    version: int
    """Given by the programme when it is saved: each change makes another one."""

    lifetime: Lifetime = Lifetime.ROLLING
    fixed_month: int = 12
    fixed_day: int = 31
    fixed_years: int = 1
    """For ``fixed_date``: 31 December of the year after the one of earning."""

    delay_days: int = 0
    """For how many days points are pending: the time for returning goods."""

    value: Decimal = Decimal("0.01")
    """Of one point as money off, in the programme's currency."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Exclusions:
    """What is never recommended nor named as a reason, on top of what is built in."""

    categories: tuple[str, ...] = ()
    """Paths of the catalogue; what is below one goes with it."""

    words: tuple[str, ...] = ()
    """Words and phrases of category paths, in the language of the catalogue."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Programme:
    """What holds for all stores unless a store says otherwise."""

    name: str
    currency: str
    time_zone: ZoneInfo
    strategy: Strategy
    points_rule: PointsRule
    card_prefix: str
    """The first six digits of every card number."""

    phone_region: str
    """Where a number without a country code is, as ``PL``."""

    languages: tuple[str, ...]
    quiet_from_minute: int
    quiet_until_minute: int
    max_messages_per_week: int
    double_opt_in: frozenset[str] = frozenset()
    """The channels on which a yes to offers counts only once the customer confirmed it
    from the address: ``email``, ``sms``."""

    reservation_minutes: int = 15
    """How long a reserved quote holds unless the request says otherwise."""

    recheck_thresholds: bool = False
    """Whether a return prices anew what is kept, without what it does not reach."""

    exclusions: Exclusions = field(default_factory=Exclusions)
    postal_address: str = ""
    """Of the sender, in one line: it stands at the foot of every mail."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Store:
    """One shop."""

    id: StoreID
    code: str
    name: str
    time_zone: ZoneInfo
    currency: str
    address: str
    phone: str
    opening_hours: str
