"""A promotion as its JSON document: for what the form does not offer."""

import json
from collections.abc import Sequence
from http import HTTPStatus

from flask import flash, request
from flask.typing import ResponseReturnValue

from loyalty.admin.pages import actor, blueprint, needs_all_stores, show
from loyalty.admin.promotions.listing import TONES, may_write, state_names
from loyalty.core.clock import utc_now
from loyalty.core.errors import Invalid, LoyaltyError, Problem
from loyalty.core.texts import gettext as _
from loyalty.promotions import service
from loyalty.promotions.queries import get_promotion
from loyalty.promotions.schema import dump_promotion
from loyalty.staff.values import Permission
from loyalty.web.context import database
from loyalty.web.guards import requires
from loyalty.web.surface import redirect_to


@blueprint.get("/promotions/<code>/document")
@requires(Permission.PROMOTIONS_READ)
def promotion_document(code: str) -> ResponseReturnValue:
    """Show the document."""
    with database().transaction() as session:
        stored = get_promotion(session, code=code)
    text = json.dumps(dump_promotion(stored.promotion), indent=2, ensure_ascii=False)
    return _show(code, text, ())


@blueprint.post("/promotions/<code>/document")
@requires(Permission.PROMOTIONS_WRITE)
def revise_document(code: str) -> ResponseReturnValue:
    """Make a new version of what was typed."""
    needs_all_stores(Permission.PROMOTIONS_WRITE)
    text = request.form.get("document", "")
    try:
        document = _parsed(text)
        with database().transaction() as session:
            service.revise(
                session, code=code, document=document, actor=actor(), now=utc_now()
            )
    except Invalid as error:
        return _show(code, text, error.problems, HTTPStatus.UNPROCESSABLE_ENTITY)
    except LoyaltyError as error:
        problem = Problem(pointer="", message=str(error))
        return _show(code, text, [problem], HTTPStatus.CONFLICT)
    flash(_("Saved."))
    return redirect_to(f"/admin/promotions/{code}/document")


def _parsed(text: str) -> object:
    try:
        document: object = json.loads(text)
    except (ValueError, RecursionError) as error:
        message = _("This is no JSON: %(problem)s", problem=str(error))
        raise Invalid.field(pointer="", message=message, code="json") from None
    return document


def _show(
    code: str,
    text: str,
    problems: Sequence[Problem],
    status: HTTPStatus = HTTPStatus.OK,
) -> ResponseReturnValue:
    with database().transaction() as session:
        stored = get_promotion(session, code=code)
    return show(
        "promotion_document.html",
        status=status,
        stored=stored,
        text=text,
        problems=problems,
        states=state_names(),
        tones=TONES,
        may_write=may_write(),
    )
