"""What LightFM knows of customers and items, under names that can be explained."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np
from scipy import sparse

from recommender.config import Config
from recommender.data import Customer, FloatArray, LongArray, Offer, Product, Sparse
from recommender.dataset import Catalogue, History, IdMap, csr, is_sensitive

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
        found = {name for customer in customers for name in _told(customer)}
        told = {name for name in found if not is_sensitive(name, config)}
        likes = {LIKES + name for name in catalogue.items.names}
        bands = {_band(count) for count in (0, 1, 4, 11, 31)}
        place: set[str] = set()
        for product in catalogue.products.values():
            place |= set(_place(product))
        return cls(
            items=catalogue.items,
            customer=IdMap.of(told | likes | bands | {"everyone"}),
            item=IdMap.of(place),
        )


def _told(customer: Customer) -> list[str]:
    """Name what the customer has told us, interests apart."""
    known = {
        "language": customer.language,
        "store": customer.store,
        "tier": customer.tier,
    }
    names = [f"{kind}:{value}" for kind, value in known.items() if value is not None]
    return names + [f"fact:{name}={value}" for name, value in customer.facts]


def _place(product: Product) -> list[str]:
    """Name a product's features."""
    names = [f"category:{product.category}"]
    if product.department is not None:
        names.append(f"department:{product.department}")
    if product.brand is not None:
        names.append(f"brand:{product.brand}")
    return names


def _band(baskets: int) -> str:
    """Name how much is known of a customer."""
    name = next((name for most, name in BANDS if baskets <= most), "31+")
    return f"baskets:{name}"


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Targets:
    """
    What is to be ranked: offers, or the items themselves.

    ``shares`` (targets, items): how each spreads over the items, rows sum to 1;
    ``features`` (targets, item features): the mean of its products' features;
    ``categories`` (targets, items): ones for what it names as a whole; ``products``
    (targets, ``skus``): ones for the products it names one by one.
    """

    keys: tuple[str, ...]
    shares: Sparse
    features: Sparse
    categories: Sparse
    skus: tuple[str, ...] = ()
    products: Sparse = None

    def __len__(self) -> int:
        """Count the targets."""
        return len(self.keys)

    @classmethod
    def of(cls, offers: Sequence[Offer], catalogue: Catalogue, space: Space) -> Self:
        """
        Return the offers that have something in the catalogue, in their order.

        Each sku, category and department that an offer names counts the same, and
        is the mean of its products; so an offer nobody has seen has features.
        """
        named = [
            (
                offer.key,
                catalogue.named_products(offer),
                catalogue.named_categories(offer),
            )
            for offer in offers
        ]
        named = [(key, skus, groups) for key, skus, groups in named if skus or groups]
        spread, used = _spread(
            [
                [*((sku,) for sku in skus), *(catalogue.categories[g] for g in groups)]
                for _, skus, groups in named
            ]
        )
        items, features = _product_rows([catalogue.products[s] for s in used], space)
        skus = IdMap.of(sku for _, named_skus, _ in named for sku in named_skus)
        return cls(
            keys=tuple(key for key, _, _ in named),
            shares=spread @ items,
            features=spread @ features,
            categories=_ones([groups for _, _, groups in named], space.items),
            skus=skus.names,
            products=_ones([named_skus for _, named_skus, _ in named], skus),
        )


def item_offers(catalogue: Catalogue) -> list[Offer]:
    """Return an offer for each item: the items as something to rank."""
    return [Offer(key=name, categories=(name,)) for name in catalogue.items.names]


def _spread(
    parts: Sequence[Sequence[Sequence[str]]],
) -> tuple[Sparse, tuple[str, ...]]:
    """
    Spread each target evenly over its parts, a part evenly over its products.

    :return: (targets, products), and which products these are
    """
    used = IdMap.of(sku for found in parts for part in found for sku in part)
    rows: list[int] = []
    columns: list[int] = []
    weights: list[float] = []
    for row, found in enumerate(parts):
        for part in found:
            rows += [row] * len(part)
            columns += [used.positions[sku] for sku in part]
            weights += [1 / len(part) / len(found)] * len(part)
    return csr(rows, columns, weights, (len(parts), len(used))), used.names


def _ones(names: Sequence[Sequence[str]], known: IdMap) -> Sparse:
    """Return (rows, known names): one where a row has the name."""
    found = [
        {known.positions[name] for name in row if name in known.positions}
        for row in names
    ]
    rows = [row for row, places in enumerate(found) for _ in places]
    columns = [place for places in found for place in sorted(places)]
    return csr(rows, columns, [1.0] * len(rows), (len(names), len(known)))


def _product_rows(products: Sequence[Product], space: Space) -> tuple[Sparse, Sparse]:
    """Return each product's item and its features, where the space has them."""
    rows: list[int] = []
    columns: list[int] = []
    items: list[int] = []
    for product in products:
        names = _place(product)
        known = [space.item.positions[n] for n in names if n in space.item.positions]
        columns += known
        rows.append(len(known))
        items.append(space.items.positions.get(product.category, -1))
    owners = np.repeat(np.arange(len(products), dtype=np.int32), rows)
    ones = np.ones(len(columns), np.float32)
    item = np.array(items, np.int32)
    has = np.flatnonzero(item >= 0).astype(np.int32)
    return (
        csr(has, item[has], ones[: len(has)], (len(products), len(space.items))),
        csr(owners, columns, ones, (len(products), len(space.item))),
    )


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Audience:
    """
    Customers to rank for: who they are, what they bought, their features.

    ``wishes`` (customers, items): declared interests, as days with purchases;
    ``features`` (customers, customer features); ``products``: as
    ``history.decayed``, but by product, with the column of each sku in ``skus``.
    Rows go with ``ids``.
    """

    ids: LongArray
    history: History
    wishes: Sparse
    features: Sparse
    skus: Mapping[str, int] = field(default_factory=dict)
    products: Sparse = None

    @property
    def leanings(self) -> Sparse:
        """What they bought and declared: (customers, items), decayed days."""
        return (self.history.decayed + self.wishes).tocsr()

    def days(self, targets: Targets) -> FloatArray:
        """
        Return (customers, targets): on how many decayed days they bought just this.

        Of products that a target names one by one only these count, not others of
        their category; a declared interest counts for all of its category.
        """
        days = self.history.decayed @ targets.categories.T
        days += self.wishes @ targets.shares.T
        known = [sku for sku in targets.skus if sku in self.skus]
        if known:
            places = {sku: place for place, sku in enumerate(targets.skus)}
            mine = self.products[:, [self.skus[sku] for sku in known]]
            days += mine @ targets.products[:, [places[sku] for sku in known]].T
        return np.asarray(days.toarray(), np.float32)

    def __len__(self) -> int:
        """Count the customers."""
        return len(self.ids)


def describe(
    history: History, told: Sparse, wishes: Sparse, *, space: Space, config: Config
) -> Sparse:
    """
    Return (customers, customer features): what was told, and what was bought.

    The history is the customer's heaviest ``config.tokens`` items, each by the log
    of its decayed days, to length 1 together with the declared interests. So a new
    basket counts at once, without training.

    :param told: from :func:`told`; :param wishes: from :func:`wishes`
    """
    likes = (_heaviest(history.decayed, config.tokens) + wishes).tocsr()
    likes.data = np.log1p(likes.data)
    length = np.sqrt(np.asarray(likes.multiply(likes).sum(axis=1)).ravel())
    likes = sparse.diags_array(1 / np.maximum(length, 1e-9)) @ likes
    bands = [space.customer.positions[_band(int(count))] for count in history.baskets]
    everyone = np.arange(len(bands), dtype=np.int32)
    ones = np.ones(len(bands), np.float32)
    band = csr(everyone, np.array(bands, np.int32), ones, told.shape)
    return sparse.csr_array(
        told + band + likes @ _likes_columns(space), dtype=np.float32
    )


def _likes_columns(space: Space) -> Sparse:
    """Return (items, customer features): which feature stands for an item."""
    columns = [space.customer.positions[LIKES + name] for name in space.items.names]
    rows = np.arange(len(columns), dtype=np.int32)
    shape = (len(space.items), len(space.customer))
    return csr(rows, columns, np.ones(len(columns), np.float32), shape)


def _heaviest(matrix: Sparse, most: int) -> Sparse:
    """Keep the heaviest entries of each row."""
    rows = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    order = np.lexsort((matrix.indices, -matrix.data, rows))
    rank = np.arange(len(order)) - matrix.indptr[rows]
    kept = np.sort(order[rank < most])
    return csr(
        rows[kept].astype(np.int32),
        matrix.indices[kept],
        matrix.data[kept],
        matrix.shape,
    )


def told(customers: Sequence[Customer], *, space: Space) -> Sparse:
    """Return (customers, customer features) of what they told us, interests apart."""
    known = space.customer.positions
    rows: list[int] = []
    columns: list[int] = []
    for row, customer in enumerate(customers):
        found = [known[n] for n in ("everyone", *_told(customer)) if n in known]
        rows += [row] * len(found)
        columns += found
    shape = (len(customers), len(space.customer))
    return csr(rows, columns, [1.0] * len(rows), shape)


def wishes(
    customers: Sequence[Customer],
    *,
    catalogue: Catalogue,
    buyers: FloatArray,
    config: Config,
) -> Sparse:
    """
    Return the declared interests: (customers, items), as days with purchases.

    A category counts ``config.interest_days``; of a department its most popular
    item does, and the others as much less as they have fewer buyers. An interest
    that is sensitive or not in the catalogue is left out.

    :param buyers: (items), how popular each is
    """
    days: dict[tuple[int, int], float] = {}
    for row, customer in enumerate(customers):
        for name in customer.interests:
            items = catalogue.items_in(name)
            most = max((float(buyers[item]) for item in items), default=0.0)
            for item in items:
                part = float(buyers[item]) / most if most else 1.0
                wanted = part * config.interest_days
                days[row, item] = max(days.get((row, item), 0.0), wanted)
    where = np.array(list(days), np.int32).reshape(-1, 2)
    shape = (len(customers), len(catalogue.items))
    return csr(where[:, 0], where[:, 1], list(days.values()), shape)
