"""The items of a basket, found by what selectors ask for.

Hundreds of promotions ask one basket the same few questions. Items are filed once under
their articles, brands, tags and categories; a selector then looks only at those filed
under one of its values, and each answer is kept.
"""

from collections.abc import Iterable, Iterator, Mapping

from loyalty.promotions.rules.selecting import Item, ancestry, items_of, matches
from loyalty.promotions.values import Basket, Product, Selector

Key = tuple[str, str]
"""A kind (``sku``, ``brand``, ``category``, ``tag``) and one value of it."""

Places = tuple[int, ...]
"""Indexes of items, in ascending order."""


class Goods:
    """The items of one basket; their indexes name them everywhere in pricing."""

    __slots__ = ("_answers", "_filed", "all", "gross", "items")

    def __init__(self, items: Iterable[Item]) -> None:
        self.items = tuple(items)
        self.all: Places = tuple(range(len(self.items)))
        self.gross = sum(item.gross for item in self.items)
        # The selector is kept with its answer: an identity must not be used again.
        self._answers: dict[int, tuple[Selector, Places]] = {}
        self._filed: dict[Key, list[int]] = {}
        for at, item in enumerate(self.items):
            for key in _keys_of(item.product):
                self._filed.setdefault(key, []).append(at)

    @classmethod
    def of(cls, basket: Basket, catalogue: Mapping[str, Product]) -> "Goods":
        """Return the goods of a basket, in an order that does not depend on its own."""
        return cls(items_of(basket, catalogue))

    @property
    def keys(self) -> Iterable[Key]:
        """Return everything that the items are filed under."""
        return self._filed.keys()

    def matching(self, selector: Selector) -> Places:
        """Return which items the selector matches."""
        known = self._answers.get(id(selector))
        if known is None:
            known = self._answers[id(selector)] = (selector, self._find(selector))
        return known[1]

    def usable(self, selector: Selector) -> Places:
        """Return which items the selector matches that promotions may touch."""
        return tuple(
            at for at in self.matching(selector) if self.items[at].discountable
        )

    def count_of(self, selector: Selector) -> int:
        """Return how many units match."""
        return sum(self.items[at].count for at in self.matching(selector))

    def value_of(self, selector: Selector) -> int:
        """Return what the matching units cost before discounts, in minor units."""
        return sum(self.items[at].gross for at in self.matching(selector))

    def _find(self, selector: Selector) -> Places:
        if selector.is_whole_basket:
            return self.all
        return tuple(
            at for at in self._candidates(selector) if matches(selector, self.items[at])
        )

    def _candidates(self, selector: Selector) -> Iterable[int]:
        """Return a superset of what matches, from the most telling key."""
        for keys in narrowing(selector):
            found = [places for key in keys if (places := self._filed.get(key))]
            if len(found) == 1:
                return found[0]
            return sorted({at for places in found for at in places})
        return self.all


def narrowing(selector: Selector) -> Iterator[list[Key]]:
    """Give the keys of which every matching item has one; the most telling first."""
    for name, values in (
        ("sku", selector.skus),
        ("brand", selector.brands),
        ("category", selector.categories),
        ("tag", selector.tags),
    ):
        if values is not None:
            yield [(name, value) for value in values]


def _keys_of(product: Product | None) -> Iterator[Key]:
    if product is None:
        return
    yield "sku", product.sku
    if product.brand is not None:
        yield "brand", product.brand
    # A product may stand in two categories of one kind: each key counts once.
    paths = (path for category in product.categories for path in ancestry(category))
    for path in dict.fromkeys(paths):
        yield "category", path
    for tag in dict.fromkeys(product.tags):
        yield "tag", tag
