"""What an article's price was."""

from http import HTTPStatus
from typing import Final

from marshmallow import Schema, fields, validate

from loyalty.api.auth import caller, check_store
from loyalty.api.v1.answers import amount, moment, text, whole
from loyalty.api.v1.baskets import Body
from loyalty.api.v1.catalogue.views import resource
from loyalty.api.v1.fields import Moment, Request, Text
from loyalty.api.v1.operations import Operation, get, path_parameter
from loyalty.catalogue.queries import get_product, list_price_changes
from loyalty.catalogue.rules import PRIOR_DAYS
from loyalty.catalogue.values import PriceChange, PriceSource
from loyalty.core.clock import utc_now
from loyalty.promotions.queries import catalogue_facts, prior_prices
from loyalty.promotions.values.prices import PriorPrice
from loyalty.staff.values import ApiScope
from loyalty.stores.queries import get_store, list_stores
from loyalty.stores.values import StoreID
from loyalty.web.context import database

_MOST_DAYS: Final = 366
_MOST_CHANGES: Final = 100


class PricesQuery(Request):
    """Before when, for how many days, and where."""

    before = Moment(
        load_default=None,
        metadata={"description": "When the reduction begins; now if not given."},
    )
    days = fields.Integer(
        load_default=PRIOR_DAYS, validate=validate.Range(min=1, max=_MOST_DAYS)
    )
    store = Text(
        load_default=None,
        metadata={"description": "A store's code; all stores if not given."},
    )


class PriceChangeAnswer(Schema):
    """From when on the article had a price."""

    at = moment()
    price = amount(example="1.99")
    store = text(
        allow_none=True,
        metadata={"description": "Null where it holds in every store."},
    )
    source = text(metadata={"enum": [source.value for source in PriceSource]})


class PricesAnswer(Schema):
    """The lowest price of a time, and the last changes."""

    sku = text()
    currency = text()
    price = amount(example="1.99")
    before = moment()
    days = whole(metadata={"example": PRIOR_DAYS})
    lowest_price = amount(example="1.79", nullable=True)
    lowest_shelf_price = amount(example="1.99", nullable=True)
    promotion = text(
        allow_none=True,
        metadata={
            "description": "The promotion that made the price the lowest, if one did."
        },
    )
    changes = fields.List(
        fields.Nested(PriceChangeAnswer),
        required=True,
        metadata={"description": f"The last {_MOST_CHANGES}, the newest first."},
    )


@get(
    resource,
    Operation(
        path="/products/<string:sku>/prices",
        scope=ApiScope.CATALOGUE_READ,
        query=PricesQuery,
        answer=PricesAnswer,
        problems=(HTTPStatus.NOT_FOUND,),
        parameters=[
            path_parameter("sku", type="string", minLength=1, format="sku", example="A")
        ],
    ),
)
def show_the_prices(query: Body, sku: str) -> dict[str, object]:
    """Return what an article's price was.

    `lowest_price` is the prior price of Directive 98/6/EC, Article 6a: the lowest in
    the days before a moment, with what promotions for everybody took off single
    articles. It is null while no price of that time is known.
    """
    before = query["before"] or utc_now()
    with database().transaction() as session:
        product = get_product(session, sku=sku)
        stores = {store.id: store.code for store in list_stores(session)}
        store_id = caller().store_id
        if query["store"] is not None:
            store_id = get_store(session, code=query["store"]).id
            check_store(store_id)
        prior = prior_prices(
            session,
            products=catalogue_facts({sku: product}),
            before=before,
            days=query["days"],
            store_id=store_id,
        ).get(sku)
        changes = list_price_changes(
            session, sku=sku, limit=_MOST_CHANGES, store_id=store_id
        )
    return {
        "sku": sku,
        "currency": product.price.currency,
        "price": str(product.price),
        "before": before,
        "days": query["days"],
        **_prior(prior),
        "changes": [_change(change, stores) for change in changes],
    }


def _prior(prior: PriorPrice | None) -> dict[str, str | None]:
    return {
        "lowest_price": None if prior is None else str(prior.lowest),
        "lowest_shelf_price": None if prior is None else str(prior.shelf),
        "promotion": None if prior is None else prior.promotion,
    }


def _change(change: PriceChange, stores: dict[StoreID, str]) -> dict[str, object]:
    store_id = change.store_id
    return {
        "at": change.at,
        "price": str(change.price),
        "store": None if store_id is None else stores[StoreID(store_id)],
        "source": change.source.value,
    }
