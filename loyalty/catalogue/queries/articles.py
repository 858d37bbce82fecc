"""Reading the catalogue."""

from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Row,
    Text,
    any_,
    bindparam,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.orm import Session

from loyalty.catalogue.models import CategoryRow, ProductRow
from loyalty.catalogue.values import Category, Product
from loyalty.core.errors import NotFound
from loyalty.core.money import Money

_SEARCH_LIMIT = 20
_BATCH = 10_000
_TEXTS = ARRAY(Text)
"""As one parameter, so that the statement is the same for any number of keys."""

_ALIKE = select(CategoryRow.path).where(
    CategoryRow.name.in_(
        select(CategoryRow.name).where(
            CategoryRow.path == any_(bindparam("paths", type_=_TEXTS))
        )
    )
)
_ABOVE = func.regexp_replace(CategoryRow.path, "/[^/]+$", "")
_NAMES_AROUND = select(CategoryRow.path, CategoryRow.name).where(
    or_(
        CategoryRow.path.in_(_ALIKE),
        CategoryRow.path.in_(select(_ABOVE).where(CategoryRow.path.in_(_ALIKE))),
    )
)


class ProductNotFound(NotFound):
    """The catalogue has no such article."""

    code = "product_not_found"


def get_product(session: Session, *, sku: str) -> Product:
    """
    Return one article.

    :raises ProductNotFound: if the catalogue does not have it
    """
    row = session.get(ProductRow, sku)
    if row is None:
        message = f"There is no article {sku!r} in the catalogue."
        raise ProductNotFound(message)
    return to_value(row)


def find_products(session: Session, *, skus: Collection[str]) -> dict[str, Product]:
    """Return the articles that exist among these, by sku."""
    rows = session.scalars(select(ProductRow).where(_among(skus)))
    return {row.sku: to_value(row) for row in rows}


def product_names(session: Session, *, skus: Collection[str]) -> dict[str, str]:
    """Return the names of the articles that exist among these, by sku."""
    rows = session.execute(select(ProductRow.sku, ProductRow.name).where(_among(skus)))
    return {sku: name for sku, name in rows}  # noqa: C416  # rows are not pairs


def search_products(
    session: Session, *, text: str, limit: int = _SEARCH_LIMIT
) -> tuple[Product, ...]:
    """Return articles whose sku begins with, or whose name holds, the text."""
    escaped = text.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    rows = session.scalars(
        select(ProductRow)
        .where(
            ProductRow.sku.startswith(text, autoescape=True)
            | ProductRow.name.ilike(f"%{escaped}%")
        )
        .order_by(ProductRow.name, ProductRow.sku)
        .limit(limit)
    )
    return tuple(to_value(row) for row in rows)


def list_products(
    session: Session, *, after: str = "", limit: int = 100
) -> tuple[Product, ...]:
    """Return articles by sku, beginning behind ``after``."""
    rows = session.scalars(
        select(ProductRow)
        .where(ProductRow.sku > after)
        .order_by(ProductRow.sku)
        .limit(limit)
    )
    return tuple(to_value(row) for row in rows)


def all_products(session: Session) -> Iterator[Product]:
    """Yield the whole catalogue, in no order."""
    # Columns, not entities: a hundred thousand of those take seconds to be made. And
    # PostgreSQL writes arrays faster as JSON than they are read otherwise.
    statement = select(
        ProductRow.sku,
        ProductRow.name,
        func.to_jsonb(ProductRow.categories).label("categories"),
        ProductRow.price,
        ProductRow.currency,
        ProductRow.brand,
        func.to_jsonb(ProductRow.tags).label("tags"),
        ProductRow.discountable,
        ProductRow.weighed,
        ProductRow.floor_price,
        ProductRow.cost,
    ).execution_options(yield_per=_BATCH)
    for row in session.execute(statement):
        yield to_value(row)


def list_categories(session: Session) -> tuple[Category, ...]:
    """Return all categories by path, with the articles that stand in each."""
    place = func.unnest(ProductRow.categories).label("path")
    counted = select(place, func.count().label("products")).group_by(place).subquery()
    rows = session.execute(
        select(CategoryRow.path, CategoryRow.name, func.coalesce(counted.c.products, 0))
        .outerjoin(counted, counted.c.path == CategoryRow.path)
        .order_by(CategoryRow.path)
    )
    return tuple(
        Category(path=path, name=name, products=products)
        for path, name, products in rows
    )


def category_names(session: Session) -> dict[str, str]:
    """Return the name of every category by its path."""
    rows = session.execute(select(CategoryRow.path, CategoryRow.name))
    return {path: name for path, name in rows}  # noqa: C416  # rows are not pairs


def names_around(session: Session, *, paths: Collection[str]) -> dict[str, str]:
    """
    Return the names of these categories, and of all that they could be confused with.

    Those are the ones of the same name, and what each of them belongs to.
    """
    rows = session.execute(_NAMES_AROUND, {"paths": list(paths)})
    return {path: name for path, name in rows}  # noqa: C416  # rows are not pairs


def to_value(row: ProductRow | Row[Any]) -> Product:
    """Turn a row into what the rest of the service sees."""
    return Product(
        sku=row.sku,
        name=row.name,
        categories=tuple(row.categories),
        price=Money(amount=row.price, currency=row.currency),
        brand=row.brand,
        tags=tuple(row.tags),
        discountable=row.discountable,
        weighed=row.weighed,
        floor_price=_money(row.floor_price, row.currency),
        cost=_money(row.cost, row.currency),
    )


def _among(skus: Collection[str]) -> ColumnElement[bool]:
    return ProductRow.sku == any_(literal(list(skus), _TEXTS))


def _money(amount: int | None, currency: str) -> Money | None:
    return None if amount is None else Money(amount=amount, currency=currency)
