"""What speaks against letting a promotion run, and letting it run."""

from http import HTTPStatus
from typing import ClassVar, Final

from flask import Response
from marshmallow import Schema, fields

from loyalty.api.auth import caller, check_everywhere
from loyalty.api.errors import ProblemDetails, problem_response
from loyalty.api.v1.answers import amount, text, whole
from loyalty.api.v1.baskets import Body
from loyalty.api.v1.fields import Language, Matching, Request
from loyalty.api.v1.operations import Operation, get, post
from loyalty.api.v1.promotions.views import (
    CODE,
    CONFLICTS,
    MISSING,
    ONE,
    PromotionAnswer,
    document_of,
    resource,
)
from loyalty.core.clock import utc_now
from loyalty.promotions.queries import display_names, get_promotion
from loyalty.promotions.render import Names, finding_sentence
from loyalty.promotions.values.findings import (
    Finding,
    FindingCode,
    Severity,
    WorstBasket,
)
from loyalty.staff.values import ApiScope
from loyalty.usecases.check_promotion import (
    FindingsStand,
    activate_promotion,
    findings_of,
)
from loyalty.web.context import database
from loyalty.web.patience import Patience

_SECONDS: Final = 1.0
"""As long as recorded baskets are priced."""


class Acknowledged(Matching):
    """Codes of findings, parted by commas."""

    pattern = r"^[a-z_]{1,40}(,[a-z_]{1,40}){0,20}$"
    json_schema: ClassVar[dict[str, object]] = {"pattern": pattern}
    refusal = 'Must be codes of findings, such as "below_cost,always_loses".'


class ActivationQuery(Request):
    """Which warnings are meant."""

    acknowledge = Acknowledged(
        load_default="",
        metadata={
            "description": "Codes of the warnings that are meant, parted by commas.",
            "example": "below_cost",
        },
    )
    language = Language()


class FindingsQuery(Request):
    """In which language."""

    language = Language()


class ProductFigureAnswer(Schema):
    """An article whose price is at fault, of one unit."""

    sku = text()
    price = amount(example="4.99")
    reduced = amount(example="3.99")
    limit = amount(example="4.20")


class WorstBasketAnswer(Schema):
    """The recorded basket of which the least would be paid."""

    store = text()
    at = text(metadata={"format": "date-time"})
    gross = amount(example="20.00")
    paid = amount(example="8.00")
    without = amount(example="16.00")
    promotions = fields.List(fields.String(), required=True)
    looked_at = whole(
        metadata={"description": "How many recorded baskets were priced."}
    )


class FindingAnswer(Schema):
    """One thing that the check found."""

    code = text(metadata={"enum": [code.value for code in FindingCode]})
    severity = text(metadata={"enum": [severity.value for severity in Severity]})
    pointer = text(metadata={"description": "Where in the document (RFC 6901)."})
    message = text()
    products = fields.List(
        fields.Nested(ProductFigureAnswer),
        required=True,
        metadata={"description": "The worst first; 20 at most."},
    )
    promotions = fields.List(fields.String(), required=True)
    basket = fields.Nested(WorstBasketAnswer, required=True, allow_none=True)


class FindingsAnswer(Schema):
    """What the check found, errors first, then warnings, then notes."""

    findings = fields.List(fields.Nested(FindingAnswer), required=True)


class FindingsProblem(ProblemDetails):
    """What an activation is refused with while errors or warnings stand."""

    findings = fields.List(fields.Nested(FindingAnswer))


@get(
    resource,
    Operation(
        path=f"{ONE}/findings",
        scope=ApiScope.PROMOTIONS_READ,
        query=FindingsQuery,
        answer=FindingsAnswer,
        problems=MISSING,
        parameters=[CODE],
    ),
)
def show_the_findings(query: Body, code: str) -> dict[str, object]:
    """Check a promotion.

    Against the catalogue, what runs, recorded baskets and prices before. An error
    keeps it from being activated, a warning must be acknowledged, a note is good to
    know.
    """
    with database().transaction() as session:
        found = findings_of(
            session, code=code, now=utc_now(), time_is_up=Patience(_SECONDS)
        )
        promotion = get_promotion(session, code=code).promotion
        names = display_names(session, promotions=[promotion])
    return {"findings": _answers(found, query["language"], names)}


@post(
    resource,
    Operation(
        path=f"{ONE}/activate",
        scope=ApiScope.PROMOTIONS_WRITE,
        query=ActivationQuery,
        answer=PromotionAnswer,
        problems=CONFLICTS,
        refused=FindingsProblem,
        parameters=[CODE],
    ),
)
def activate_a_promotion(query: Body, code: str) -> dict[str, object] | Response:
    """Let a promotion apply from now on.

    From a draft, or after a pause. It is checked first: while there are errors, or
    warnings that are not acknowledged, it is refused with all `findings`.
    """
    check_everywhere()
    try:
        with database().transaction() as session:
            activate_promotion(
                session,
                code=code,
                acknowledged=query["acknowledge"].split(","),
                actor=caller().actor,
                now=utc_now(),
                time_is_up=Patience(_SECONDS),
            )
            return document_of(get_promotion(session, code=code))
    except FindingsStand as refusal:
        with database().transaction() as session:
            promotion = get_promotion(session, code=code).promotion
            names = display_names(session, promotions=[promotion])
        return problem_response(
            HTTPStatus.CONFLICT,
            refusal.code,
            str(refusal),
            findings=_answers(refusal.findings, query["language"], names),
        )


def _answers(
    found: tuple[Finding, ...], language: str, names: Names
) -> list[dict[str, object]]:
    return [
        {
            "code": one.code.value,
            "severity": one.severity.value,
            "pointer": one.pointer,
            "message": finding_sentence(one, language, names=names),
            "products": [
                {
                    "sku": figure.sku,
                    "price": str(figure.price),
                    "reduced": str(figure.reduced),
                    "limit": str(figure.limit),
                }
                for figure in one.products
            ],
            "promotions": list(one.promotions),
            "basket": None if one.basket is None else _basket(one.basket),
        }
        for one in found
    ]


def _basket(worst: WorstBasket) -> dict[str, object]:
    return {
        "store": worst.store,
        "at": worst.at.isoformat(),
        "gross": str(worst.gross),
        "paid": str(worst.paid),
        "without": str(worst.without),
        "promotions": list(worst.promotions),
        "looked_at": worst.looked_at,
    }
