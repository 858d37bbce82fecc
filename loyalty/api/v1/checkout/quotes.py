"""Pricing a basket, and reserving the price."""

from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from typing import Final

from flask import Response
from marshmallow import Schema, fields

from loyalty.api.auth import caller
from loyalty.api.v1.answers import QuoteAnswer, text
from loyalty.api.v1.baskets import (
    Body,
    NewQuoteRequest,
    basket_of,
)
from loyalty.api.v1.checkout.common import (
    CONFLICTS,
    as_json,
    attempt_codes,
    fresh_quote,
    resource,
    unknown_codes,
)
from loyalty.api.v1.checkout.schemas import BASKET
from loyalty.api.v1.guessing import guessed_tenders
from loyalty.api.v1.operations import Operation, path_parameter, post
from loyalty.core.clock import utc_now
from loyalty.promotions.queries import get_quote
from loyalty.promotions.values.kept import QuoteID
from loyalty.staff.values import ApiScope
from loyalty.stores.queries import get_store
from loyalty.usecases.checkout import Asking, ask_quote, give_up, quote_document
from loyalty.web.context import database

_QUOTE: Final = path_parameter(
    "quote",
    type="string",
    description="The quote's unguessable name.",
    example="q1Zr0S8cQm2f7yXb9KdLwT3a",
)


class ReleasedAnswer(Schema):
    """What became of a reservation."""

    quote = text(metadata={"example": "q1Zr0S8cQm2f7yXb9KdLwT3a"})
    released = fields.Boolean(
        required=True, metadata={"description": "false: it held nothing any more."}
    )


@post(
    resource,
    Operation(
        path="/checkout/quotes",
        scope=ApiScope.CHECKOUT_QUOTE,
        body=NewQuoteRequest,
        example={**BASKET, "reserve": True},
        answer=QuoteAnswer,
        problems=CONFLICTS,
    ),
)
@guessed_tenders
def quote_a_basket(body: Body) -> Response:
    """Price a basket.

    Says what each line costs, which promotions applied and what would bring more. Ask
    as often as the basket changes. The quote is kept with what it was computed from:
    send its name as `quote` when it is paid, and the customer pays what they were told
    or nothing. With `reserve` the limits that it uses are held until `reserved_until`,
    so that the price is sure; `replaces` gives the reservation of an earlier quote up.
    After too many wrong codes none is looked up (`code_attempts`, with `retry_after`).
    """
    now = utc_now()
    replaces = body["replaces"]
    asking = Asking(
        actor=caller().actor,
        reserve=body["reserve"],
        minutes=body["reserve_minutes"],
        replaces=None if replaces is None else QuoteID(replaces),
    )
    if not body["codes"] and not asking.reserve:
        return as_json(_at_once(body, asking, now))
    with database().transaction() as session:
        store = get_store(session, code=body["store"])
    basket = basket_of(body, store)
    with attempt_codes(basket) as codes:
        basket = replace(basket, codes_withheld=codes.withheld)
        document = fresh_quote(basket, asking, now)
        codes.settle_wrong(unknown_codes(document))
    return as_json(document)


def _at_once(body: Body, asking: Asking, now: datetime) -> dict[str, object]:
    """Price in one transaction what can't be in anybody's way."""
    with database().transaction() as session:
        basket = basket_of(body, get_store(session, code=body["store"]))
        priced, kept = ask_quote(session, request=basket, asking=asking, now=now)
        return quote_document(priced, language=basket.language, kept=kept)


@post(
    resource,
    Operation(
        path="/checkout/quotes/<string:quote>/release",
        scope=ApiScope.CHECKOUT_QUOTE,
        answer=ReleasedAnswer,
        problems=(HTTPStatus.NOT_FOUND,),
        parameters=[_QUOTE],
    ),
)
def release_a_quote(quote: str) -> dict[str, object]:
    """Give a reservation up.

    What it held of limits is free at once. A reservation that runs out does so itself.
    """
    quote_id = QuoteID(quote)
    with database().transaction() as session:
        get_quote(session, quote_id=quote_id)
        released = give_up(session, quote_id=quote_id, now=utc_now())
    return {"quote": quote, "released": released}
