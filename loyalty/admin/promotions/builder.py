"""The builder: a form in three steps, and beside it what the draft would do."""

from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any, Final

from flask import flash, request
from flask.typing import ResponseReturnValue

from loyalty.admin.pages import FieldProblems, actor, blueprint, needs_all_stores, show
from loyalty.admin.promotions.actions import move_promotion
from loyalty.admin.promotions.backtests import PERIODS, begin_backtest
from loyalty.admin.promotions.findings import FindingView, find, refusal
from loyalty.admin.promotions.listing import TONES, may_write, state_names
from loyalty.admin.promotions.looking import Look, look_at, named
from loyalty.admin.promotions.reading import read_values
from loyalty.admin.promotions.starts import document_of
from loyalty.admin.promotions.writing import field_at, write_document
from loyalty.catalogue.queries import list_categories
from loyalty.core.clock import utc_now
from loyalty.core.errors import Invalid, LoyaltyError
from loyalty.core.texts import current_language
from loyalty.core.texts import gettext as _
from loyalty.promotions import service
from loyalty.promotions.queries import get_promotion, totals_of
from loyalty.promotions.schema import dump_promotion
from loyalty.promotions.values.states import PromotionState, StoredPromotion, Totals
from loyalty.staff.values import Permission
from loyalty.stores.queries import list_stores
from loyalty.usecases.check_promotion import FindingsStand
from loyalty.web.context import database
from loyalty.web.guards import requires
from loyalty.web.surface import redirect_to

_UNKNOWN: Final = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    """A form as it is shown: where it came from, what stands in it, what is wrong."""

    start: str
    document: dict[str, Any]
    stored: StoredPromotion | None = None
    typed: dict[str, Any] | None = None
    problems: dict[str, str] | None = None
    findings: tuple[FindingView, ...] | None = None
    """What the check found, where it was asked."""


@blueprint.get("/promotions/new/<start>")
@requires(Permission.PROMOTIONS_WRITE)
def start_promotion(start: str) -> ResponseReturnValue:
    """Show the builder with a template."""
    needs_all_stores(Permission.PROMOTIONS_WRITE)
    return _show(Sheet(start=start, document=document_of(start)))


@blueprint.post("/promotions/new/<start>")
@requires(Permission.PROMOTIONS_WRITE)
def create_promotion(start: str) -> ResponseReturnValue:
    """Keep a new draft, and activate it if that was asked."""
    needs_all_stores(Permission.PROMOTIONS_WRITE)
    return _save(Sheet(start=start, document=document_of(start)))


@blueprint.get("/promotions/<code>")
@requires(Permission.PROMOTIONS_READ)
def promotion(code: str) -> ResponseReturnValue:
    """Show the builder with a promotion as it stands."""
    return _show(_stored_sheet(code))


@blueprint.post("/promotions/<code>")
@requires(Permission.PROMOTIONS_WRITE)
def revise_promotion(code: str) -> ResponseReturnValue:
    """Keep a new version, and activate it if that was asked."""
    needs_all_stores(Permission.PROMOTIONS_WRITE)
    return _save(_stored_sheet(code))


@blueprint.post("/promotions/look")
@requires(Permission.PROMOTIONS_READ)
def look() -> ResponseReturnValue:
    """Show what stands beside the form, for what is typed just now."""
    code = request.form.get("stored_code", "")
    sheet = (
        _stored_sheet(code)
        if code
        else _new_sheet(request.form.get("start", "percent"))
    )
    document = write_document(sheet.document, request.form)
    return show("promotion_look.html", look=_look(document, with_cost=True))


def _new_sheet(start: str) -> Sheet:
    return Sheet(start=start, document=document_of(start))


def _stored_sheet(code: str) -> Sheet:
    with database().transaction() as session:
        stored = get_promotion(session, code=code)
    return Sheet(start="", document=dump_promotion(stored.promotion), stored=stored)


def _save(sheet: Sheet) -> ResponseReturnValue:
    form = request.form
    document = write_document(sheet.document, form)
    typed = {
        **read_values(document),
        **{name: form[name] for name in form},
        "days": form.getlist("days"),
        "stores": form.getlist("stores"),
    }
    action = form.get("action", "save")
    if action == "look":
        return _show(_with(sheet, document, typed, {}), with_cost=True)
    try:
        if action == "backtest":
            return redirect_to(begin_backtest(named(document)))
        code = _keep(sheet, document, activate=action == "activate")
    except Invalid as error:
        problems: dict[str, str] = {}
        for problem in error.problems:
            problems.setdefault(field_at(problem.pointer), problem.message)
        return _show(
            _with(sheet, document, typed, problems),
            status=HTTPStatus.UNPROCESSABLE_ENTITY,
        )
    except FindingsStand:
        begun = None if sheet.stored is None else sheet.stored.activated_at
        standing = _with(sheet, document, typed, {_UNKNOWN: refusal()})
        return _show(
            replace(standing, findings=find(document, begun=begun)),
            status=HTTPStatus.CONFLICT,
        )
    except LoyaltyError as error:
        return _show(
            _with(sheet, document, typed, {_UNKNOWN: str(error)}),
            status=HTTPStatus.CONFLICT,
        )
    flash(_("Activated.") if action == "activate" else _("Saved."))
    return redirect_to(f"/admin/promotions/{code}")


def _keep(sheet: Sheet, document: dict[str, Any], *, activate: bool) -> str:
    now = utc_now()
    with database().transaction() as session:
        if sheet.stored is None:
            row = service.create(session, document=document, actor=actor(), now=now)
        else:
            row = service.revise(
                session,
                code=sheet.stored.promotion.code,
                document=document,
                actor=actor(),
                now=now,
            )
        if activate and row.state is not PromotionState.ACTIVE:
            move_promotion(session, row.code, PromotionState.ACTIVE)
        return row.code


def _with(
    sheet: Sheet,
    document: dict[str, Any],
    typed: dict[str, Any],
    problems: dict[str, str],
) -> Sheet:
    return Sheet(
        start=sheet.start,
        stored=sheet.stored,
        document=document,
        typed=typed,
        problems=problems,
    )


def _look(document: dict[str, Any], *, with_cost: bool) -> Look:
    return look_at(
        document,
        language=request.form.get("sentence_language", current_language()),
        with_cost=with_cost,
    )


def _show(
    sheet: Sheet, *, status: int = HTTPStatus.OK, with_cost: bool = False
) -> ResponseReturnValue:
    with database().transaction() as session:
        categories = list_categories(session)
        stores = list_stores(session)
        totals = Totals()
        if sheet.stored is not None:
            found = totals_of(session, promotion_ids=[sheet.stored.id])
            totals = found.get(sheet.stored.id, totals)
    values = sheet.typed or read_values(sheet.document)
    return show(
        "promotion.html",
        status=status,
        start=sheet.start,
        stored=sheet.stored,
        document=sheet.document,
        values=values,
        problems=FieldProblems(sheet.problems or {}),
        totals=totals,
        look=_look(sheet.document, with_cost=with_cost),
        categories=[(one.path, _category(one.path, one.name)) for one in categories],
        stores=stores,
        states=state_names(),
        tones=TONES,
        may_write=may_write(),
        periods=PERIODS,
        findings=sheet.findings or (),
        checked=sheet.findings is not None,
    )


def _category(path: str, name: str) -> str:
    # Non-breaking spaces: a select shows no other kind of indent.
    return "\u00a0\u00a0" * path.count("/") + name
