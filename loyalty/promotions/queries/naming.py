"""What promotions' words need to know of the shop."""

from collections.abc import Iterable, Iterator

from sqlalchemy.orm import Session

from loyalty.catalogue.queries import names_around, product_names
from loyalty.core.money import parse_money
from loyalty.promotions.render import Names, distinct_names, house_rules
from loyalty.promotions.rules.rewards import selectors
from loyalty.promotions.schema.writing import conditions
from loyalty.promotions.values import (
    FreeItem,
    InterestedIn,
    PointsRule,
    Promotion,
    Quantity,
    Selector,
    Spend,
    Strategy,
)
from loyalty.stores.queries import get_programme, list_stores


def display_names(session: Session, *, promotions: Iterable[Promotion]) -> Names:
    """Return what to call all that these promotions speak of; they alone are read."""
    spoken_of = tuple(promotions)
    skus = {sku for promotion in spoken_of for sku in _skus(promotion)}
    paths = {path for promotion in spoken_of for path in _categories(promotion)}
    products = product_names(session, skus=skus) if skus else {}
    categories = names_around(session, paths=paths) if paths else {}
    stores = list_stores(session) if any(p.valid.stores for p in spoken_of) else ()
    return Names(
        products=products,
        categories=distinct_names(categories),
        stores={store.code: store.name for store in stores},
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
    for selector in _selectors(promotion):
        yield from selector.skus or ()
    if isinstance(promotion.reward, FreeItem):
        yield promotion.reward.sku


def _categories(promotion: Promotion) -> Iterator[str]:
    for selector in _selectors(promotion):
        yield from selector.categories or ()
    for condition in conditions(promotion.audience):
        if isinstance(condition, InterestedIn):
            yield from condition.categories


def _selectors(promotion: Promotion) -> Iterator[Selector]:
    """Yield all selectors, with what they leave out."""
    about = list(selectors(promotion.reward))
    for required in promotion.requires:
        if isinstance(required, Spend):
            about.append(required.on)
        elif isinstance(required, Quantity):
            about.append(required.of)
    for selector in about:
        within: Selector | None = selector
        while within is not None:
            yield within
            within = within.exclude
