"""What promotions' words need to know of the shop."""

from collections.abc import Iterable, Iterator

from sqlalchemy.orm import Session

from loyalty.catalogue.queries import category_names, find_products
from loyalty.core.money import parse_money
from loyalty.promotions.render import Names, distinct_names, house_rules
from loyalty.promotions.rules.rewards import selectors
from loyalty.promotions.values import (
    FreeItem,
    PointsRule,
    Promotion,
    Quantity,
    Selector,
    Spend,
    Strategy,
)
from loyalty.stores.queries import get_programme, list_stores


def display_names(session: Session, *, promotions: Iterable[Promotion]) -> Names:
    """Return what to call all that these promotions speak of."""
    skus = {sku for promotion in promotions for sku in _skus(promotion)}
    products = find_products(session, skus=skus) if skus else {}
    return Names(
        products={sku: product.name for sku, product in products.items()},
        categories=distinct_names(category_names(session)),
        stores={store.code: store.name for store in list_stores(session)},
    )


def programme_rules(session: Session, *, language: str) -> str:
    """Return what holds for every promotion of the programme."""
    programme = get_programme(session)
    rule = programme.points_rule
    return house_rules(
        language,
        strategy=Strategy(programme.strategy),
        points=PointsRule(
            points=rule.points,
            per=parse_money(f"{rule.per.normalize():f}", programme.currency),
        ),
    )


def _skus(promotion: Promotion) -> Iterator[str]:
    about = list(selectors(promotion.reward))
    for required in promotion.requires:
        if isinstance(required, Spend):
            about.append(required.on)
        elif isinstance(required, Quantity):
            about.append(required.of)
    for selector in about:
        yield from _of_selector(selector)
    if isinstance(promotion.reward, FreeItem):
        yield promotion.reward.sku


def _of_selector(selector: Selector | None) -> Iterator[str]:
    if selector is not None:
        yield from selector.skus or ()
        yield from _of_selector(selector.exclude)
