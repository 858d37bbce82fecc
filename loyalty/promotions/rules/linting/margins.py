"""Prices below what an article costs the shop, and floors that stop a reduction."""

from collections.abc import Iterator
from dataclasses import replace

from loyalty.core.money import Money
from loyalty.promotions.rules.announced import announced_price
from loyalty.promotions.rules.linting.facts import LintFacts
from loyalty.promotions.values.findings import (
    Finding,
    FindingCode,
    ProductFigure,
    Severity,
)

MOST_SHOWN = 20


def check(facts: LintFacts) -> Iterator[Finding]:
    """Find articles that one unit would be sold of below cost, or below its floor."""
    below_cost: list[ProductFigure] = []
    stopped: list[ProductFigure] = []
    for article in facts.articles:
        product, price = article.product, article.price
        if product.cost is not None:
            reduced = announced_price(facts.promotion, product, price)
            # What is sold below cost already is no fault of the promotion.
            if reduced is not None and reduced < product.cost <= price:
                below_cost.append(
                    _figure(article.product.sku, price, reduced, product.cost)
                )
        if product.floor_price is not None:
            free = replace(product, floor_price=None)
            wanted = announced_price(facts.promotion, free, price)
            if wanted is not None and wanted < product.floor_price:
                stopped.append(_figure(product.sku, price, wanted, product.floor_price))
    for code, severity, figures in (
        (FindingCode.BELOW_COST, Severity.WARNING, below_cost),
        (FindingCode.FLOOR_STOPS, Severity.NOTE, stopped),
    ):
        if figures:
            yield _finding(code, severity, figures)


def _figure(sku: str, price: Money, reduced: Money, limit: Money) -> ProductFigure:
    return ProductFigure(sku=sku, price=price, reduced=reduced, limit=limit)


def below(figure: ProductFigure) -> int:
    """Return by how much the reduced price is below its limit, in minor units."""
    return figure.limit.amount - figure.reduced.amount


def _finding(
    code: FindingCode, severity: Severity, figures: list[ProductFigure]
) -> Finding:
    worst = sorted(figures, key=lambda one: (-below(one), one.sku))
    most = Money(amount=below(worst[0]), currency=worst[0].price.currency)
    return Finding(
        code=code,
        severity=severity,
        pointer="/reward",
        figures={"count": len(worst), "most": most},
        products=tuple(worst[:MOST_SHOWN]),
    )
