"""Which articles of the catalogue a promotion is about."""

from collections.abc import Collection, Iterator

from sqlalchemy import ColumnElement, Numeric, and_, cast, func, not_, or_, select, true
from sqlalchemy.orm import Session

from loyalty.catalogue.models import ProductRow
from loyalty.core.money import Money
from loyalty.promotions.rules.linting.facts import Article
from loyalty.promotions.values import Product, Selector


def find_articles(
    session: Session, *, selectors: Collection[Selector], at_most: int
) -> tuple[Article, ...]:
    """
    Return articles that one of the selectors matches.

    Those come first whose price is nearest to their cost or floor, so that what a
    reduction could do harm to is among them.
    """
    price = func.nullif(cast(ProductRow.price, Numeric), 0)
    nearest = func.greatest(ProductRow.cost, ProductRow.floor_price) / price
    rows = session.scalars(
        select(ProductRow)
        .where(or_(*(_matches(selector) for selector in selectors)))
        .order_by(nearest.desc().nulls_last(), ProductRow.sku)
        .limit(at_most)
    )
    return tuple(_to_value(row) for row in rows)


def matches_nothing(session: Session, *, selector: Selector) -> bool:
    """Test whether the catalogue has no article that the selector matches."""
    found = session.scalar(select(ProductRow.sku).where(_matches(selector)).limit(1))
    return found is None


def _matches(selector: Selector) -> ColumnElement[bool]:
    wanted = true() if selector.everything else and_(*_conditions(selector))
    if selector.exclude is None:
        return wanted
    return and_(wanted, not_(func.coalesce(_matches(selector.exclude), False)))


def _conditions(selector: Selector) -> Iterator[ColumnElement[bool]]:
    if selector.skus is not None:
        yield ProductRow.sku.in_(selector.skus)
    if selector.categories is not None:
        place = func.unnest(ProductRow.categories).column_valued("place")
        yield (
            select(place)
            .where(
                or_(
                    place.in_(selector.categories),
                    *(
                        func.starts_with(place, f"{path}/")
                        for path in selector.categories
                    ),
                )
            )
            .exists()
        )
    if selector.brands is not None:
        yield ProductRow.brand.in_(selector.brands)
    if selector.tags is not None:
        yield ProductRow.tags.overlap(list(selector.tags))
    if selector.price_at_least is not None:
        yield ProductRow.price >= selector.price_at_least.amount
    if selector.price_below is not None:
        yield ProductRow.price < selector.price_below.amount


def _to_value(row: ProductRow) -> Article:
    def money(amount: int | None) -> Money | None:
        return None if amount is None else Money(amount=amount, currency=row.currency)

    return Article(
        product=Product(
            sku=row.sku,
            name=row.name,
            categories=tuple(row.categories),
            brand=row.brand,
            tags=tuple(row.tags),
            discountable=row.discountable,
            floor_price=money(row.floor_price),
            cost=money(row.cost),
            weighed=row.weighed,
        ),
        price=Money(amount=row.price, currency=row.currency),
    )
