"""The vocabulary of purchases."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import NewType

from loyalty.core.money import Money
from loyalty.customers.values import CustomerID
from loyalty.stores.values import StoreID

PurchaseID = NewType("PurchaseID", int)
ReturnID = NewType("ReturnID", int)

Run = tuple[int, int]
"""The same amount, so many times: ``(34, 2)`` is 34 and 34."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LineShares:
    """
    What each unit of a line costs and what each promotion takes off it, in runs.

    ``units`` is None for a weighed line: one unit that can be divided by weight.
    """

    units: int | None
    net: tuple[Run, ...]
    applications: Mapping[str, tuple[Run, ...]]


@dataclass(frozen=True, kw_only=True, slots=True)
class PurchaseLine:
    """One line as it was paid."""

    line: str
    sku: str
    quantity: Decimal
    unit_price: Money
    gross: Money
    discount: Money
    net: Money
    shares: LineShares | None = None
    """None when it was imported: then nothing is known of promotions."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SoldLine:
    """One line as a return sees it."""

    line: str
    sku: str
    quantity: Decimal
    shares: LineShares


@dataclass(frozen=True, kw_only=True, slots=True)
class PointsShare:
    """
    Points that one rule gave for a purchase; ``promotion`` None is the programme's.

    ``points_per`` are so many points for each full amount of minor units; without it
    the points belong to the ``lines`` in proportion (None: to all).
    """

    promotion: str | None
    points: int
    points_per: tuple[int, int] | None = None
    lines: tuple[str, ...] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class TenderShare:
    """What a purchase was paid with; minor units, and points where it was points."""

    tender: str
    amount: int
    points: int = 0
    reference: str | None = None
    """What of its kind: of points the movement, of a gift card its number."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sale:
    """A purchase as it was frozen for returns."""

    lines: Mapping[str, SoldLine]
    promotions: tuple[str, ...]
    points: tuple[PointsShare, ...]
    tenders: tuple[TenderShare, ...]
    """In the order in which they are refunded."""

    net: int
    delivery: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ReturnedLine:
    """What comes back of one line, and what that was worth."""

    line: str
    sku: str
    quantity: Decimal
    net: int
    applications: Mapping[str, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptPurchase:
    """When somebody bought, and what was paid for the goods that did not come back."""

    at: datetime
    net: Money


@dataclass(frozen=True, kw_only=True, slots=True)
class Purchase:
    """A basket that was paid; ``net`` is the goods alone, after all discounts."""

    id: PurchaseID
    customer_id: CustomerID | None
    store_id: StoreID
    receipt: str
    at: datetime
    gross: Money
    discount: Money
    net: Money
    lines: tuple[PurchaseLine, ...] = ()
    delivery: Money | None = None
    payment: str | None = None
    simulated: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class NewPurchase:
    """A purchase to record, with what makes it repeatable and provable."""

    customer_id: CustomerID | None
    store_id: StoreID
    sales_channel: str
    receipt: str
    at: datetime
    gross: Money
    discount: Money
    net: Money
    delivery: Money
    payment: str | None
    lines: tuple[PurchaseLine, ...]
    proof: dict[str, object]
    """What else the price was computed from, such as the versions of promotions."""

    recorded_by: str
    request_key: str
    request_hash: bytes
    simulated: bool = False


class ReturnKind(StrEnum):
    """Whether some goods came back, or the whole purchase is undone."""

    RETURN = "return"
    CANCELLATION = "cancellation"


@dataclass(frozen=True, kw_only=True, slots=True)
class NewReturn:
    """A return to record; amounts in minor units."""

    id: ReturnID
    purchase_id: PurchaseID
    kind: ReturnKind
    at: datetime
    lines: tuple[ReturnedLine, ...]
    refund: int
    delivery: int
    points_taken: int
    tenders: tuple[TenderShare, ...]
    """What each of the purchase's tenders gets back, in their order."""

    recorded_by: str
    request_key: str
    request_hash: bytes
    reply: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PastReturn:
    """A return as it stands in the books."""

    id: ReturnID
    kind: ReturnKind
    at: datetime
    refund: Money
    delivery: Money
    points_taken: int
    lines: tuple[tuple[str, Decimal, Money], ...]
    """Each line with its quantity and refund."""

    tenders: tuple[TenderShare, ...]
