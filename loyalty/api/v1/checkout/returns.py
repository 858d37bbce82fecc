"""Taking goods back, exchanging them, and undoing a purchase."""

import json
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from http import HTTPStatus
from typing import Any, Final

from flask import Response
from marshmallow import Schema, fields, validate
from sqlalchemy.orm import Session

from loyalty.api.auth import caller, check_store
from loyalty.api.v1.answers import (
    LineApplicationAnswer,
    RecordedAnswer,
    TenderAnswer,
    UsedUpProblem,
    amount,
    text,
    whole,
)
from loyalty.api.v1.baskets import MOST_LINES, Body, basket_of
from loyalty.api.v1.checkout.common import (
    answer,
    attempt_codes,
    hash_of_body,
    refused_with_quote,
    resource,
    unknown_codes,
)
from loyalty.api.v1.checkout.purchases import PURCHASE, payment_of
from loyalty.api.v1.checkout.schemas import BASKET, PurchaseRequest, RequestHeaders
from loyalty.api.v1.fields import Quantity, Request, Text
from loyalty.api.v1.operations import Operation, post
from loyalty.core.clock import utc_now
from loyalty.core.errors import Invalid
from loyalty.promotions.service import UsedUp
from loyalty.purchases.queries import get_purchase
from loyalty.purchases.values import PurchaseID
from loyalty.staff.values import ApiScope
from loyalty.stores.queries import get_store
from loyalty.stores.values import Store
from loyalty.usecases.checkout import (
    BasketRequest,
    NotAtThisPrice,
    Payment,
    ReturnRequest,
    exchange_goods,
    return_goods,
)
from loyalty.web.context import database

_CONFLICTS: Final = (HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)
_LINES: Final = [{"line": "1", "quantity": "1"}]


_EXCHANGE: Final[dict[str, object]] = {
    "returned": _LINES,
    "bought": {**BASKET, "purchase": "T3-000124"},
}


class ReturnLineRequest(Request):
    """How much of a line comes back."""

    line = Text(longest=36, required=True, metadata={"example": "1"})
    quantity = Quantity(
        required=True,
        metadata={
            "example": "1",
            "description": "Whole units; of a weighed line any part of its weight.",
        },
    )


def _lines(description: str) -> fields.List[Any]:
    return fields.List(
        fields.Nested(ReturnLineRequest),
        required=True,
        validate=validate.Length(min=1, max=MOST_LINES),
        metadata={"description": description},
    )


class ReturnRequestBody(Request):
    """What comes back."""

    lines = _lines("Each line once.")


class ExchangeRequestBody(Request):
    """What comes back, and what is bought instead."""

    returned = _lines("What of the purchase comes back; each line once.")
    bought = fields.Nested(PurchaseRequest, required=True)


class ReturnedLineAnswer(Schema):
    """What came back of a line."""

    line = text(metadata={"example": "1"})
    sku = text(metadata={"example": "A"})
    quantity = text(metadata={"example": "1"})
    refund = amount(example="1.59")
    applications = fields.List(
        fields.Nested(LineApplicationAnswer),
        required=True,
        metadata={"description": "What promotions had taken off these units."},
    )


class ReturnedPointsAnswer(Schema):
    """What became of points."""

    taken_back = whole(metadata={"description": "Of those that the goods earned."})
    given_back = whole(metadata={"description": "Of those that paid for the goods."})
    balance_after = whole(
        allow_none=True,
        metadata={"description": "May be below zero; null without a card."},
    )


class ReturnAnswer(Schema):
    """A return as recorded."""

    return_ = text(data_key="return", metadata={"example": "17"})
    purchase = text(metadata={"example": "4711"})
    receipt = text(metadata={"example": "T3-000123"})
    currency = text(metadata={"example": "EUR"})
    refund = amount(example="1.59")
    goods = amount(example="1.59")
    delivery = amount(example="0.00")
    correction = amount(example="0.00")
    lines = fields.List(fields.Nested(ReturnedLineAnswer), required=True)
    tenders = fields.List(
        fields.Nested(TenderAnswer),
        required=True,
        metadata={"description": "What gets the refund, in the order of payment."},
    )
    points = fields.Nested(ReturnedPointsAnswer, required=True)
    given_back = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "Promotions whose uses and codes are free again."},
    )


class ExchangeAnswer(Schema):
    """A return and a purchase, recorded together."""

    returned = fields.Nested(ReturnAnswer, required=True)
    bought = fields.Nested(RecordedAnswer, required=True)
    to_pay = amount(example="2.40")


@post(
    resource,
    Operation(
        path=f"/purchases/{PURCHASE.path}/returns",
        scope=ApiScope.PURCHASES_WRITE,
        body=ReturnRequestBody,
        headers=RequestHeaders,
        example={"lines": _LINES},
        answer=ReturnAnswer,
        status=HTTPStatus.CREATED,
        problems=_CONFLICTS,
        parameters=[PURCHASE.parameter],
    ),
)
def return_some_goods(body: Body, headers: dict[str, str], purchase: int) -> Response:
    """Take goods of a purchase back, once.

    Refunds what was really paid for these units, to what they were paid by: points
    come back as points, with the expiry they had. Takes back the points that they
    earned, even below zero. Any sequence of returns adds up to what a return of all
    would be. A promotion's use and code are free again when all that it had reduced is
    back. Where the programme rechecks thresholds, `correction` is what the kept goods
    lost by it. Send the same request with the same Idempotency-Key again when no
    answer came.
    """
    request = _request(purchase, body["lines"], headers)
    return _return(request)


@post(
    resource,
    Operation(
        path=f"/purchases/{PURCHASE.path}/cancellation",
        scope=ApiScope.PURCHASES_WRITE,
        headers=RequestHeaders,
        answer=ReturnAnswer,
        status=HTTPStatus.CREATED,
        problems=_CONFLICTS,
        parameters=[PURCHASE.parameter],
    ),
)
def cancel_a_purchase(headers: dict[str, str], purchase: int) -> Response:
    """Undo a purchase, once.

    All goods that are not back yet are, and the delivery is refunded; every use and
    code is free again. A purchase that was cancelled can't be again (409).
    """
    return _return(_request(purchase, None, headers))


@post(
    resource,
    Operation(
        path=f"/purchases/{PURCHASE.path}/exchanges",
        scope=ApiScope.PURCHASES_WRITE,
        body=ExchangeRequestBody,
        headers=RequestHeaders,
        example=_EXCHANGE,
        answer=ExchangeAnswer,
        status=HTTPStatus.CREATED,
        problems=(HTTPStatus.NOT_FOUND, HTTPStatus.SERVICE_UNAVAILABLE),
        refused=UsedUpProblem,
        parameters=[PURCHASE.parameter],
    ),
)
def exchange_some_goods(body: Body, headers: dict[str, str], purchase: int) -> Response:
    """Take goods back and sell others, both or neither.

    What came back counts first: its points and uses can serve what is bought. `to_pay`
    is the difference, below zero when money is given out.
    """
    now = utc_now()
    request = replace(
        _request(purchase, body["returned"], headers), pointer="/returned"
    )
    payment = payment_of(body["bought"], headers)
    with database().transaction() as session:
        _check_purchase(session, request)
        store = get_store(session, code=body["bought"]["store"])
        basket = _bought(body["bought"], store)
    with attempt_codes(basket) as codes:
        if payment.quote is None:
            codes.refuse()
        basket = replace(basket, codes_withheld=codes.withheld)
        response = _exchange(request, basket, payment, now)
        document = json.loads(response.get_data())
        codes.settle_wrong(unknown_codes(document.get("bought", document)))
    return response


def _exchange(
    request: ReturnRequest, basket: BasketRequest, payment: Payment, now: datetime
) -> Response:
    try:
        with database().transaction() as session:
            receipt = exchange_goods(
                session, returned=request, bought=basket, payment=payment, now=now
            )
    except (UsedUp, NotAtThisPrice) as refusal:
        return refused_with_quote(refusal, basket, now)
    return answer(receipt.reply, replayed=receipt.replayed)


def _return(request: ReturnRequest) -> Response:
    with database().transaction() as session:
        _check_purchase(session, request)
        receipt = return_goods(session, request=request, now=utc_now())
    return answer(receipt.reply, replayed=receipt.replayed)


def _bought(body: Body, store: Store) -> BasketRequest:
    try:
        return basket_of(body, store)
    except Invalid as found:
        raise Invalid(
            [replace(one, pointer=f"/bought{one.pointer}") for one in found.problems]
        ) from found


def _check_purchase(session: Session, request: ReturnRequest) -> None:
    purchase = get_purchase(session, purchase_id=request.purchase_id)
    check_store(purchase.store_id)


def _request(
    purchase: int, lines: list[Body] | None, headers: dict[str, str]
) -> ReturnRequest:
    return ReturnRequest(
        purchase_id=PurchaseID(purchase),
        lines=None
        if lines is None
        else tuple((line["line"], Decimal(line["quantity"])) for line in lines),
        actor=caller().actor,
        request_key=headers["request_key"],
        request_hash=hash_of_body(str(purchase), "cancel" if lines is None else ""),
    )
