"""An index of promotions, so that a basket costs what touches it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from loyalty.promotions.rules import rewards
from loyalty.promotions.rules.selecting import Item, ancestry
from loyalty.promotions.values import Promotion, Selector

_Key = tuple[str, str]
_ANY: _Key = ("any", "")


@dataclass(frozen=True, kw_only=True, slots=True)
class Compiled:
    """Promotions by age (the oldest first), indexed by what they are about."""

    promotions: tuple[Promotion, ...]
    ages: Mapping[str, int]
    index: Mapping[_Key, tuple[int, ...]]

    def touching(self, items: Iterable[Item]) -> list[int]:
        """Return the ages of the promotions that may concern one of the items."""
        keys = {_ANY}
        for item in items:
            product = item.product
            if product is None:
                continue
            keys.add(("sku", product.sku))
            keys.update(
                ("category", path)
                for category in product.categories
                for path in ancestry(category)
            )
            keys.update(("tag", tag) for tag in product.tags)
            if product.brand is not None:
                keys.add(("brand", product.brand))
        return sorted({age for key in keys for age in self.index.get(key, ())})


def compile_promotions(promotions: Sequence[Promotion]) -> Compiled:
    """
    Index promotions for many baskets.

    :param promotions: the oldest activation first; codes are unique
    """
    index: defaultdict[_Key, list[int]] = defaultdict(list)
    for age, promotion in enumerate(promotions):
        keys = {
            key
            for selector in rewards.selectors(promotion.reward)
            for key in _keys(selector)
        }
        for key in keys:
            index[key].append(age)
    return Compiled(
        promotions=tuple(promotions),
        ages={promotion.code: age for age, promotion in enumerate(promotions)},
        index={key: tuple(ages) for key, ages in index.items()},
    )


def _keys(selector: Selector) -> list[_Key]:
    """Return keys of which every matching item has one; the most telling first."""
    for name, values in (
        ("sku", selector.skus),
        ("brand", selector.brands),
        ("category", selector.categories),
        ("tag", selector.tags),
    ):
        if values is not None:
            return [(name, value) for value in values]
    return [_ANY]
