"""The vocabulary of the programme and its stores."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import NewType
from zoneinfo import ZoneInfo

StoreID = NewType("StoreID", int)


class Strategy(StrEnum):
    """How promotions are combined in a basket."""

    BEST_FOR_CUSTOMER = "best_for_customer"
    PRIORITY = "priority"


@dataclass(frozen=True, kw_only=True, slots=True)
class PointsRule:
    """How many points so much money earns, and how long they last."""

    points: int
    per: Decimal
    """Money in the programme's currency, as a decimal."""

    lifetime_days: int
    version: int


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
