"""Which items of a basket a selector matches."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from loyalty.core.money import Money, round_half_up
from loyalty.promotions.values import Basket, BasketLine, Product, Selector


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """
    One line of the basket as pricing sees it.

    ``price`` and ``floor`` are minor units for one unit; a weighed line is one unit
    with its ``weight``. ``product`` is None when the catalogue does not know it.
    """

    line: BasketLine
    product: Product | None
    count: int
    price: int
    floor: int
    weight: Decimal | None
    discountable: bool

    @property
    def gross(self) -> int:
        """Return the price of the whole line."""
        return self.count * self.price

    @property
    def room(self) -> int:
        """Return how much may be taken off one unit."""
        return self.price - self.floor


def items_of(basket: Basket, catalogue: Mapping[str, Product]) -> tuple[Item, ...]:
    """Return the basket's lines in an order that does not depend on theirs."""
    lines = sorted(basket.lines, key=lambda line: (line.sku, line.line))
    return tuple(_item(line, catalogue.get(line.sku)) for line in lines)


def _item(line: BasketLine, product: Product | None) -> Item:
    weighed = line.quantity % 1 != 0 or (product is not None and product.weighed)
    weight = line.quantity if weighed else None
    floor = product.floor_price.amount if product and product.floor_price else 0
    price = scaled(line.unit_price.amount, weight)
    return Item(
        line=line,
        product=product,
        count=1 if weighed else int(line.quantity),
        price=price,
        # A unit that costs less than its floor already has nothing to give.
        floor=min(price, scaled(floor, weight)),
        weight=weight,
        discountable=product is None or product.discountable,
    )


def scaled(amount: int, weight: Decimal | None) -> int:
    """Return a price a kilogram times the weight, rounded half up."""
    return amount if weight is None else round_half_up(amount * weight)


def matches(selector: Selector, item: Item) -> bool:
    """
    Test whether the selector matches the item.

    A product that the catalogue does not know is matched by ``all`` alone.
    """
    if selector.exclude is not None and matches(selector.exclude, item):
        return False
    if selector.everything:
        return True
    product = item.product
    return product is not None and (
        (selector.skus is None or product.sku in selector.skus)
        and (
            selector.categories is None
            or any(_within(path, selector.categories) for path in product.categories)
        )
        and (selector.brands is None or product.brand in selector.brands)
        and (selector.tags is None or any(tag in selector.tags for tag in product.tags))
        and _price_fits(selector, item.line.unit_price)
    )


@lru_cache(maxsize=10_000)
def ancestry(path: str) -> tuple[str, ...]:
    """Return a category and all that contain it: ``a/b`` gives ``a``, ``a/b``."""
    parts = path.split("/")
    return tuple("/".join(parts[: at + 1]) for at in range(len(parts)))


def _within(path: str, categories: tuple[str, ...]) -> bool:
    return any(
        path == category or path.startswith(category + "/") for category in categories
    )


def _price_fits(selector: Selector, price: Money) -> bool:
    low, high = selector.price_at_least, selector.price_below
    return (low is None or low <= price) and (high is None or price < high)
