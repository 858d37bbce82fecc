"""Adding articles and categories."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from loyalty.catalogue.models import CategoryRow, ProductRow
from loyalty.catalogue.service.prices import note_prices
from loyalty.catalogue.values import PriceSource, Product
from loyalty.core.money import Money

_BATCH = 2_000


def save_products(
    session: Session,
    *,
    products: Iterable[Product],
    now: datetime,
    source: PriceSource = PriceSource.IMPORT,
) -> int:
    """
    Add the articles, or bring those that exist up to date; return how many.

    What their prices are from now on is noted, with the source.
    """
    articles = list(products)
    rows = [_row(product, now) for product in articles]
    for start in range(0, len(rows), _BATCH):
        statement = insert(ProductRow)
        session.execute(
            statement.on_conflict_do_update(
                index_elements=["sku"],
                set_={
                    column: statement.excluded[column]
                    for column in ProductRow.__table__.columns.keys()  # noqa: SIM118
                    if column != "sku"
                },
            ),
            rows[start : start + _BATCH],
        )
        note_prices(
            session,
            prices=[
                (article.sku, article.price)
                for article in articles[start : start + _BATCH]
            ],
            source=source,
            at=now,
        )
    save_categories(
        session,
        names={
            path: path.rsplit("/", 1)[-1].replace("-", " ").capitalize()
            for row in rows
            for path in _with_ancestors(row["categories"])
        },
        replace=False,
    )
    return len(rows)


def save_categories(
    session: Session, *, names: dict[str, str], replace: bool = True
) -> None:
    """Name categories by path; ``replace`` overwrites names that stand."""
    if not names:
        return
    statement = insert(CategoryRow).values(
        [{"path": path, "name": name} for path, name in sorted(names.items())]
    )
    if replace:
        statement = statement.on_conflict_do_update(
            index_elements=["path"], set_={"name": statement.excluded.name}
        )
    else:
        statement = statement.on_conflict_do_nothing()
    session.execute(statement)


def _with_ancestors(paths: object) -> Iterable[str]:
    for path in paths if isinstance(paths, list) else []:
        parts = path.split("/")
        yield from ("/".join(parts[:depth]) for depth in range(1, len(parts) + 1))


def _row(product: Product, now: datetime) -> dict[str, object]:
    return {
        "sku": product.sku,
        "name": product.name,
        "categories": list(product.categories),
        "brand": product.brand,
        "tags": list(product.tags),
        "currency": product.price.currency,
        "price": product.price.amount,
        "floor_price": _amount(product.floor_price),
        "cost": _amount(product.cost),
        "discountable": product.discountable,
        "weighed": product.weighed,
        "changed_at": now,
    }


def _amount(money: Money | None) -> int | None:
    return None if money is None else money.amount
