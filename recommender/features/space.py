"""The names of features: what they say can be explained."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from recommender.config import Config
from recommender.data import Customer, Product
from recommender.dataset import Catalogue, IdMap, is_sensitive

LIKES = "likes:"
"""Before the name of an item that a customer buys or declares an interest in."""
BANDS = ((0, "0"), (3, "1-3"), (10, "4-10"), (30, "11-30"))
"""Up to so many days with purchases, a customer is in this band."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Space:
    """The names of the features that a model was trained with."""

    items: IdMap
    customer: IdMap
    item: IdMap

    @classmethod
    def of(
        cls, catalogue: Catalogue, customers: Sequence[Customer], *, config: Config
    ) -> Self:
        """Return the features of this shop; a sensitive fact becomes none."""
        found = {name for customer in customers for name in told_names(customer)}
        told = {name for name in found if not is_sensitive(name, config)}
        likes = {LIKES + name for name in catalogue.items.names}
        bands = {band_name(count) for count in (0, 1, 4, 11, 31)}
        place: set[str] = set()
        for product in catalogue.products.values():
            place |= set(place_names(product))
        return cls(
            items=catalogue.items,
            customer=IdMap.of(told | likes | bands | {"everyone"}),
            item=IdMap.of(place),
        )


def told_names(customer: Customer) -> list[str]:
    """Name what the customer has told us, interests apart."""
    known = {
        "language": customer.language,
        "store": customer.store,
        "tier": customer.tier,
    }
    names = [f"{kind}:{value}" for kind, value in known.items() if value is not None]
    return names + [f"fact:{name}={value}" for name, value in customer.facts]


def place_names(product: Product) -> list[str]:
    """Name a product's features."""
    names = [f"category:{product.category}"]
    if product.department is not None:
        names.append(f"department:{product.department}")
    if product.brand is not None:
        names.append(f"brand:{product.brand}")
    return names


def band_name(baskets: int) -> str:
    """Name how much is known of a customer."""
    name = next((name for most, name in BANDS if baskets <= most), "31+")
    return f"baskets:{name}"
