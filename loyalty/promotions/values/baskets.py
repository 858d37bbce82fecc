"""What is priced, and the facts that pricing reads."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from decimal import Decimal
from enum import StrEnum

from loyalty.core.money import Money
from loyalty.promotions.values.quotes import MissedReason


class Strategy(StrEnum):
    """How the promotions that a basket could have are chosen."""

    BEST_FOR_CUSTOMER = "best_for_customer"
    PRIORITY = "priority"


@dataclass(frozen=True, kw_only=True, slots=True)
class PointsRule:
    """So many points for each full amount of money paid."""

    points: int
    per: Money
    version: int | None = None
    """Of the programme's rule, by which the points are booked; a file has none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Programme:
    """The settings of a programme that pricing reads, as they hold in the store."""

    currency: str
    time_zone: tzinfo
    strategy: Strategy = Strategy.BEST_FOR_CUSTOMER
    points: PointsRule | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Product:
    """
    What the catalogue says about a product.

    ``floor_price`` is for one unit, or for a kilogram of a weighed product.
    """

    sku: str
    name: str | None = None
    categories: tuple[str, ...] = ()
    brand: str | None = None
    tags: tuple[str, ...] = ()
    discountable: bool = True
    floor_price: Money | None = None
    cost: Money | None = None
    weighed: bool = False


CatalogueFacts = Mapping[str, Product]
"""The products of a basket by sku; those left out are plain and not known."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PastPurchase:
    """When a customer bought, and what was paid for the goods."""

    at: datetime
    net: Money


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomerFacts:
    """What is known about the holder of the card."""

    tier: str | None = None
    segments: tuple[str, ...] = ()
    member_since: date | None = None
    birthday: date | None = None
    language: str | None = None
    home_store: str | None = None
    interests: tuple[str, ...] = ()
    purchases: tuple[PastPurchase, ...] = ()
    offered: frozenset[str] = frozenset()
    """Codes of the personal promotions that were offered to the customer."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Code:
    """
    A coupon code and how often it may still be used; ``uses`` None: always.

    ``problem`` is why it does not count, where who looked it up knows more than
    ``uses`` and ``expires`` say; ``retry_after`` are seconds.
    """

    code: str
    promotion: str | None
    used: int = 0
    uses: int | None = None
    expires: datetime | None = None
    problem: MissedReason | None = None
    retry_after: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Used:
    """How much of a promotion's limits is gone, reservations included."""

    total: int = 0
    by_customer: int = 0
    today: int = 0
    given: int = 0
    """Money given away so far, in minor units."""


@dataclass(frozen=True, kw_only=True, slots=True)
class BasketLine:
    """
    Some of one product at one price.

    ``quantity`` is in units, or in kilograms of a weighed product; ``unit_price``
    is the price, tax included, of one of them.
    """

    line: str
    sku: str
    quantity: Decimal
    unit_price: Money


@dataclass(frozen=True, kw_only=True, slots=True)
class Basket:
    """What a customer is about to pay for."""

    store: str
    sales_channel: str
    at: datetime
    currency: str
    lines: tuple[BasketLine, ...]
    codes: tuple[str, ...] = ()
    delivery_fee: Money | None = None
    payment: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """Everything beside the basket that pricing reads; absent is empty."""

    catalogue: CatalogueFacts = field(default_factory=dict)
    customer: CustomerFacts | None = None
    codes: Mapping[str, Code] = field(default_factory=dict)
    used: Mapping[str, Used] = field(default_factory=dict)
