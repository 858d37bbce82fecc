"""What operations of the checkout take and answer."""

from typing import Final

from marshmallow import Schema, fields

from loyalty.api.v1.answers import TenderAnswer, amount, moment, text, whole
from loyalty.api.v1.baskets import QuoteRequest
from loyalty.api.v1.fields import Matching, Text
from loyalty.purchases.values import ReturnKind

BASKET: Final = {
    "store": "324",
    "sales_channel": "till",
    "lines": [{"line": "1", "sku": "A", "quantity": "2", "unit_price": "1.99"}],
    "payment": "card",
    "language": "en",
}


class PurchaseRequest(QuoteRequest):
    """A basket that was paid."""

    purchase = Text(
        longest=64,
        required=True,
        metadata={
            "format": "receipt",
            "description": "The till's own number, unique in the store.",
        },
    )
    quote = Text(
        longest=64,
        load_default=None,
        allow_none=True,
        metadata={
            "description": "What the customer was told: that price, or a 409. A "
            "reserved quote is honoured as it was while it holds.",
            "format": "quote",
        },
    )


class RequestKey(Matching):
    """A name for the request, unique for the key that sends it."""

    pattern = r"^[!-~]{1,128}$"
    refusal = "Must be 1 to 128 visible ASCII characters."


class RequestHeaders(Schema):
    """What makes a repeated request harmless."""

    request_key = RequestKey(
        required=True,
        data_key="Idempotency-Key",
        metadata={
            "description": "New for each purchase, the same when it is sent again.",
            "example": "9b2f6f2e-4f0c-4d0a-9a55-0f7a6c1f6d51",
        },
    )


class PurchaseLineAnswer(Schema):
    """A line as it was paid."""

    line = text()
    sku = text()
    quantity = text(metadata={"example": "2"})
    unit_price = amount(example="1.99")
    gross = amount(example="3.98")
    discount = amount(example="0.80")
    net = amount(example="3.18")


class PastLineAnswer(Schema):
    """What came back of a line."""

    line = text()
    quantity = text(metadata={"example": "1"})
    refund = amount(example="1.59")


class PastReturnAnswer(Schema):
    """What came back at one time."""

    return_ = text(data_key="return", metadata={"example": "17"})
    kind = text(metadata={"enum": [kind.value for kind in ReturnKind]})
    at = moment()
    refund = amount(example="1.59")
    points_taken_back = whole()
    lines = fields.List(fields.Nested(PastLineAnswer), required=True)
    tenders = fields.List(fields.Nested(TenderAnswer), required=True)


class PurchaseAnswer(Schema):
    """A purchase as it stands in the books."""

    purchase = text(metadata={"example": "4711"})
    receipt = text()
    store = text()
    at = moment()
    customer = fields.Integer(required=True, allow_none=True)
    currency = text()
    gross = amount()
    discount = amount()
    net = amount()
    delivery = amount(example="0.00")
    lines = fields.List(fields.Nested(PurchaseLineAnswer), required=True)
    tenders = fields.List(fields.Nested(TenderAnswer), required=True)
    returns = fields.List(fields.Nested(PastReturnAnswer), required=True)
