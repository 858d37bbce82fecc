"""The vocabulary of purchases."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NewType

from loyalty.core.money import Money
from loyalty.customers.values import CustomerID
from loyalty.stores.values import StoreID

PurchaseID = NewType("PurchaseID", int)


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
