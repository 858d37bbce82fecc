"""What the operations of the checkout share."""

import json
from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from hashlib import sha256
from http import HTTPStatus
from typing import Any, Final

from flask import Response, make_response
from marshmallow import missing

from loyalty.api.auth import caller
from loyalty.api.errors import problem_response, read_json
from loyalty.api.v1.operations import Resource
from loyalty.core.errors import Refused
from loyalty.promotions.service import UsedUp
from loyalty.promotions.values import MissedReason
from loyalty.usecases.checkout import (
    Asking,
    BasketRequest,
    ask_quote,
    quote_document,
)
from loyalty.web.code_attempts import CodeAttempt, attempt
from loyalty.web.context import database

resource = Resource("Checkout", "What a basket costs, purchases and returns.")

CONFLICTS: Final = (HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)
_TRIES: Final = 3


def fresh_quote(
    basket: BasketRequest, asking: Asking, now: datetime
) -> dict[str, object]:
    """
    Return a quote that is kept; once more if a limit went while it was reserved.

    :raises UsedUp: if limits go faster than it can be priced
    """
    for _try in range(_TRIES - 1):
        try:
            return _quote(basket, asking, now)
        except UsedUp:
            continue
    return _quote(basket, asking, now)


def refused_with_quote(
    refusal: Refused, basket: BasketRequest, now: datetime
) -> Response:
    """Answer 409 with what the basket costs now, kept, so that it can be paid."""
    asking = Asking(actor=caller().actor)
    return problem_response(
        HTTPStatus.CONFLICT,
        refusal.code,
        str(refusal),
        quote=fresh_quote(basket, asking, now),
    )


def attempt_codes(basket: BasketRequest) -> AbstractContextManager[CodeAttempt]:
    """Count the basket's codes for the caller and the card; settle it afterwards."""
    return attempt(basket.codes, caller=caller().actor, card=basket.card)


def unknown_codes(document: Mapping[str, object]) -> list[str]:
    """Return the codes that a quote, or a problem with a quote, calls unknown."""
    quote: Any = document.get("quote")
    priced: Any = quote if isinstance(quote, dict) else document
    unknown = MissedReason.CODE_UNKNOWN
    return [one["code"] for one in priced.get("missed", ()) if one["reason"] == unknown]


def as_json(document: dict[str, object]) -> Response:
    """Answer with a document that is JSON as it stands."""
    response = make_response(json.dumps(document, ensure_ascii=False))
    response.content_type = "application/json"
    return response


def answer(reply: str, *, replayed: bool) -> Response:
    """Answer what was recorded, byte for byte the same each time."""
    response = make_response(reply, HTTPStatus.CREATED)
    response.content_type = "application/json"
    if replayed:
        response.headers["Idempotency-Replayed"] = "true"
    return response


def hash_of_body(*about: str) -> bytes:
    """Return what two requests with the same content and subject have in common."""
    body = read_json()
    content = None if body is missing else body
    said = json.dumps([content, *about] if about else content, sort_keys=True)
    return sha256(said.encode()).digest()


def _quote(basket: BasketRequest, asking: Asking, now: datetime) -> dict[str, object]:
    with database().transaction() as session:
        priced, kept = ask_quote(session, request=basket, asking=asking, now=now)
        return quote_document(priced, language=basket.language, kept=kept)
