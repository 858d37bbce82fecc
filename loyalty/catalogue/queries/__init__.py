"""Reading the catalogue and what its prices were."""

from loyalty.catalogue.queries.articles import (
    ProductNotFound,
    all_products,
    category_names,
    find_products,
    get_product,
    list_categories,
    list_products,
    names_around,
    product_names,
    search_products,
)
from loyalty.catalogue.queries.prices import (
    list_price_changes,
    lowest_price,
    price_changes,
)

__all__ = [
    "ProductNotFound",
    "all_products",
    "category_names",
    "find_products",
    "get_product",
    "list_categories",
    "list_price_changes",
    "list_products",
    "lowest_price",
    "names_around",
    "price_changes",
    "product_names",
    "search_products",
]
