"""Pricing a basket, and recording that it was paid."""

import json
from hashlib import sha256
from http import HTTPStatus
from typing import Final

from flask import Response, make_response
from marshmallow import Schema, fields

from loyalty.api.auth import caller, check_store
from loyalty.api.errors import problem_response, read_json
from loyalty.api.v1.answers import (
    QuoteAnswer,
    RecordedAnswer,
    UsedUpProblem,
    amount,
    moment,
    text,
)
from loyalty.api.v1.baskets import (
    Body,
    QuoteRequest,
    basket_of,
    moment_of,
    refuse_unavailable,
)
from loyalty.api.v1.fields import LARGEST_ID, Matching, Text
from loyalty.api.v1.operations import Operation, Resource, get, path_parameter, post
from loyalty.core.clock import utc_now
from loyalty.promotions.service import UsedUp
from loyalty.purchases.queries import get_purchase
from loyalty.purchases.values import Purchase, PurchaseID
from loyalty.staff.values import ApiScope
from loyalty.stores.queries import get_store, get_store_by_id
from loyalty.stores.values import Store
from loyalty.usecases.checkout import (
    Payment,
    quote_basket,
    quote_document,
    record_purchase,
)
from loyalty.web.context import database

resource = Resource("Checkout", "What a basket costs, and purchases.")

_BASKET: Final = {
    "store": "324",
    "sales_channel": "till",
    "lines": [{"line": "1", "sku": "A", "quantity": "2", "unit_price": "1.99"}],
    "payment": "card",
    "language": "en",
}
_CONFLICTS: Final = (HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)


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
        metadata={"description": "A reserved quote: not available yet (409)."},
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
    lines = fields.List(fields.Nested(PurchaseLineAnswer), required=True)


@post(
    resource,
    Operation(
        path="/checkout/quotes",
        scope=ApiScope.CHECKOUT_QUOTE,
        body=QuoteRequest,
        example=_BASKET,
        answer=QuoteAnswer,
        problems=_CONFLICTS,
    ),
)
def quote_a_basket(body: Body) -> Response:
    """Price a basket.

    Says what each line costs, which promotions applied and what would bring more.
    Nothing is kept: ask as often as the basket changes.
    """
    refuse_unavailable(body)
    now = moment_of(body, utc_now())
    with database().transaction() as session:
        store = get_store(session, code=body["store"])
        priced = quote_basket(session, request=basket_of(body, store), now=now)
        document = quote_document(priced, language=body["language"])
    return _json(document, HTTPStatus.OK)


@post(
    resource,
    Operation(
        path="/purchases",
        scope=ApiScope.PURCHASES_WRITE,
        body=PurchaseRequest,
        headers=RequestHeaders,
        example={**_BASKET, "purchase": "T3-000123"},
        answer=RecordedAnswer,
        status=HTTPStatus.CREATED,
        problems=(HTTPStatus.NOT_FOUND,),
        refused=UsedUpProblem,
    ),
)
def record_a_purchase(body: Body, headers: dict[str, str]) -> Response:
    """Record a paid basket, once.

    Redemptions, points and the purchase itself are kept together or not at all. Send
    the same request with the same Idempotency-Key again when no answer came: it
    answers the same, with `Idempotency-Replayed: true`. The same key with another
    body is refused (422), and so is a receipt that the store has recorded (409). When
    a promotion was used up since it was quoted, the problem holds a fresh quote.
    """
    refuse_unavailable(body)
    now = moment_of(body, utc_now())
    payment = Payment(
        receipt=body["purchase"],
        request_key=headers["request_key"],
        request_hash=_hash_of_body(),
        actor=caller().actor,
    )
    try:
        with database().transaction() as session:
            store = get_store(session, code=body["store"])
            basket = basket_of(body, store)
            receipt = record_purchase(session, request=basket, payment=payment, now=now)
    except UsedUp as refusal:
        with database().transaction() as session:
            priced = quote_basket(session, request=basket, now=now)
            fresh = quote_document(priced, language=body["language"])
        return problem_response(
            HTTPStatus.CONFLICT, refusal.code, str(refusal), quote=fresh
        )
    response = make_response(receipt.reply, HTTPStatus.CREATED)
    response.content_type = "application/json"
    if receipt.replayed:
        response.headers["Idempotency-Replayed"] = "true"
    return response


@get(
    resource,
    Operation(
        path=f"/purchases/<int(min=1, max={LARGEST_ID}):purchase>",
        scope=ApiScope.PURCHASES_READ,
        answer=PurchaseAnswer,
        problems=(HTTPStatus.NOT_FOUND,),
        parameters=[
            path_parameter(
                "purchase",
                type="integer",
                minimum=1,
                maximum=LARGEST_ID,
                format="purchase-id",
                description="The number that recording it answered with.",
                example=4711,
            )
        ],
    ),
)
def show_a_purchase(purchase: int) -> dict[str, object]:
    """Return a purchase.

    With its lines as they were paid. A key of a store reads that store's alone.
    """
    with database().transaction() as session:
        found = get_purchase(session, purchase_id=PurchaseID(purchase))
        check_store(found.store_id)
        return _document(found, get_store_by_id(session, store_id=found.store_id))


def _document(purchase: Purchase, store: Store) -> dict[str, object]:
    return {
        "purchase": str(purchase.id),
        "receipt": purchase.receipt,
        "store": store.code,
        "at": purchase.at,
        "customer": purchase.customer_id,
        "currency": purchase.net.currency,
        "gross": str(purchase.gross),
        "discount": str(purchase.discount),
        "net": str(purchase.net),
        "lines": [
            {
                "line": line.line,
                "sku": line.sku,
                "quantity": f"{line.quantity.normalize():f}",
                "unit_price": str(line.unit_price),
                "gross": str(line.gross),
                "discount": str(line.discount),
                "net": str(line.net),
            }
            for line in purchase.lines
        ],
    }


def _hash_of_body() -> bytes:
    """Return what two requests with the same content have in common."""
    return sha256(json.dumps(read_json(), sort_keys=True).encode()).digest()


def _json(document: object, status: HTTPStatus) -> Response:
    response = make_response(json.dumps(document, ensure_ascii=False), status)
    response.content_type = "application/json"
    return response
