"""Coupon codes of a promotion: ordered, handed out once, shared, voided."""

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Final
from zoneinfo import ZoneInfo

from flask import flash, request
from flask.typing import ResponseReturnValue

from loyalty.admin.pages import (
    FieldProblems,
    actor,
    blueprint,
    field,
    first_moment,
    needs_all_stores,
    number,
    problems_by_field,
    show,
    zone_of,
)
from loyalty.admin.promotions.listing import TONES, may_write, state_names
from loyalty.core.clock import machine_now, utc_now
from loyalty.core.errors import Invalid, LoyaltyError
from loyalty.core.texts import gettext as _
from loyalty.promotions.queries import get_promotion
from loyalty.promotions.queries.codes import get_batch, list_batches
from loyalty.promotions.rules.codes import USUAL_MARKS, usual_pattern
from loyalty.promotions.service.codes import add_word, order_codes, void_batch
from loyalty.promotions.values import Trigger
from loyalty.promotions.values.codes import (
    Batch,
    BatchID,
    BatchState,
    CodeOrder,
    CodeRequest,
    CodeTerms,
)
from loyalty.promotions.values.states import PromotionState
from loyalty.staff.queries import actor_names
from loyalty.staff.values import Permission
from loyalty.usecases.make_codes import begin_file
from loyalty.web.code_files import code_file
from loyalty.web.context import database
from loyalty.web.guards import requires
from loyalty.web.surface import redirect_to

_FIELDS: Final = {
    "valid_from": "first_day",
    "valid_until": "last_day",
    "code": "word",
}
"""Fields that are called otherwise in the forms than in the service."""


@blueprint.get("/promotions/<code>/codes")
@requires(Permission.PROMOTIONS_READ)
def promotion_codes(code: str) -> ResponseReturnValue:
    """Show the codes by batches, and the forms for more."""
    return _show(code)


@blueprint.get("/promotions/<code>/codes/<int:batch>")
@requires(Permission.PROMOTIONS_READ)
def code_batch(code: str, batch: int) -> ResponseReturnValue:
    """Show how far a batch is, as its line of the list."""
    with database().transaction() as session:
        stored = get_promotion(session, code=code)
        found = get_batch(session, promotion=code, batch_id=BatchID(batch))
        by = actor_names(session).get(found.ordered_by, found.ordered_by)
    standing, tone = _standing(found, utc_now())
    return show(
        "promotion_codes_row.html",
        stored=stored,
        batch=found,
        standing=standing,
        tone=tone,
        by=by,
        may_write=may_write(),
    )


@blueprint.post("/promotions/<code>/codes")
@requires(Permission.PROMOTIONS_WRITE)
def order_more_codes(code: str) -> ResponseReturnValue:
    """Keep an order of secret codes, whose file is made when it is fetched."""
    needs_all_stores(Permission.PROMOTIONS_WRITE)
    try:
        with database().transaction() as session:
            order = CodeOrder(
                pattern=field("pattern"),
                count=number("count", otherwise=0),
                terms=_terms(zone_of(session), uses=number("uses", otherwise=0)),
            )
            order_codes(
                session,
                promotion=code,
                order=order,
                request=CodeRequest(actor=actor()),
                now=machine_now(),
            )
    except LoyaltyError as error:
        return _refused(code, "bulk", error)
    flash(_("Ordered. Download the file: the codes are made while it comes."))
    return redirect_to(f"/admin/promotions/{code}/codes")


@blueprint.post("/promotions/<code>/codes/shared")
@requires(Permission.PROMOTIONS_WRITE)
def share_code(code: str) -> ResponseReturnValue:
    """Let a word be a code at once."""
    needs_all_stores(Permission.PROMOTIONS_WRITE)
    try:
        with database().transaction() as session:
            uses = number("uses", otherwise=0) if field("uses") else None
            add_word(
                session,
                promotion=code,
                word=request.form.get("word", ""),
                terms=_terms(zone_of(session), uses=uses),
                actor=actor(),
                now=utc_now(),
            )
    except LoyaltyError as error:
        return _refused(code, "shared", error)
    flash(_("The code is in force."))
    return redirect_to(f"/admin/promotions/{code}/codes")


@blueprint.post("/promotions/<code>/codes/<int:batch>/file")
@requires(Permission.PROMOTIONS_WRITE)
def hand_out_codes(code: str, batch: int) -> ResponseReturnValue:
    """Make the codes of an order into a file, once."""
    needs_all_stores(Permission.PROMOTIONS_WRITE)
    try:
        with database().transaction() as session:
            file = begin_file(
                session, promotion=code, batch_id=BatchID(batch), now=machine_now()
            )
    except LoyaltyError as error:
        flash(str(error), "bad")
        return redirect_to(f"/admin/promotions/{code}/codes")
    return code_file(file)


@blueprint.post("/promotions/<code>/codes/<int:batch>/void")
@requires(Permission.PROMOTIONS_WRITE)
def void_codes(code: str, batch: int) -> ResponseReturnValue:
    """Put a batch out of force."""
    needs_all_stores(Permission.PROMOTIONS_WRITE)
    try:
        with database().transaction() as session:
            void_batch(
                session,
                promotion=code,
                batch_id=BatchID(batch),
                actor=actor(),
                now=utc_now(),
            )
    except LoyaltyError as error:
        flash(str(error), "bad")
    else:
        flash(_("Void: no basket gets anything by these codes any more."))
    return redirect_to(f"/admin/promotions/{code}/codes")


def _terms(zone: ZoneInfo, *, uses: int | None) -> CodeTerms:
    return CodeTerms(
        label=field("label"),
        valid_from=_day("first_day", zone),
        valid_until=_day("last_day", zone, day_after=True),
        uses=uses,
        per_customer=number("per_customer", otherwise=0)
        if field("per_customer")
        else None,
    )


def _day(name: str, zone: ZoneInfo, *, day_after: bool = False) -> datetime | None:
    return first_moment(name, zone, day_after=day_after) if field(name) else None


def _refused(code: str, form: str, error: LoyaltyError) -> ResponseReturnValue:
    if not isinstance(error, Invalid):
        problems = FieldProblems({"": str(error)})
        return _show(code, form=form, problems=problems, status=HTTPStatus.CONFLICT)
    problems = FieldProblems(
        (_FIELDS.get(name, name), message)
        for name, message in problems_by_field(error).items()
    )
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    return _show(code, form=form, problems=problems, status=status)


def _show(
    code: str,
    *,
    form: str = "",
    problems: FieldProblems | None = None,
    status: int = HTTPStatus.OK,
) -> ResponseReturnValue:
    now = utc_now()
    with database().transaction() as session:
        stored = get_promotion(session, code=code)
        batches = list_batches(session, promotion=code)
        names = actor_names(session)
    typed: dict[str, Mapping[str, str]] = {"bulk": {}, "shared": {}}
    if form:
        typed[form] = request.form
    return show(
        "promotion_codes.html",
        status=status,
        stored=stored,
        batches=[
            (
                batch,
                *_standing(batch, now),
                names.get(batch.ordered_by, batch.ordered_by),
            )
            for batch in batches
        ],
        takes_codes=stored.promotion.trigger is Trigger.CODE
        and stored.state is not PromotionState.ENDED,
        problems=problems or FieldProblems(),
        wrongs={
            name: problems if name == form and problems else FieldProblems()
            for name in typed
        },
        typed=typed,
        usual=usual_pattern(USUAL_MARKS),
        states=state_names(),
        tones=TONES,
        may_write=may_write(),
    )


def _standing(batch: Batch, now: datetime) -> tuple[str, str]:
    """Return in a word how a batch stands, and the tone of it."""
    start, until = batch.terms.valid_from, batch.terms.valid_until
    if batch.voided_at is not None:
        return _("Void"), "bad"
    if batch.state is BatchState.READY and until is not None and until <= now:
        return _("Expired"), "plain"
    if batch.state is BatchState.READY and start is not None and start > now:
        return _("Not yet"), "plain"
    return {
        BatchState.ORDERED: (_("Ordered"), "warn"),
        BatchState.MAKING: (_("Being made"), "info"),
        BatchState.BROKEN: (_("Broken"), "bad"),
        BatchState.READY: (_("In force"), "good"),
    }[batch.state]
