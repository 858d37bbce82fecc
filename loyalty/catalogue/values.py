"""The vocabulary of the catalogue."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from loyalty.core.money import Money


@dataclass(frozen=True, kw_only=True, slots=True)
class Product:
    """One article, with the facts that pricing and offers read."""

    sku: str
    name: str
    categories: tuple[str, ...]
    """Paths from the root, as ``drinks/coffee``."""

    price: Money
    brand: str | None = None
    tags: tuple[str, ...] = ()
    discountable: bool = True
    weighed: bool = False
    floor_price: Money | None = None
    cost: Money | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Category:
    """A place in the tree of categories."""

    path: str
    name: str
    products: int
    """How many products stand directly in it."""


class PriceSource(StrEnum):
    """Where a price is known from."""

    IMPORT = "import"
    PURCHASE = "purchase"
    API = "api"


@dataclass(frozen=True, kw_only=True, slots=True)
class PriceChange:
    """From when on an article had a price, everywhere or in one store."""

    at: datetime
    price: Money
    source: PriceSource
    store_id: int | None = None
    """None where it holds in every store that has no later price of its own."""
