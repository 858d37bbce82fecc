"""Articles of the data as products of the shop, with readable names."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from statistics import median_low

from loyalty.catalogue.values import Product
from loyalty.core.money import Money
from loyalty.demo.values import Article, Basket
from loyalty.demo.wording import (
    brand_name,
    category_name,
    department_name,
    package_size,
    readable,
    slug,
)

MEASURED = 1_000
"""Quantities are in thousandths, prices for a whole unit."""

_USUAL_PRICE = 199
"""Cents, for what nothing is known of: few articles that nobody bought."""


def unit_price(amount: int, quantity: int) -> int:
    """Return the price of one unit in cents, a half rounded up."""
    return (2 * amount * MEASURED + quantity) // (2 * quantity)


def paid_prices(baskets: Iterable[Basket]) -> dict[int, int]:
    """Return the usual price of each article: the median of what a unit cost."""
    seen: dict[int, list[int]] = {}
    for basket in baskets:
        for line in basket.lines:
            paid = line.gross - line.discount
            if paid:
                price = unit_price(paid, line.quantity)
                seen.setdefault(line.product, []).append(price)
    return {article: median_low(prices) for article, prices in seen.items()}


def measured_articles(baskets: Iterable[Basket]) -> frozenset[int]:
    """Return the articles sold in parts of a unit: fuel."""
    return frozenset(
        line.product
        for basket in baskets
        for line in basket.lines
        if line.quantity % MEASURED
    )


def category_path(article: Article) -> str:
    """Return where the article stands, as ``grocery/coffee``."""
    return _path(article.department, article.category)


def category_names(articles: Iterable[Article]) -> dict[str, str]:
    """Return the name of every category of these articles by its path."""
    names = {}
    for article in articles:
        department, category = _names(article)
        path = slug(department)
        names[path] = department
        names[f"{path}/{slug(category)}"] = category
    return names


def build_products(
    articles: Sequence[Article],
    *,
    prices: Mapping[int, int],
    measured: frozenset[int],
    currency: str,
) -> list[Product]:
    """
    Return the articles as products.

    :param prices: usual prices by article; one that nobody bought gets the median of
        its kind, else of all
    """
    by_kind: dict[str, list[int]] = {}
    for article in articles:
        if article.id in prices:
            by_kind.setdefault(article.kind, []).append(prices[article.id])
    usual = median_low(prices.values()) if prices else _USUAL_PRICE
    kinds = {kind: median_low(known) for kind, known in by_kind.items()}
    return [
        Product(
            sku=str(article.id),
            name=product_name(article),
            categories=(category_path(article),),
            price=Money(
                amount=prices.get(article.id, kinds.get(article.kind, usual)),
                currency=currency,
            ),
            brand=brand_name(article.manufacturer),
            tags=("own-brand",) if article.private else (),
            weighed=article.id in measured,
        )
        for article in articles
    ]


def unknown_article(number: int) -> Article:
    """Return an article that was sold but that the data do not describe."""
    return Article(
        id=number,
        manufacturer=2,
        department="",
        private=False,
        category="",
        kind=f"ARTICLE {number}",
        size="",
    )


def product_name(article: Article) -> str:
    """Return a name for a shelf, as ``Lab white bread, 20 oz``."""
    kind = readable(article.kind) or category_name(article.category)
    brand = brand_name(article.manufacturer)
    name = f"{brand} {kind[:1].lower()}{kind[1:]}" if brand else kind
    size = package_size(article.size, department=article.department)
    return f"{name}, {size}" if size else name


@cache
def _path(department: str, category: str) -> str:
    names = department_name(department), category_name(category)
    return "/".join(slug(name) for name in names)


def _names(article: Article) -> tuple[str, str]:
    return department_name(article.department), category_name(article.category)
