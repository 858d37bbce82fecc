"""What is to be ranked, in numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from recommender.data import Offer, Product, Sparse
from recommender.dataset import Catalogue, IdMap, csr
from recommender.features.space import Space, place_names


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
        names = place_names(product)
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
