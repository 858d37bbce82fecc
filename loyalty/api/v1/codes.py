"""Coupon codes of a promotion: secret ones in files, and words that many share."""

import json
from hashlib import sha256
from http import HTTPStatus
from typing import Final

from flask import Response
from marshmallow import Schema, ValidationError, fields

from loyalty.api.auth import caller, check_everywhere
from loyalty.api.errors import read_json
from loyalty.api.v1.answers import moment, text, whole
from loyalty.api.v1.baskets import Body
from loyalty.api.v1.checkout import RequestHeaders
from loyalty.api.v1.fields import LARGEST_ID, Matching, Moment, Request, Text, Whole
from loyalty.api.v1.operations import Operation, Resource, get, path_parameter, post
from loyalty.core.clock import machine_now, utc_now
from loyalty.core.codes import MOST
from loyalty.core.errors import Invalid
from loyalty.promotions.queries import get_promotion
from loyalty.promotions.queries.codes import get_batch, list_batches
from loyalty.promotions.rules.codes import (
    LEAST_MARKS,
    LONGEST_PATTERN,
    USUAL_MARKS,
    NotAPattern,
    read_pattern,
    usual_pattern,
)
from loyalty.promotions.service.codes import (
    LONGEST_LABEL,
    MOST_CODES,
    MOST_USES,
    add_word,
    void_batch,
)
from loyalty.promotions.values.codes import (
    Batch,
    BatchID,
    BatchKind,
    BatchState,
    CodeOrder,
    CodeRequest,
    CodeTerms,
)
from loyalty.staff.values import ApiScope
from loyalty.usecases.make_codes import order_file
from loyalty.web.code_files import code_file
from loyalty.web.context import database

resource = Resource("Codes", "Coupon codes: made in files, shared, listed, voided.")

_CODES: Final = "/promotions/<string:code>/codes"
_PROMOTION: Final = path_parameter(
    "code",
    type="string",
    minLength=1,
    format="promotion-code",
    description="The promotion's own code; its trigger is “code”.",
    example="spring-10",
)
_BATCH: Final = path_parameter(
    "batch", type="integer", minimum=1, maximum=LARGEST_ID, format="batch-id", example=7
)
_CONFLICTS: Final = (HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)


class PatternText(Matching):
    """How codes look."""

    pattern = rf"^([A-Za-z0-9]+(-[A-Za-z0-9]+)*-?)?#(-?#){{{LEAST_MARKS - 1},{MOST}}}$"
    json_schema = {"maxLength": LONGEST_PATTERN, "format": "code-pattern"}  # noqa: RUF012  # as its base

    def _deserialize(self, value: object, *_: object, **__: object) -> str:
        try:
            return str(read_pattern(value if isinstance(value, str) else ""))
        except NotAPattern as error:
            raise ValidationError(str(error)) from error


class TermsRequest(Request):
    """What holds for each code of a batch, beside the promotion's own terms."""

    label = Text(
        longest=LONGEST_LABEL,
        load_default=None,
        allow_none=True,
        metadata={"description": "What the batch is called in the back office."},
    )
    valid_from = Moment(load_default=None, allow_none=True)
    valid_until = Moment(
        load_default=None,
        allow_none=True,
        metadata={"description": "Half open; null is as long as the promotion."},
    )
    per_customer = Whole(
        least=1,
        most=MOST_USES,
        load_default=None,
        allow_none=True,
        metadata={"description": "Uses by one customer; then it needs a card."},
    )


class CodesRequest(TermsRequest):
    """Secret codes to be made, each for a customer of its own."""

    count = Whole(least=1, most=MOST_CODES, required=True, metadata={"example": 1000})
    pattern = PatternText(
        load_default=None,
        allow_none=True,
        metadata={
            "description": "A prefix, and # for each random character.",
            "example": "SPRING-####-####-####-##",
        },
    )
    length = Whole(
        least=LEAST_MARKS,
        most=MOST + 1,
        load_default=None,
        allow_none=True,
        metadata={"description": f"Without a pattern; {USUAL_MARKS} if neither."},
    )
    uses = Whole(
        least=1,
        most=MOST_USES,
        load_default=1,
        allow_none=True,
        metadata={"description": "Uses of each code in all; null is any number."},
    )


class WordRequest(TermsRequest):
    """One word that many share."""

    code = Text(
        longest=64,
        required=True,
        metadata={"example": "SPRING", "format": "shared-code"},
    )
    uses = Whole(
        least=1,
        most=MOST_USES,
        load_default=None,
        allow_none=True,
        metadata={"description": "Uses in all; null is any number."},
    )


class BatchAnswer(Schema):
    """Codes that were made together, or one shared word."""

    batch = whole(metadata={"example": 7})
    kind = text(metadata={"enum": [kind.value for kind in BatchKind]})
    state = text(metadata={"enum": [state.value for state in BatchState]})
    label = text()
    pattern = text(metadata={"description": "Of a shared code the word itself."})
    count = whole()
    made = whole()
    used = whole(metadata={"description": "Uses that were not given back."})
    uses = whole(allow_none=True)
    per_customer = whole(allow_none=True)
    valid_from = moment(nullable=True)
    valid_until = moment(nullable=True)
    ordered_at = moment()
    ordered_by = text()
    voided_at = moment(nullable=True)


class BatchesAnswer(Schema):
    """Batches, the newest first."""

    batches = fields.List(fields.Nested(BatchAnswer), required=True)


@post(
    resource,
    Operation(
        path=_CODES,
        scope=ApiScope.PROMOTIONS_WRITE,
        body=CodesRequest,
        headers=RequestHeaders,
        example={"count": 1000, "pattern": "SPRING-####-####-####-##"},
        answer={"type": "string", "example": "code\r\nSPRING-7KQ2-MX3R-TT5B-KP\r\n"},
        media="text/csv",
        problems=_CONFLICTS,
        parameters=[_PROMOTION],
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
    order = CodeOrder(pattern=_pattern(body), count=body["count"], terms=_terms(body))
    with database().transaction() as session:
        file = order_file(
            session, promotion=code, order=order, request=request, now=machine_now()
        )
    return code_file(file)


@post(
    resource,
    Operation(
        path=f"{_CODES}/shared",
        scope=ApiScope.PROMOTIONS_WRITE,
        body=WordRequest,
        example={"code": "SPRING", "uses": 500, "per_customer": 1},
        answer=BatchAnswer,
        status=HTTPStatus.CREATED,
        problems=_CONFLICTS,
        parameters=[_PROMOTION],
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
            terms=_terms(body),
            actor=caller().actor,
            now=utc_now(),
        )
        batch = get_batch(session, promotion=code, batch_id=batch_id)
    return _document(batch), HTTPStatus.CREATED


@get(
    resource,
    Operation(
        path=_CODES,
        scope=ApiScope.PROMOTIONS_READ,
        answer=BatchesAnswer,
        problems=(HTTPStatus.NOT_FOUND,),
        parameters=[_PROMOTION],
    ),
)
def list_the_batches(code: str) -> dict[str, object]:
    """List the codes of a promotion by batches.

    With how many were made and used. The codes themselves are not stored.
    """
    with database().transaction() as session:
        get_promotion(session, code=code)
        batches = list_batches(session, promotion=code)
    return {"batches": [_document(batch) for batch in batches]}


@post(
    resource,
    Operation(
        path=f"{_CODES}/<int(min=1, max={LARGEST_ID}):batch>/void",
        scope=ApiScope.PROMOTIONS_WRITE,
        answer=BatchAnswer,
        problems=_CONFLICTS,
        parameters=[_PROMOTION, _BATCH],
    ),
)
def void_a_batch(code: str, batch: int) -> dict[str, object]:
    """Put all codes of a batch out of force.

    From the next basket on; a reserved quote keeps its code. It can't be undone.
    """
    check_everywhere()
    with database().transaction() as session:
        void_batch(
            session,
            promotion=code,
            batch_id=BatchID(batch),
            actor=caller().actor,
            now=utc_now(),
        )
        found = get_batch(session, promotion=code, batch_id=BatchID(batch))
    return _document(found)


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


def _terms(body: Body) -> CodeTerms:
    return CodeTerms(
        label=body["label"] or "",
        valid_from=body["valid_from"],
        valid_until=body["valid_until"],
        uses=body["uses"],
        per_customer=body["per_customer"],
    )


def _document(batch: Batch) -> dict[str, object]:
    return {
        "batch": batch.id,
        "kind": batch.kind.value,
        "state": batch.state.value,
        "label": batch.terms.label,
        "pattern": batch.pattern,
        "count": batch.count,
        "made": batch.made,
        "used": batch.used,
        "uses": batch.terms.uses,
        "per_customer": batch.terms.per_customer,
        "valid_from": batch.terms.valid_from,
        "valid_until": batch.terms.valid_until,
        "ordered_at": batch.ordered_at,
        "ordered_by": batch.ordered_by,
        "voided_at": batch.voided_at,
    }
