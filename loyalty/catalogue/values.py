"""The vocabulary of the catalogue."""

from dataclasses import dataclass

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
