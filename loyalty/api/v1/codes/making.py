"""Making secret codes in files, and words that many share."""

import json
from hashlib import sha256
from http import HTTPStatus

from flask import Response

from loyalty.api.auth import caller, check_everywhere
from loyalty.api.errors import read_json
from loyalty.api.v1.baskets import Body
from loyalty.api.v1.checkout import RequestHeaders
from loyalty.api.v1.codes.schemas import (
    CODES,
    CONFLICTS,
    PROMOTION,
    BatchAnswer,
    CodesRequest,
    WordRequest,
    read_terms,
    resource,
    write_batch,
)
from loyalty.api.v1.operations import Operation, post
from loyalty.core.clock import machine_now, utc_now
from loyalty.core.errors import Invalid
from loyalty.promotions.queries.codes import get_batch
from loyalty.promotions.rules.codes import (
    USUAL_MARKS,
    usual_pattern,
)
from loyalty.promotions.service.codes import (
    add_word,
)
from loyalty.promotions.values.codes import (
    CodeOrder,
    CodeRequest,
)
from loyalty.staff.values import ApiScope
from loyalty.usecases.make_codes import order_file
from loyalty.web.code_files import code_file
from loyalty.web.context import database


@post(
    resource,
    Operation(
        path=CODES,
        scope=ApiScope.PROMOTIONS_WRITE,
        body=CodesRequest,
        headers=RequestHeaders,
        example={"count": 1000, "pattern": "SPRING-####-####-####-##"},
        answer={"type": "string", "example": "code\r\nSPRING-7KQ2-MX3R-TT5B-KP\r\n"},
        media="text/csv",
        problems=CONFLICTS,
        parameters=[PROMOTION],
    ),
)
def make_codes(body: Body, headers: dict[str, str], code: str) -> Response:
    """Make secret codes.

    Answers with a CSV file that is written while it is sent; `Codes-Batch` is the
    batch's number. **This is the only time that the codes can be read**: only their
    fingerprints are stored. They count when all of them were made. A file shorter than
    `Content-Length` did not get through, and none of its codes counts: send the same
    request with the same Idempotency-Key again and new ones are made. Once they were
    sent whole, it is refused (409).
    """
    check_everywhere()
    request = CodeRequest(
        actor=caller().actor,
        key=headers["request_key"],
        hash=sha256(json.dumps([code, read_json()], sort_keys=True).encode()).digest(),
    )
    order = CodeOrder(
        pattern=_pattern(body), count=body["count"], terms=read_terms(body)
    )
    with database().transaction() as session:
        file = order_file(
            session, promotion=code, order=order, request=request, now=machine_now()
        )
    return code_file(file)


@post(
    resource,
    Operation(
        path=f"{CODES}/shared",
        scope=ApiScope.PROMOTIONS_WRITE,
        body=WordRequest,
        example={"code": "SPRING", "uses": 500, "per_customer": 1},
        answer=BatchAnswer,
        status=HTTPStatus.CREATED,
        problems=CONFLICTS,
        parameters=[PROMOTION],
    ),
)
def share_a_code(body: Body, code: str) -> tuple[dict[str, object], HTTPStatus]:
    """Let a word be a code that many share.

    It counts at once. Case, spaces and hyphens make no difference. A word that is in
    force, for this promotion or another, is refused (409).
    """
    check_everywhere()
    with database().transaction() as session:
        batch_id = add_word(
            session,
            promotion=code,
            word=body["code"],
            terms=read_terms(body),
            actor=caller().actor,
            now=utc_now(),
        )
        batch = get_batch(session, promotion=code, batch_id=batch_id)
    return write_batch(batch), HTTPStatus.CREATED


def _pattern(body: Body) -> str:
    pattern: str | None = body["pattern"]
    length: int | None = body["length"]
    if pattern is None:
        return usual_pattern(USUAL_MARKS if length is None else length)
    if length is not None:
        message = "The pattern says how long the codes are: leave the length out."
        raise Invalid.field(
            pointer="/length", message=message, code="length_and_pattern"
        )
    return pattern
