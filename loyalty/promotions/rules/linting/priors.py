"""Announced prices, and the lowest price of the 30 days before."""

from collections.abc import Iterator

from loyalty.promotions.rules.announced import announced_price, announces_prices
from loyalty.promotions.rules.linting.facts import LintFacts
from loyalty.promotions.rules.linting.margins import MOST_SHOWN, below
from loyalty.promotions.values.findings import (
    Finding,
    FindingCode,
    ProductFigure,
    Severity,
)


def check(facts: LintFacts) -> Iterator[Finding]:
    """
    Find articles whose reduced price must stand beside that of before.

    A reduction is announced on the basis of the lowest price of the 30 days before
    (Court of Justice, C-330/23): a price that is not below it is no reduction.
    """
    if facts.prior is None or not announces_prices(facts.promotion):
        return
    lower: list[ProductFigure] = []
    not_lower: list[ProductFigure] = []
    for article in facts.articles:
        prior = facts.prior.get(article.product.sku)
        reduced = announced_price(facts.promotion, article.product, article.price)
        if prior is None or reduced is None:
            continue
        figure = ProductFigure(
            sku=article.product.sku,
            price=article.price,
            reduced=reduced,
            limit=prior.lowest,
        )
        (lower if reduced < prior.lowest else not_lower).append(figure)
    if not_lower:
        most = len(not_lower) > len(lower)
        yield Finding(
            code=FindingCode.NO_REDUCTION,
            severity=Severity.WARNING if most else Severity.NOTE,
            pointer="/reward",
            figures={"count": len(not_lower)},
            products=tuple(sorted(not_lower, key=_order)[:MOST_SHOWN]),
        )
    if lower:
        yield Finding(
            code=FindingCode.BELOW_PRIOR_PRICE,
            severity=Severity.NOTE,
            pointer="/reward",
            figures={"count": len(lower)},
            products=tuple(sorted(lower, key=_order)[:MOST_SHOWN]),
        )


def _order(figure: ProductFigure) -> tuple[int, str]:
    return -below(figure), figure.sku
