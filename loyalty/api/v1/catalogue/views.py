"""The operations on products, categories and stores."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from loyalty.api.auth import caller, check_everywhere
from loyalty.api.v1.baskets import Body, amount_problems
from loyalty.api.v1.catalogue.schemas import (
    CategoriesAnswer,
    PageQuery,
    ProductAnswer,
    ProductsAnswer,
    ProductsRequest,
    SavedAnswer,
    StoresAnswer,
)
from loyalty.api.v1.operations import Operation, Resource, get, path_parameter, put
from loyalty.catalogue.queries import get_product, list_categories, list_products
from loyalty.catalogue.service import save_products
from loyalty.catalogue.values import Category, PriceSource, Product
from loyalty.core.clock import utc_now
from loyalty.core.errors import Invalid, Problem
from loyalty.core.money import Money, parse_money
from loyalty.core.paging import page_of
from loyalty.core.texts import gettext as _
from loyalty.staff.values import ApiScope
from loyalty.stores.queries import get_programme, list_stores
from loyalty.stores.values import Store
from loyalty.web.context import database

resource = Resource("Catalogue", "What is sold, and where.")


@get(
    resource,
    Operation(
        path="/products",
        scope=ApiScope.CATALOGUE_READ,
        query=PageQuery,
        answer=ProductsAnswer,
    ),
)
def list_the_products(query: Body) -> dict[str, object]:
    """List the catalogue.

    By sku, in pages: send `next_cursor` as `cursor` to go on.
    """
    size: int = query["limit"]
    after = _sku_of(query["cursor"])
    with database().transaction() as session:
        rows = list_products(session, after=after, limit=size + 1)
    page = page_of(rows, size=size, cursor=_cursor_of)
    return {
        "products": [_product(product) for product in page.items],
        "next_cursor": page.next_cursor,
    }


@put(
    resource,
    Operation(
        path="/products",
        scope=ApiScope.CATALOGUE_WRITE,
        body=ProductsRequest,
        example={
            "products": [
                {
                    "sku": "A",
                    "name": "Coffee 250 g",
                    "categories": ["drinks/coffee"],
                    "price": "4.99",
                }
            ]
        },
        answer=SavedAnswer,
    ),
)
def save_the_products(body: Body) -> dict[str, int]:
    """Save articles.

    Adds those that are new and replaces those that exist, all or none. Money is in
    the programme's currency. Needs a key for all stores.
    """
    check_everywhere()
    with database().transaction() as session:
        currency = get_programme(session).currency
        problems = [*_problems(body, currency)]
        if problems:
            raise Invalid(problems)
        products = [_value(given, currency) for given in body["products"]]
        saved = save_products(
            session, products=products, now=utc_now(), source=PriceSource.API
        )
    return {"saved": saved}


@get(
    resource,
    Operation(
        path="/products/<string:sku>",
        scope=ApiScope.CATALOGUE_READ,
        answer=ProductAnswer,
        problems=(HTTPStatus.NOT_FOUND,),
        parameters=[
            path_parameter("sku", type="string", minLength=1, format="sku", example="A")
        ],
    ),
)
def show_a_product(sku: str) -> dict[str, object]:
    """Return an article.

    As the catalogue has it now.
    """
    with database().transaction() as session:
        return _product(get_product(session, sku=sku))


@get(
    resource,
    Operation(
        path="/categories", scope=ApiScope.CATALOGUE_READ, answer=CategoriesAnswer
    ),
)
def list_the_categories() -> dict[str, list[Category]]:
    """List the categories.

    By path, with how many articles stand directly in each.
    """
    with database().transaction() as session:
        return {"categories": list(list_categories(session))}


@get(
    resource,
    Operation(path="/stores", scope=ApiScope.CATALOGUE_READ, answer=StoresAnswer),
)
def list_the_stores() -> dict[str, list[dict[str, str]]]:
    """List the stores.

    A key of a store sees that store alone.
    """
    bound = caller().store_id
    with database().transaction() as session:
        stores = list_stores(session)
    return {"stores": [_store(store) for store in stores if bound in (None, store.id)]}


def _problems(body: Body, currency: str) -> Iterator[Problem]:
    seen = set()
    for place, product in enumerate(body["products"]):
        at = f"/products/{place}"
        if product["sku"] in seen:
            message = _("Another article of this list has this sku.")
            yield Problem(pointer=f"{at}/sku", message=message, code="sku_twice")
        seen.add(product["sku"])
        for name in ("price", "floor_price", "cost"):
            yield from amount_problems(f"{at}/{name}", product[name], currency)


def _value(given: Body, currency: str) -> Product:
    def money(name: str) -> Money | None:
        text: str | None = given[name]
        return None if text is None else parse_money(text, currency)

    plain: dict[str, Any] = {
        name: given[name]
        for name in ("sku", "name", "brand", "discountable", "weighed")
    }
    return Product(
        **plain,
        categories=tuple(dict.fromkeys(given["categories"])),
        tags=tuple(dict.fromkeys(given["tags"])),
        price=parse_money(given["price"], currency),
        floor_price=money("floor_price"),
        cost=money("cost"),
    )


def _product(product: Product) -> dict[str, object]:
    floor, cost = product.floor_price, product.cost
    return {
        "sku": product.sku,
        "name": product.name,
        "categories": list(product.categories),
        "currency": product.price.currency,
        "price": str(product.price),
        "brand": product.brand,
        "tags": list(product.tags),
        "discountable": product.discountable,
        "weighed": product.weighed,
        "floor_price": None if floor is None else str(floor),
        "cost": None if cost is None else str(cost),
    }


def _store(store: Store) -> dict[str, str]:
    return {
        "code": store.code,
        "name": store.name,
        "time_zone": store.time_zone.key,
        "currency": store.currency,
        "address": store.address,
        "phone": store.phone,
        "opening_hours": store.opening_hours,
    }


def _cursor_of(product: Product) -> str:
    return urlsafe_b64encode(product.sku.encode()).decode()


def _sku_of(cursor: str | None) -> str:
    if cursor is None:
        return ""
    try:
        sku = urlsafe_b64decode(cursor.encode()).decode()
    except ValueError:
        sku = "\0"
    if "\0" in sku:
        message = _("This is no cursor of ours: begin without one.")
        wrong = Invalid.field("/query/cursor", message, code="cursor_unknown")
        raise wrong
    return sku
