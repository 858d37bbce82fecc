"""Recording that a basket was paid, and showing purchases."""

import json
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus
from typing import Final

from flask import Response

from loyalty.api.auth import caller, check_store
from loyalty.api.v1.answers import RecordedAnswer, UsedUpProblem
from loyalty.api.v1.baskets import Body, basket_of
from loyalty.api.v1.checkout.common import (
    answer,
    attempt_codes,
    hash_of_body,
    refused_with_quote,
    resource,
    unknown_codes,
)
from loyalty.api.v1.checkout.schemas import (
    BASKET,
    PurchaseAnswer,
    PurchaseRequest,
    RequestHeaders,
)
from loyalty.api.v1.fields import LARGEST_ID
from loyalty.api.v1.guessing import guessed_tenders
from loyalty.api.v1.operations import Operation, get, path_parameter, post
from loyalty.core.clock import utc_now
from loyalty.core.money import zero
from loyalty.promotions.service import UsedUp
from loyalty.promotions.values.kept import QuoteID
from loyalty.purchases.queries import get_purchase, list_returns, tenders_of
from loyalty.purchases.values import PastReturn, Purchase, PurchaseID, TenderShare
from loyalty.staff.values import ApiScope
from loyalty.stores.queries import get_store, get_store_by_id
from loyalty.stores.values import Store
from loyalty.usecases.checkout import (
    BasketRequest,
    NotAtThisPrice,
    Payment,
    record_purchase,
    tenders_document,
)
from loyalty.web.context import database


@dataclass(frozen=True, kw_only=True, slots=True)
class _Part:
    path: str
    parameter: dict[str, object]


PURCHASE: Final = _Part(
    path=f"<int(min=1, max={LARGEST_ID}):purchase>",
    parameter=path_parameter(
        "purchase",
        type="integer",
        minimum=1,
        maximum=LARGEST_ID,
        format="purchase-id",
        description="The number that recording it answered with.",
        example=4711,
    ),
)
"""How a purchase stands in an address."""


@post(
    resource,
    Operation(
        path="/purchases",
        scope=ApiScope.PURCHASES_WRITE,
        body=PurchaseRequest,
        headers=RequestHeaders,
        example={**BASKET, "purchase": "T3-000123"},
        answer=RecordedAnswer,
        status=HTTPStatus.CREATED,
        problems=(HTTPStatus.NOT_FOUND, HTTPStatus.SERVICE_UNAVAILABLE),
        refused=UsedUpProblem,
    ),
)
@guessed_tenders
def record_a_purchase(body: Body, headers: dict[str, str]) -> Response:
    """Record a paid basket, once.

    Redemptions, points and the purchase itself are kept together or not at all. Send
    the same request with the same Idempotency-Key again when no answer came: it
    answers the same, with `Idempotency-Replayed: true`. The same key with another
    body is refused (422), and so is a receipt that the store has recorded (409). With
    `quote` the price is the one that was told: a reserved quote is honoured while it
    holds, any other is refused (409) when the price is another now. When the price
    changed, or a promotion or code was used up, the problem holds a fresh quote. After
    too many wrong codes a basket with codes is refused (429) unless it has a quote.
    """
    now = utc_now()
    payment = payment_of(body, headers)
    with database().transaction() as session:
        store = get_store(session, code=body["store"])
    basket = basket_of(body, store)
    with attempt_codes(basket) as codes:
        if payment.quote is None:
            codes.refuse()
        basket = replace(basket, codes_withheld=codes.withheld)
        response = _record(basket, payment, now)
        codes.settle_wrong(unknown_codes(json.loads(response.get_data())))
    return response


def _record(basket: BasketRequest, payment: Payment, now: datetime) -> Response:
    try:
        with database().transaction() as session:
            receipt = record_purchase(session, request=basket, payment=payment, now=now)
    except (UsedUp, NotAtThisPrice) as refusal:
        return refused_with_quote(refusal, basket, now)
    return answer(receipt.reply, replayed=receipt.replayed)


@get(
    resource,
    Operation(
        path=f"/purchases/{PURCHASE.path}",
        scope=ApiScope.PURCHASES_READ,
        answer=PurchaseAnswer,
        problems=(HTTPStatus.NOT_FOUND,),
        parameters=[PURCHASE.parameter],
    ),
)
def show_a_purchase(purchase: int) -> dict[str, object]:
    """Return a purchase.

    With its lines as they were paid, what it was paid by, and what came back. A key of
    a store reads that store's alone.
    """
    with database().transaction() as session:
        found = get_purchase(session, purchase_id=PurchaseID(purchase))
        check_store(found.store_id)
        return _document(
            found,
            get_store_by_id(session, store_id=found.store_id),
            tenders_of(session, purchase_id=found.id),
            list_returns(session, purchase_id=found.id),
        )


def payment_of(body: Body, headers: dict[str, str]) -> Payment:
    """Return what makes a basket a purchase."""
    told = body["quote"]
    return Payment(
        receipt=body["purchase"],
        request_key=headers["request_key"],
        request_hash=hash_of_body(),
        actor=caller().actor,
        quote=None if told is None else QuoteID(told),
    )


def _document(
    purchase: Purchase,
    store: Store,
    tenders: tuple[TenderShare, ...],
    returns: tuple[PastReturn, ...],
) -> dict[str, object]:
    currency = purchase.net.currency
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
        "delivery": str(purchase.delivery or zero(currency)),
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
        "tenders": tenders_document(tenders, currency),
        "returns": [
            {
                "return_": str(one.id),
                "kind": one.kind.value,
                "at": one.at,
                "refund": str(one.refund + one.delivery),
                "points_taken_back": one.points_taken,
                "lines": [
                    {
                        "line": line,
                        "quantity": f"{quantity.normalize():f}",
                        "refund": str(refund),
                    }
                    for line, quantity, refund in one.lines
                ],
                "tenders": tenders_document(
                    [t for t in one.tenders if t.amount or t.points], currency
                ),
            }
            for one in returns
        ],
    }
