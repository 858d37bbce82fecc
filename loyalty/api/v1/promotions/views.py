"""Promotions: documents, their life and their terms."""

from http import HTTPStatus
from typing import Any, Final

from flask import url_for
from marshmallow import Schema, fields

from loyalty.api.auth import caller, check_everywhere
from loyalty.api.errors import read_json
from loyalty.api.v1.answers import moment, text, whole
from loyalty.api.v1.baskets import Body
from loyalty.api.v1.documents import DocumentField, request_body
from loyalty.api.v1.fields import Language, OneOf, Request
from loyalty.api.v1.operations import (
    Operation,
    Resource,
    get,
    path_parameter,
    post,
    put,
)
from loyalty.core.clock import utc_now
from loyalty.promotions import service
from loyalty.promotions.queries import (
    display_names,
    get_promotion,
    list_promotions,
    programme_rules,
)
from loyalty.promotions.render import sentence, terms
from loyalty.promotions.schema import dump_promotion
from loyalty.promotions.values.states import PromotionState, StoredPromotion
from loyalty.staff.values import ApiScope
from loyalty.web.context import database

resource = Resource("Promotions", "What is given, to whom, when and how often.")

EXAMPLE: Final = {
    "code": "coffee-20",
    "name": {"en": "20% off coffee"},
    "trigger": "automatic",
    "valid": {"from": "2026-11-01T00:00", "until": "2027-11-01T00:00"},
    "reward": {"percent_off": {"percent": "20", "on": {"categories": ["coffee"]}}},
    "limits": {"per_purchase": 1, "budget": "5000.00"},
    "combines": "not_on_same_units",
}
ONE: Final = "/promotions/<string:code>"
CODE: Final = path_parameter(
    "code",
    type="string",
    minLength=1,
    format="promotion-code",
    example="coffee-20",
)
MISSING: Final = (HTTPStatus.NOT_FOUND,)
CONFLICTS: Final = (HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)


class PromotionAnswer(Schema):
    """A promotion as it stands."""

    code = text(metadata={"example": "coffee-20"})
    state = text(metadata={"enum": [state.value for state in PromotionState]})
    version = whole(metadata={"description": "Grows with each PUT."})
    created_at = moment()
    changed_at = moment()
    activated_at = moment(nullable=True)
    document = DocumentField(required=True)


class PromotionsAnswer(Schema):
    """Promotions, the oldest first."""

    promotions = fields.List(fields.Nested(PromotionAnswer), required=True)


class StateQuery(Request):
    """Which promotions."""

    state = OneOf(*(state.value for state in PromotionState), load_default=None)


class TermsQuery(Request):
    """In which language."""

    language = Language()


class TermsAnswer(Schema):
    """The full conditions, written from the document itself."""

    language = text()
    sentence = text(metadata={"description": "In one sentence."})
    terms = text(metadata={"description": "Everything that decides."})
    house_rules = text(metadata={"description": "What holds for every promotion."})


@get(
    resource,
    Operation(
        path="/promotions",
        scope=ApiScope.PROMOTIONS_READ,
        query=StateQuery,
        answer=PromotionsAnswer,
    ),
)
def list_the_promotions(query: Body) -> dict[str, object]:
    """List the promotions.

    All of them, or those in one state.
    """
    wanted = query["state"]
    states = tuple(PromotionState) if wanted is None else (PromotionState(wanted),)
    with database().transaction() as session:
        found = list_promotions(session, states=states)
    return {"promotions": [document_of(stored) for stored in found]}


@post(
    resource,
    Operation(
        path="/promotions",
        scope=ApiScope.PROMOTIONS_WRITE,
        answer=PromotionAnswer,
        status=HTTPStatus.CREATED,
        problems=(HTTPStatus.CONFLICT,),
        doc={"requestBody": request_body("PromotionDocument", EXAMPLE)},
    ),
)
def add_a_promotion() -> tuple[dict[str, object], HTTPStatus, dict[str, str]]:
    """Keep a promotion as a draft.

    The document is checked whole; every field at fault is named. Needs a key for all
    stores, as everything that changes promotions.
    """
    check_everywhere()
    with database().transaction() as session:
        row = service.create(
            session, document=read_json(), actor=caller().actor, now=utc_now()
        )
        document = document_of(get_promotion(session, code=row.code))
    place = url_for("Promotions.show_a_promotion", code=document["code"])
    return document, HTTPStatus.CREATED, {"Location": place}


@get(
    resource,
    Operation(
        path=ONE,
        scope=ApiScope.PROMOTIONS_READ,
        answer=PromotionAnswer,
        problems=MISSING,
        parameters=[CODE],
    ),
)
def show_a_promotion(code: str) -> dict[str, object]:
    """Return a promotion.

    With its document as it stands.
    """
    with database().transaction() as session:
        return document_of(get_promotion(session, code=code))


@put(
    resource,
    Operation(
        path=ONE,
        scope=ApiScope.PROMOTIONS_WRITE,
        answer=PromotionAnswer,
        problems=CONFLICTS,
        parameters=[CODE],
        doc={"requestBody": request_body("PromotionDocument", EXAMPLE)},
    ),
)
def revise_a_promotion(code: str) -> dict[str, object]:
    """Make a new version of a promotion.

    What was priced keeps the version that it was priced with. The code can't change.
    """
    check_everywhere()
    with database().transaction() as session:
        service.revise(
            session,
            code=code,
            document=read_json(),
            actor=caller().actor,
            now=utc_now(),
        )
        return document_of(get_promotion(session, code=code))


def _move(code: str, to: PromotionState) -> dict[str, object]:
    check_everywhere()
    with database().transaction() as session:
        service.move(session, code=code, to=to, actor=caller().actor, now=utc_now())
        return document_of(get_promotion(session, code=code))


def _moving(action: str) -> Operation:
    return Operation(
        path=f"{ONE}/{action}",
        scope=ApiScope.PROMOTIONS_WRITE,
        answer=PromotionAnswer,
        problems=CONFLICTS,
        parameters=[CODE],
    )


@post(resource, _moving("pause"))
def pause_a_promotion(code: str) -> dict[str, object]:
    """Stop a promotion for a while.

    It can be activated again.
    """
    return _move(code, PromotionState.PAUSED)


@post(resource, _moving("end"))
def end_a_promotion(code: str) -> dict[str, object]:
    """End a promotion for good.

    It stays readable, and so do the prices computed with it.
    """
    return _move(code, PromotionState.ENDED)


@get(
    resource,
    Operation(
        path=f"{ONE}/terms",
        scope=ApiScope.PROMOTIONS_READ,
        query=TermsQuery,
        answer=TermsAnswer,
        problems=MISSING,
        parameters=[CODE],
    ),
)
def show_the_terms(query: Body, code: str) -> dict[str, str]:
    """Return the terms of a promotion.

    In plain sentences, written from the document itself.
    """
    language: str = query["language"]
    with database().transaction() as session:
        promotion = get_promotion(session, code=code).promotion
        names = display_names(session, promotions=[promotion])
        rules = programme_rules(session, language=language)
    segments = sentence(promotion, language, names=names)
    return {
        "language": language,
        "sentence": "".join(segment.text for segment in segments),
        "terms": terms(promotion, language, names=names),
        "house_rules": rules,
    }


def document_of(stored: StoredPromotion) -> dict[str, Any]:
    """Return a promotion as it is answered."""
    return {
        "code": stored.promotion.code,
        "state": stored.state.value,
        "version": stored.version,
        "created_at": stored.created_at,
        "changed_at": stored.changed_at,
        "activated_at": stored.activated_at,
        "document": dump_promotion(stored.promotion),
    }
