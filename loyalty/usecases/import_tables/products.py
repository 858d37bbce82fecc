"""Products: one row an article."""

import re
from collections.abc import Iterable
from typing import Final

from loyalty.catalogue.values import Product
from loyalty.core.errors import Invalid
from loyalty.usecases.import_tables.reading import Cells, Reading, Row, read_all

PRODUCT_COLUMNS: Final = (
    "sku",
    "name",
    "category",
    "price",
    "brand",
    "tags",
    "discountable",
    "weighed",
    "floor_price",
    "cost",
)
"""``category`` is a path as ``drinks/coffee``; ``tags`` are parted by spaces."""

_PATH = re.compile(r"[a-z0-9-]+(/[a-z0-9-]+)*", re.ASCII)


def read_products(rows: Iterable[Row], *, currency: str) -> Reading[Product]:
    """Read a table of products, its prices in the programme's currency."""
    return read_all(rows, lambda cells: _product(cells, currency))


def _product(cells: Cells, currency: str) -> Product:
    price = cells.money("price", currency)
    if price is None:
        message = "An article has a price."
        raise Invalid.field(pointer="/price", message=message)
    category = cells.needed("category")
    if not _PATH.fullmatch(category):
        message = "A category is a path such as drinks/coffee."
        raise Invalid.field(pointer="/category", message=message)
    return Product(
        sku=cells.needed("sku"),
        name=cells.needed("name"),
        categories=(category,),
        price=price,
        brand=cells.text("brand"),
        tags=tuple((cells.text("tags") or "").split()),
        discountable="discountable" not in cells.row or cells.flag("discountable"),
        weighed=cells.flag("weighed"),
        floor_price=cells.money("floor_price", currency),
        cost=cells.money("cost", currency),
    )
