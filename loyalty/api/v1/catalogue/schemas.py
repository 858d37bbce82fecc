"""What requests for the catalogue say, and how they are answered."""

from typing import Final

from marshmallow import Schema, fields, validate

from loyalty.api.v1.answers import amount, text, whole
from loyalty.api.v1.fields import (
    Category,
    MoneyText,
    Request,
    Sku,
    Text,
    TrueOrFalse,
)

MOST_PRODUCTS: Final = 500
_PAGE: Final = 100


class ProductRequest(Request):
    """One article."""

    sku = Sku(required=True, metadata={"example": "A"})
    name = Text(longest=200, required=True, metadata={"example": "Coffee 250 g"})
    categories = fields.List(
        Category(metadata={"example": "drinks/coffee"}),
        load_default=list,
        validate=validate.Length(max=10),
    )
    price = MoneyText(required=True, metadata={"example": "4.99"})
    brand = Text(longest=100, load_default=None, allow_none=True)
    tags = fields.List(
        Text(longest=50), load_default=list, validate=validate.Length(max=20)
    )
    discountable = TrueOrFalse(
        load_default=True,
        metadata={"description": "Without it no promotion touches the article."},
    )
    weighed = TrueOrFalse(load_default=False)
    floor_price = MoneyText(
        load_default=None,
        allow_none=True,
        metadata={"description": "No promotion takes a unit below it."},
    )
    cost = MoneyText(load_default=None, allow_none=True)


class ProductsRequest(Request):
    """Articles to add, or to bring up to date."""

    products = fields.List(
        fields.Nested(ProductRequest),
        required=True,
        validate=validate.Length(min=1, max=MOST_PRODUCTS),
    )


class ProductAnswer(Schema):
    """One article; money is in the currency named beside it."""

    sku = text()
    name = text()
    categories = fields.List(fields.String(), required=True)
    currency = text()
    price = amount(example="4.99")
    brand = text(allow_none=True)
    tags = fields.List(fields.String(), required=True)
    discountable = fields.Boolean(required=True)
    weighed = fields.Boolean(required=True)
    floor_price = amount(nullable=True)
    cost = amount(nullable=True)


class ProductsAnswer(Schema):
    """A page of articles."""

    products = fields.List(fields.Nested(ProductAnswer), required=True)
    next_cursor = text(
        allow_none=True, metadata={"description": "Where the next page begins."}
    )


class SavedAnswer(Schema):
    """How many articles were saved."""

    saved = whole(metadata={"example": 1})


class PageQuery(Request):
    """Which part of a long list."""

    cursor = Text(
        longest=200,
        load_default=None,
        metadata={"format": "cursor", "description": "The `next_cursor` of a page."},
    )
    limit = fields.Integer(
        load_default=_PAGE, validate=validate.Range(min=1, max=MOST_PRODUCTS)
    )


class CategoryAnswer(Schema):
    """A place in the tree of categories."""

    path = text(metadata={"example": "drinks/coffee"})
    name = text()
    products = whole()


class CategoriesAnswer(Schema):
    """The tree, by path."""

    categories = fields.List(fields.Nested(CategoryAnswer), required=True)


class StoreAnswer(Schema):
    """One shop."""

    code = text(metadata={"example": "324"})
    name = text()
    time_zone = text()
    currency = text()
    address = text()
    phone = text()
    opening_hours = text()


class StoresAnswer(Schema):
    """The shops that the key reaches."""

    stores = fields.List(fields.Nested(StoreAnswer), required=True)
