"""Quotes as they are kept, and what reservations hold."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, NewType

from loyalty.customers.values import CustomerID
from loyalty.promotions.values.baskets import Basket, Facts, Programme
from loyalty.promotions.values.documents import Promotion
from loyalty.promotions.values.quotes import Quote
from loyalty.promotions.values.states import StoredPromotion
from loyalty.purchases.values import PurchaseID
from loyalty.stores.values import StoreID

ENGINE: Final = 2
"""Raised with every change by which the same facts may have another price."""

QuoteID = NewType("QuoteID", str)


@dataclass(frozen=True, kw_only=True, slots=True)
class Pricing:
    """All that one price was computed from."""

    basket: Basket
    facts: Facts
    programme: Programme
    promotions: tuple[StoredPromotion, ...]
    """Those that could concern the basket, the older first."""

    @property
    def documents(self) -> tuple[Promotion, ...]:
        """What the promotions say."""
        return tuple(stored.promotion for stored in self.promotions)


@dataclass(frozen=True, kw_only=True, slots=True)
class NewQuote:
    """A quote to keep."""

    quote: Quote
    pricing: Pricing
    store_id: StoreID
    customer_id: CustomerID | None
    asked_by: str
    points_to_spend: int = 0
    reserved_until: datetime | None = None
    purchase_id: PurchaseID | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptQuote:
    """A quote as it was kept; ``result`` is its document, without texts."""

    id: QuoteID
    at: datetime
    store_id: StoreID
    customer_id: CustomerID | None
    asked_by: str
    engine: int
    pricing: Pricing
    result: dict[str, object]
    points_to_spend: int
    reserved_until: datetime | None
    purchase_id: PurchaseID | None

    def holds(self, now: datetime) -> bool:
        """Test whether its price and what it claimed are reserved still."""
        return (
            self.purchase_id is None
            and self.reserved_until is not None
            and now < self.reserved_until
        )
