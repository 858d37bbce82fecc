"""What requests for coupon codes say, and how batches are shown."""

from http import HTTPStatus
from typing import Final

from marshmallow import Schema, ValidationError, fields

from loyalty.api.v1.answers import moment, text, whole
from loyalty.api.v1.baskets import Body
from loyalty.api.v1.fields import LARGEST_ID, Matching, Moment, Request, Text, Whole
from loyalty.api.v1.operations import Resource, path_parameter
from loyalty.core.codes import MOST
from loyalty.promotions.rules.codes import (
    LEAST_MARKS,
    LONGEST_PATTERN,
    USUAL_MARKS,
    NotAPattern,
    read_pattern,
)
from loyalty.promotions.service.codes import (
    LONGEST_LABEL,
    MOST_CODES,
    MOST_USES,
)
from loyalty.promotions.values.codes import (
    Batch,
    BatchKind,
    BatchState,
    CodeTerms,
)

resource = Resource("Codes", "Coupon codes: made in files, shared, listed, voided.")

CODES: Final = "/promotions/<string:code>/codes"
PROMOTION: Final = path_parameter(
    "code",
    type="string",
    minLength=1,
    format="promotion-code",
    description="The promotion's own code; its trigger is “code”.",
    example="spring-10",
)
BATCH: Final = path_parameter(
    "batch", type="integer", minimum=1, maximum=LARGEST_ID, format="batch-id", example=7
)
CONFLICTS: Final = (HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)


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


def read_terms(body: Body) -> CodeTerms:
    """Return what a request says of each code."""
    return CodeTerms(
        label=body["label"] or "",
        valid_from=body["valid_from"],
        valid_until=body["valid_until"],
        uses=body["uses"],
        per_customer=body["per_customer"],
    )


def write_batch(batch: Batch) -> dict[str, object]:
    """Return a batch as an answer shows it."""
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
